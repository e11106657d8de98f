#include "operations.hpp"

#include "families.hpp"

const std::vector<OperationList> &operationLists() {
  static const std::vector<OperationList> lists = {
      pointOperations(), filterOperations(), edgeOperations(),       morphologyOperations(),
      placeOperations(), shapeOperations(),  statisticsOperations(), colourOperations(),
      blobOperations(),  matchOperations()};
  return lists;
}
