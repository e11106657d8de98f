#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

/// Of bytes signed 16 bits, of single precision the same.
int depth(const Call &call) { return call.input().depth() == CV_32F ? CV_32F : CV_16S; }

/// Signed 16 bits to unsigned ones, 32768 where the derivative is 0; single precision as it is.
void store(Call &call, const cv::Mat &derivative) {
  if (derivative.depth() == CV_32F) {
    derivative.copyTo(call.output);
    return;
  }
  derivative.convertTo(call.output, CV_16U, 1, 32768);
}

const Operation operations[] = {
    {"sobel",
     [](Call &call) {
       cv::Mat derivative;
       cv::Sobel(call.input(), derivative, depth(call), call.whole(0), call.whole(1), call.whole(2));
       store(call, derivative);
     }},
    {"scharr",
     [](Call &call) {
       cv::Mat derivative;
       cv::Scharr(call.input(), derivative, depth(call), call.whole(0), call.whole(1));
       store(call, derivative);
     }},
    {"laplacian",
     [](Call &call) {
       cv::Mat derivative;
       cv::Laplacian(call.input(), derivative, depth(call), call.whole(0));
       store(call, derivative);
     }},
    {"gradient",
     [](Call &call) {
       cv::Mat dx, dy;
       cv::spatialGradient(call.input(), dx, dy, 3, cv::BORDER_REFLECT_101);
       cv::Mat sum = cv::abs(dx) + cv::abs(dy);
       sum.convertTo(call.output, CV_8U);
     }},
    {"canny",
     [](Call &call) {
       cv::Canny(call.input(), call.output, call.parameter(0), call.parameter(1), 3, false);
     }},
};

} // namespace

OperationList edgeOperations() { return {std::begin(operations), std::end(operations)}; }
