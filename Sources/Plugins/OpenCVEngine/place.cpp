#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

/// Parameters: the matrix, then method, border, the constant outside.
void warp(Call &call, int numbers) {
  cv::Mat matrix(numbers / 3, 3, CV_64F);
  for (int i = 0; i < numbers; ++i) matrix.at<double>(i / 3, i % 3) = call.parameter(i);
  const int method = call.whole(numbers), border = call.whole(numbers + 1);
  const cv::Scalar value = cv::Scalar::all(call.parameter(numbers + 2));
  if (numbers == 6)
    cv::warpAffine(call.input(), call.output, matrix, call.output.size(), method, border, value);
  else
    cv::warpPerspective(call.input(), call.output, matrix, call.output.size(), method, border,
                        value);
}

/// A place of the input for every pixel of the output.
void remap(Call &call, cv::Point2d (*place)(const Call &, int x, int y)) {
  cv::Mat places(call.output.size(), CV_32FC2);
  for (int y = 0; y < places.rows; ++y)
    for (int x = 0; x < places.cols; ++x) places.at<cv::Point2f>(y, x) = place(call, x, y);
  cv::remap(call.input(), call.output, places, cv::noArray(), cv::INTER_LINEAR);
}

cv::Point2d undistorted(const Call &call, int column, int row) {
  const double fx = call.parameter(0), fy = call.parameter(1), cx = call.parameter(2),
               cy = call.parameter(3);
  const auto k = [&](int i) { return call.parameter(4 + i); };
  const double x = (column - cx) / fx, y = (row - cy) / fy, r = x * x + y * y;
  const double radial = (1 + ((k(4) * r + k(1)) * r + k(0)) * r) /
                        (1 + ((k(7) * r + k(6)) * r + k(5)) * r);
  return {(x * radial + 2 * k(2) * x * y + k(3) * (r + 2 * x * x)) * fx + cx,
          (y * radial + k(2) * (r + 2 * y * y) + 2 * k(3) * x * y) * fy + cy};
}

cv::Point2d polar(const Call &call, int x, int y) {
  const double angle = 2 * CV_PI * x / call.output.cols;
  const double share = double(y) / std::max(call.output.rows - 1, 1);
  const double radius = call.parameter(2) + (call.parameter(3) - call.parameter(2)) * share;
  return {call.parameter(0) + radius * std::cos(angle),
          call.parameter(1) - radius * std::sin(angle)};
}

const Operation operations[] = {
    {"flip", [](Call &call) { cv::flip(call.input(), call.output, call.whole(0)); }},
    {"transpose", [](Call &call) { cv::transpose(call.input(), call.output); }},
    {"rotate90",
     [](Call &call) {
       const int codes[] = {0, cv::ROTATE_90_COUNTERCLOCKWISE, cv::ROTATE_180,
                            cv::ROTATE_90_CLOCKWISE};
       const int turns = call.whole(0);
       if (turns == 0)
         call.input().copyTo(call.output);
       else
         cv::rotate(call.input(), call.output, codes[turns]);
     }},
    {"resize",
     [](Call &call) {
       cv::resize(call.input(), call.output, call.output.size(), 0, 0, call.whole(0));
     }},
    {"pyramid-down", [](Call &call) { cv::pyrDown(call.input(), call.output); }},
    {"pyramid-up", [](Call &call) { cv::pyrUp(call.input(), call.output); }},
    {"warp-affine", [](Call &call) { warp(call, 6); }},
    {"warp-perspective", [](Call &call) { warp(call, 9); }},
    {"undistort", [](Call &call) { remap(call, undistorted); }},
    {"polar", [](Call &call) { remap(call, polar); }},
};

} // namespace

OperationList placeOperations() { return {std::begin(operations), std::end(operations)}; }
