#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

/// Parameters: shape (0 rect, 1 cross, 2 ellipse, OpenCV's own numbers), width, height, iterations.
void morph(Call &call, int operation) {
  const cv::Mat element = cv::getStructuringElement(
      call.whole(0), cv::Size(call.whole(1), call.whole(2)));
  cv::morphologyEx(call.input(), call.output, operation, element, cv::Point(-1, -1),
                   call.whole(3));
}

const Operation operations[] = {
    {"erode", [](Call &call) { morph(call, cv::MORPH_ERODE); }},
    {"dilate", [](Call &call) { morph(call, cv::MORPH_DILATE); }},
    {"open", [](Call &call) { morph(call, cv::MORPH_OPEN); }},
    {"close", [](Call &call) { morph(call, cv::MORPH_CLOSE); }},
    {"tophat", [](Call &call) { morph(call, cv::MORPH_TOPHAT); }},
    {"blackhat", [](Call &call) { morph(call, cv::MORPH_BLACKHAT); }},
    {"morph-gradient", [](Call &call) { morph(call, cv::MORPH_GRADIENT); }},
};

} // namespace

OperationList morphologyOperations() { return {std::begin(operations), std::end(operations)}; }
