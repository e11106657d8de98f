#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

const Operation operations[] = {
    // The picture, the template, and 255 where a pixel of the template counts.
    {"match-template",
     [](Call &call) {
       cv::matchTemplate(call.input(0), call.input(1), call.output, cv::TM_CCOEFF_NORMED,
                         call.input(2));
     }},
};

} // namespace

OperationList matchOperations() { return {std::begin(operations), std::end(operations)}; }
