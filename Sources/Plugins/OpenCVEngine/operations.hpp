// What an operator of this engine is: a name and a function on a call.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/core/ocl.hpp>

#include "plugin_abi.h"

/// A call as matrices over the caller's memory; nothing is copied.
class Call {
public:
  explicit Call(plugin_call &request) : request(request) {
    for (int i = 0; i < request.input_count; ++i) inputs.push_back(wrap(request.inputs[i]));
    if (request.output) output = wrap(*request.output);
    request.number_count = 0;
  }

  const cv::Mat &input(int index = 0) const { return inputs.at(index); }

  /// The pixels that count, behind the pictures; empty: all of them.
  cv::Mat mask(size_t pictures = 1) const {
    return inputs.size() > pictures ? inputs[pictures] : cv::Mat();
  }

  double parameter(int index) const {
    if (index >= request.parameter_count) throw std::runtime_error("a parameter is missing");
    return request.parameters[index];
  }
  int whole(int index) const { return cvRound(parameter(index)); }

  void answer(double number) {
    if (request.number_count >= request.number_capacity)
      throw std::runtime_error("more numbers than there is room for");
    request.numbers[request.number_count++] = number;
  }

  /// Where the result goes. OpenCV makes a new matrix where the size or the type differs; `finish`
  /// then says so instead of losing it.
  cv::Mat output;

  void finish() const {
    if (!request.output) return;
    cv::Mat wanted = wrap(*request.output);
    if (output.data == wanted.data) return;
    if (output.size() != wanted.size() || output.type() != wanted.type())
      throw std::runtime_error("the result has another size or depth than was asked for");
    output.copyTo(wanted);
  }

private:
  plugin_call &request;
  std::vector<cv::Mat> inputs;

  static cv::Mat wrap(const plugin_raster &raster) {
    static const int types[] = {CV_8UC1,  CV_16UC1, CV_16SC1, CV_32SC1,
                                CV_32FC1, CV_64FC1, CV_8UC3,  CV_16UC3};
    if (raster.format < 0 || raster.format > PLUGIN_RGB16)
      throw std::runtime_error("unknown pixel format");
    return cv::Mat(raster.height, raster.width, types[raster.format], raster.pixels,
                   static_cast<size_t>(raster.row_bytes));
  }
};

struct Operation {
  const char *name;
  void (*run)(Call &call);
};

/// The operators of one file, first to last.
struct OperationList {
  const Operation *first;
  const Operation *last;
};

/// One list a file of operators; a new file is added in operations.cpp.
const std::vector<OperationList> &operationLists();
