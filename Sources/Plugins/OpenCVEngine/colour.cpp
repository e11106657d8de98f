#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

const Operation operations[] = {
    {"gray", [](Call &call) { cv::cvtColor(call.input(), call.output, cv::COLOR_RGB2GRAY); }},
    {"hsv", [](Call &call) { cv::cvtColor(call.input(), call.output, cv::COLOR_RGB2HSV); }},
    {"lab", [](Call &call) { cv::cvtColor(call.input(), call.output, cv::COLOR_RGB2Lab); }},
    {"demosaic",
     [](Call &call) {
       // OpenCV names a pattern by its second row and column.
       const int codes[] = {cv::COLOR_BayerBG2RGB, cv::COLOR_BayerGB2RGB, cv::COLOR_BayerGR2RGB,
                            cv::COLOR_BayerRG2RGB};
       cv::cvtColor(call.input(), call.output, codes[call.whole(0)]);
     }},
};

} // namespace

OperationList colourOperations() { return {std::begin(operations), std::end(operations)}; }
