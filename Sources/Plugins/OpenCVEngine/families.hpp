// The files of operators.
#pragma once

#include "operations.hpp"

OperationList pointOperations();
OperationList filterOperations();
OperationList morphologyOperations();
OperationList statisticsOperations();
OperationList edgeOperations();
OperationList placeOperations();
OperationList shapeOperations();
OperationList colourOperations();
OperationList blobOperations();
OperationList matchOperations();
