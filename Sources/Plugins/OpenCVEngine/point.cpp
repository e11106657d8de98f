#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

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
    {"absdiff", [](Call &call) { cv::absdiff(call.input(0), call.input(1), call.output); }},
    {"add", [](Call &call) { cv::add(call.input(0), call.input(1), call.output); }},
    {"subtract", [](Call &call) { cv::subtract(call.input(0), call.input(1), call.output); }},
    {"min", [](Call &call) { cv::min(call.input(0), call.input(1), call.output); }},
    {"max", [](Call &call) { cv::max(call.input(0), call.input(1), call.output); }},
    {"and", [](Call &call) { cv::bitwise_and(call.input(0), call.input(1), call.output); }},
    {"or", [](Call &call) { cv::bitwise_or(call.input(0), call.input(1), call.output); }},
    {"xor", [](Call &call) { cv::bitwise_xor(call.input(0), call.input(1), call.output); }},
};

} // namespace

OperationList pointOperations() { return {std::begin(operations), std::end(operations)}; }
