#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

const Operation operations[] = {
    {"box",
     [](Call &call) {
       cv::blur(call.input(), call.output, cv::Size(call.whole(0), call.whole(1)),
                cv::Point(-1, -1), call.whole(2));
     }},
    {"gaussian",
     [](Call &call) {
       const int size = call.whole(0);
       cv::GaussianBlur(call.input(), call.output, cv::Size(size, size), call.parameter(1), 0,
                        call.whole(2));
     }},
    {"median", [](Call &call) { cv::medianBlur(call.input(), call.output, call.whole(0)); }},
    {"bilateral",
     [](Call &call) {
       cv::bilateralFilter(call.input(), call.output, call.whole(0), call.parameter(1),
                           call.parameter(2));
     }},
};

} // namespace

OperationList filterOperations() { return {std::begin(operations), std::end(operations)}; }
