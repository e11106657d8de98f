#include <opencv2/calib3d.hpp>

#include "families.hpp"

namespace {

/// Beyond any residual: all points take part, and OpenCV refines with all of them.
const double everything = 1e9;

cv::Mat squared(const cv::Mat &affine) {
  if (affine.empty()) throw std::runtime_error("OpenCV finds no map");
  cv::Mat map = cv::Mat::eye(3, 3, CV_64F);
  affine.copyTo(map.rowRange(0, affine.rows));
  return map;
}

/// Parameters: 0 turned and scaled, 1 affine, 2 with perspective; points, from, to. Answers nine
/// numbers, row by row.
void map(Call &call) {
  Parameters parameters(call);
  const int kind = parameters.whole(), count = parameters.whole();
  const std::vector<cv::Point2f> from = parameters.points(count), to = parameters.points(count);
  switch (kind) {
  case 0:
    return answerAll(call, squared(cv::estimateAffinePartial2D(from, to, cv::noArray(), cv::RANSAC,
                                                               everything, 2000, 0.99, 50)));
  case 1:
    return answerAll(call, squared(cv::estimateAffine2D(from, to, cv::noArray(), cv::RANSAC,
                                                        everything, 2000, 0.99, 50)));
  default:
    return answerAll(call, squared(cv::findHomography(from, to)));
  }
}

/// Parameters: method, pairs, then of each pair the flange in the base and the target in the camera,
/// each a rotation row by row and a shift. Answers the camera in the flange in the same way.
void handEye(Call &call) {
  Parameters parameters(call);
  const auto method = static_cast<cv::HandEyeCalibrationMethod>(parameters.whole());
  const int pairs = parameters.whole();
  std::vector<cv::Mat> flangeTurns, flangeShifts, targetTurns, targetShifts;
  for (int i = 0; i < pairs; ++i) {
    flangeTurns.push_back(parameters.matrix(3, 3));
    flangeShifts.push_back(parameters.matrix(3, 1));
    targetTurns.push_back(parameters.matrix(3, 3));
    targetShifts.push_back(parameters.matrix(3, 1));
  }
  cv::Mat turn, shift;
  cv::calibrateHandEye(flangeTurns, flangeShifts, targetTurns, targetShifts, turn, shift, method);
  answerAll(call, turn);
  answerAll(call, shift);
}

const Operation operations[] = {{"map", map}, {"hand-eye", handEye}};

} // namespace

OperationList robotOperations() { return {std::begin(operations), std::end(operations)}; }
