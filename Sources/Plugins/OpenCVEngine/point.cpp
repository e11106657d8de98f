#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

void applyTable(Call &call, const std::vector<double> &table) {
  const cv::Mat &input = call.input();
  if (input.depth() == CV_8U) {
    cv::Mat levels(1, 256, CV_8U);
    for (int i = 0; i < 256; ++i) levels.at<uchar>(i) = cv::saturate_cast<uchar>(table[i]);
    cv::LUT(input, levels, call.output);
    return;
  }
  for (int y = 0; y < input.rows; ++y)
    for (int x = 0; x < input.cols; ++x)
      call.output.at<ushort>(y, x) = cv::saturate_cast<ushort>(table[input.at<ushort>(y, x)]);
}

const Operation operations[] = {
    {"threshold",
     [](Call &call) {
       cv::threshold(call.input(), call.output, call.parameter(0), call.parameter(1),
                     call.whole(2));
     }},
    {"otsu",
     [](Call &call) {
       call.answer(cv::threshold(call.input(), call.output, 0, call.parameter(0),
                                 call.whole(1) | cv::THRESH_OTSU));
     }},
    {"adaptive",
     [](Call &call) {
       cv::adaptiveThreshold(call.input(), call.output, call.parameter(4), call.whole(0),
                             call.whole(3), call.whole(1), call.parameter(2));
     }},
    {"equalize", [](Call &call) { cv::equalizeHist(call.input(), call.output); }},
    {"clahe",
     [](Call &call) {
       cv::createCLAHE(call.parameter(0), cv::Size(call.whole(1), call.whole(2)))
           ->apply(call.input(), call.output);
     }},
    {"normalize",
     [](Call &call) {
       const double top = call.input().depth() == CV_8U ? 255 : 65535;
       const double high = call.whole(2) ? call.parameter(1) : top;
       cv::normalize(call.input(), call.output, call.parameter(0), high, cv::NORM_MINMAX, -1,
                     call.mask());
     }},
    {"gamma",
     [](Call &call) {
       const int levels = call.input().depth() == CV_8U ? 256 : 65536;
       std::vector<double> table(levels);
       for (int i = 0; i < levels; ++i)
         table[i] = (levels - 1) * std::pow(i / (levels - 1.0), call.parameter(0));
       applyTable(call, table);
     }},
    {"lut",
     [](Call &call) {
       std::vector<double> table(256);
       for (int i = 0; i < 256; ++i) table[i] = call.parameter(i);
       applyTable(call, table);
     }},
    {"not", [](Call &call) { cv::bitwise_not(call.input(), call.output); }},
    {"absdiff", [](Call &call) { cv::absdiff(call.input(0), call.input(1), call.output); }},
    {"add", [](Call &call) { cv::add(call.input(0), call.input(1), call.output); }},
    {"subtract", [](Call &call) { cv::subtract(call.input(0), call.input(1), call.output); }},
    {"multiply",
     [](Call &call) {
       if (call.parameter(0) != 1 || call.input().depth() == CV_8U) {
         cv::multiply(call.input(0), call.input(1), call.output, call.parameter(0));
         return;
       }
       // Whole products of 16-bit pixels overflow in OpenCV; real ones do not.
       cv::Mat product;
       cv::multiply(call.input(0), call.input(1), product, 1, CV_32F);
       product = cv::min(product, 65535);
       product.convertTo(call.output, CV_16U);
     }},
    {"min", [](Call &call) { cv::min(call.input(0), call.input(1), call.output); }},
    {"max", [](Call &call) { cv::max(call.input(0), call.input(1), call.output); }},
    {"and", [](Call &call) { cv::bitwise_and(call.input(0), call.input(1), call.output); }},
    {"or", [](Call &call) { cv::bitwise_or(call.input(0), call.input(1), call.output); }},
    {"xor", [](Call &call) { cv::bitwise_xor(call.input(0), call.input(1), call.output); }},
};

} // namespace

OperationList pointOperations() { return {std::begin(operations), std::end(operations)}; }
