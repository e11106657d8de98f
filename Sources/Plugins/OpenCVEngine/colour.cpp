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
       const int codes[2][4] = {{cv::COLOR_BayerBG2RGB, cv::COLOR_BayerGB2RGB,
                                 cv::COLOR_BayerGR2RGB, cv::COLOR_BayerRG2RGB},
                                {cv::COLOR_BayerBG2RGB_EA, cv::COLOR_BayerGB2RGB_EA,
                                 cv::COLOR_BayerGR2RGB_EA, cv::COLOR_BayerRG2RGB_EA}};
       const int code = codes[call.whole(1)][call.whole(0)];
       if (call.whole(1) == 0) {
         cv::cvtColor(call.input(), call.output, code);
       } else if (call.input().rows < 3 || call.input().cols < 3) {
         // The edge-aware one knows no pictures without an inner pixel,
         call.output.setTo(0);
       } else {
         // and takes rows for following one another without a gap.
         cv::Mat tight;
         cv::cvtColor(call.input().clone(), tight, code);
         tight.copyTo(call.output);
       }
     }},
    {"yuv422",
     [](Call &call) {
       // Whole pairs; OpenCV takes two bytes as a pixel.
       const cv::Mat &bytes = call.input();
       cv::Mat pixels(bytes.rows, call.output.cols, CV_8UC2, bytes.data, bytes.step);
       const int codes[] = {cv::COLOR_YUV2RGB_YUYV, cv::COLOR_YUV2RGB_UYVY, cv::COLOR_YUV2RGB_YVYU};
       if (call.whole(0) < 3) {
         cv::cvtColor(pixels, call.output, codes[call.whole(0)]);
         return;
       }
       // It does not know VYUY: the differences change places.
       cv::Mat pairs(bytes.rows, call.output.cols / 2, CV_8UC4, bytes.data, bytes.step);
       cv::Mat turned(pairs.size(), pairs.type());
       cv::mixChannels({pairs}, {turned}, {0, 2, 1, 1, 2, 0, 3, 3});
       cv::cvtColor(turned.reshape(2), call.output, cv::COLOR_YUV2RGB_UYVY);
     }},
    {"nv12",
     [](Call &call) {
       const cv::Size size = call.output.size();
       cv::cvtColor(call.input()(cv::Rect(0, 0, size.width, size.height / 2 * 3)), call.output,
                    call.whole(0) == 0 ? cv::COLOR_YUV2RGB_NV12 : cv::COLOR_YUV2RGB_NV21);
     }},
    {"unpack",
     [](Call &call) {
       // Groups of bytes and of samples as pixels of so many channels.
       const cv::Mat &in = call.input();
       const int bytes = call.whole(0), samples = call.whole(1);
       const int groups = in.cols / bytes;
       cv::Mat from(in.rows, groups, CV_8UC(bytes), in.data, in.step);
       cv::Mat to(in.rows, groups, CV_16UC(samples), call.output.data, call.output.step);
       cv::Mat part, wide, sum;
       for (int sample = 0; sample < samples; ++sample) {
         sum = cv::Mat::zeros(in.rows, groups, CV_16UC1);
         for (int i = 2 + 6 * sample; i < 8 + 6 * sample; i += 3) {
           cv::extractChannel(from, part, call.whole(i));
           cv::bitwise_and(part, cv::Scalar(call.whole(i + 1)), part);
           part.convertTo(wide, CV_16U, call.parameter(i + 2));
           cv::add(sum, wide, sum);
         }
         cv::insertChannel(sum, to, sample);
       }
     }},
};

} // namespace

OperationList colourOperations() { return {std::begin(operations), std::end(operations)}; }
