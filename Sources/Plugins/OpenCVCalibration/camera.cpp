#include <limits>

#include <opencv2/calib3d.hpp>

#include "families.hpp"

namespace {

/// Parameters: width, height, coefficients (5 or 8), views, marks, the plate's marks, the pixels of
/// every view. Answers fx, fy, cx, cy and the coefficients, their standard deviations, then a
/// rotation vector and a shift a view.
void calibrate(Call &call) {
  Parameters parameters(call);
  const int width = parameters.whole(), height = parameters.whole();
  const int coefficients = parameters.whole(), views = parameters.whole();
  const int marks = parameters.whole();
  const std::vector<std::vector<cv::Point3f>> plates(views, parameters.plate(marks));
  std::vector<std::vector<cv::Point2f>> pixels;
  for (int i = 0; i < views; ++i) pixels.push_back(parameters.points(marks));
  cv::Mat camera, distortion, turns, shifts, sigmas, ofPoses, errors;
  cv::calibrateCamera(
      plates, pixels, cv::Size(width, height), camera, distortion, turns, shifts, sigmas, ofPoses,
      errors, coefficients == 8 ? cv::CALIB_RATIONAL_MODEL : 0,
      cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 100,
                       std::numeric_limits<double>::epsilon()));
  distortion = distortion.reshape(1, 1).colRange(0, coefficients);
  for (int i : {0, 4, 2, 5}) call.answer(camera.at<double>(i / 3, i % 3));
  answerAll(call, distortion);
  answerAll(call, sigmas.reshape(1, 1).colRange(0, 4 + coefficients));
  turns = turns.reshape(1, views);
  shifts = shifts.reshape(1, views);
  for (int i = 0; i < views; ++i) {
    answerAll(call, turns.row(i));
    answerAll(call, shifts.row(i));
  }
}

/// Parameters: fx, fy, cx, cy, coefficients and their number before them, marks, the plate's marks,
/// their pixels. Answers the plate's rotation vector and shift.
void pose(Call &call) {
  Parameters parameters(call);
  const double fx = parameters.number(), fy = parameters.number();
  const double cx = parameters.number(), cy = parameters.number();
  const cv::Mat camera = (cv::Mat_<double>(3, 3) << fx, 0, cx, 0, fy, cy, 0, 0, 1);
  const int coefficients = parameters.whole();
  const cv::Mat distortion = parameters.matrix(1, coefficients);
  const int marks = parameters.whole();
  const std::vector<cv::Point3f> plate = parameters.plate(marks);
  const std::vector<cv::Point2f> pixels = parameters.points(marks);
  cv::Mat turn, shift;
  if (!cv::solvePnP(plate, pixels, camera, distortion, turn, shift, false, cv::SOLVEPNP_IPPE))
    throw std::runtime_error("solvePnP finds no pose");
  cv::solvePnPRefineLM(plate, pixels, camera, distortion, turn, shift);
  answerAll(call, turn);
  answerAll(call, shift);
}

const Operation operations[] = {{"calibrate-camera", calibrate}, {"pose", pose}};

} // namespace

OperationList cameraOperations() { return {std::begin(operations), std::end(operations)}; }
