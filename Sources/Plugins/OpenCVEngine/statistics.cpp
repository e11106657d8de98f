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
       cv::calcHist(&call.input(), 1, &channel, call.mask(), counts, 1, &bins, &ranges);
       for (int i = 0; i < bins; ++i) call.answer(counts.at<float>(i));
     }},
    {"integral",
     [](Call &call) {
       // Of 16-bit pixels OpenCV makes real sums only.
       cv::Mat sums;
       cv::integral(call.input(), sums, call.input().depth() == CV_8U ? call.output.type() : CV_64F);
       sums.convertTo(call.output, call.output.type());
       const int x = call.output.cols - 1, y = call.output.rows - 1;
       const bool isWhole = call.output.depth() == CV_32S;
       call.answer(isWhole ? call.output.at<int>(y, x) : call.output.at<double>(y, x));
     }},
    {"stats",
     [](Call &call) {
       cv::Scalar mean, deviation;
       double least, greatest;
       cv::meanStdDev(call.input(), mean, deviation, call.mask());
       cv::minMaxLoc(call.input(), &least, &greatest, nullptr, nullptr, call.mask());
       for (double number : {mean[0], deviation[0], least, greatest}) call.answer(number);
     }},
};

} // namespace

OperationList statisticsOperations() { return {std::begin(operations), std::end(operations)}; }
