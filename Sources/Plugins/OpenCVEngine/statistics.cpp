#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

const Operation operations[] = {
    {"histogram",
     [](Call &call) {
       const int channel = 0, bins = 256;
       const float range[] = {0, 256};
       const float *ranges = range;
       cv::Mat counts;
       cv::calcHist(&call.input(), 1, &channel, cv::Mat(), counts, 1, &bins, &ranges);
       for (int i = 0; i < bins; ++i) call.answer(counts.at<float>(i));
     }},
    {"stats",
     [](Call &call) {
       cv::Scalar mean, deviation;
       double least, greatest;
       cv::meanStdDev(call.input(), mean, deviation);
       cv::minMaxLoc(call.input(), &least, &greatest);
       for (double number : {mean[0], deviation[0], least, greatest}) call.answer(number);
     }},
};

} // namespace

OperationList statisticsOperations() { return {std::begin(operations), std::end(operations)}; }
