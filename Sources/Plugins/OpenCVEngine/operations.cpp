#include "operations.hpp"

#include "families.hpp"

const std::vector<OperationList> &operationLists() {
  static const std::vector<OperationList> lists = {
      pointOperations(), filterOperations(), morphologyOperations(), statisticsOperations()};
  return lists;
}
