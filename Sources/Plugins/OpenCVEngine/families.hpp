// The files of operators.
#pragma once

#include "operations.hpp"

OperationList pointOperations();
OperationList filterOperations();
OperationList morphologyOperations();
OperationList statisticsOperations();
