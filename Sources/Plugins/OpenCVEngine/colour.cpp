#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

const Operation operations[] = {
    {"x-colour", [](Call &) {}},
};

} // namespace

OperationList colourOperations() { return {std::begin(operations), std::end(operations)}; }
