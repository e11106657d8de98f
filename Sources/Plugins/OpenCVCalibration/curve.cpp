#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

/// Parameters: points. Answers the centre, two diameters, and degrees of the first one clockwise.
void ellipse(Call &call) {
  Parameters parameters(call);
  const int count = parameters.whole();
  const cv::RotatedRect box = cv::fitEllipse(parameters.points(count));
  for (float value : {box.center.x, box.center.y, box.size.width, box.size.height, box.angle})
    call.answer(value);
}

/// Parameters: points. Answers a unit vector along the line and a point of it.
void line(Call &call) {
  Parameters parameters(call);
  const int count = parameters.whole();
  cv::Vec4f line;
  cv::fitLine(parameters.points(count), line, cv::DIST_L2, 0, 1e-4, 1e-4);
  for (int i = 0; i < 4; ++i) call.answer(line[i]);
}

const Operation operations[] = {{"ellipse", ellipse}, {"line", line}};

} // namespace

OperationList curveOperations() { return {std::begin(operations), std::end(operations)}; }
