#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

const Operation operations[] = {
    {"x-shape", [](Call &) {}},
};

} // namespace

OperationList shapeOperations() { return {std::begin(operations), std::end(operations)}; }
