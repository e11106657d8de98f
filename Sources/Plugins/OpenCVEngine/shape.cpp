#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

/// What is not zero as 255.
cv::Mat binary(const cv::Mat &input) { return input != 0; }

void fillHoles(Call &call) {
  cv::Mat padded;
  cv::copyMakeBorder(binary(call.input()), padded, 1, 1, 1, 1, cv::BORDER_CONSTANT, 0);
  cv::floodFill(padded, cv::Point(0, 0), 128, nullptr, 0, 0, 4);
  cv::Mat filled = padded != 128;
  filled(cv::Rect(cv::Point(1, 1), call.input().size())).copyTo(call.output);
}

void reconstruct(Call &call) {
  const cv::Mat &mask = call.input(1);
  cv::Mat grown = cv::min(call.input(0), mask), next;
  while (true) {
    cv::dilate(grown, next, cv::Mat::ones(3, 3, CV_8U));
    cv::min(next, mask, next);
    if (cv::norm(grown, next, cv::NORM_INF) == 0) break;
    cv::swap(grown, next);
  }
  grown.copyTo(call.output);
}

void distance(Call &call) {
  const cv::Mat set = binary(call.input());
  // Where no pixel is zero there is no distance.
  if (cv::countNonZero(set) == int(set.total())) {
    call.output.setTo(65535);
    return;
  }
  cv::Mat distances;
  cv::distanceTransform(set, distances, cv::DIST_L2, cv::DIST_MASK_PRECISE, CV_32F);
  distances.convertTo(call.output, CV_16U, 256);
}

const Operation operations[] = {
    {"distance", distance},
    {"fill-holes", fillHoles},
    {"reconstruct", reconstruct},
};

} // namespace

OperationList shapeOperations() { return {std::begin(operations), std::end(operations)}; }
