#include "families.hpp"

const std::vector<OperationList> &operationLists() {
  static const std::vector<OperationList> lists = {plateOperations(), cameraOperations(),
                                                   robotOperations(), curveOperations()};
  return lists;
}
