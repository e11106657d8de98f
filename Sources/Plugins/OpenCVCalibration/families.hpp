// The functions by what they are for, one file each.
#pragma once

#include "operations.hpp"

OperationList plateOperations();
OperationList cameraOperations();
OperationList robotOperations();
OperationList curveOperations();

/// Reads a call's parameters from first to last.
class Parameters {
public:
  explicit Parameters(const Call &call) : call(call) {}

  double number() { return call.parameter(next++); }
  int whole() { return call.whole(next++); }
  cv::Point2f point() {
    const double x = number();
    return cv::Point2f(static_cast<float>(x), static_cast<float>(number()));
  }
  std::vector<cv::Point2f> points(int count) {
    std::vector<cv::Point2f> points(count);
    for (cv::Point2f &p : points) p = point();
    return points;
  }
  /// Marks of a plate: on the plane z = 0.
  std::vector<cv::Point3f> plate(int count) {
    std::vector<cv::Point3f> marks(count);
    for (cv::Point3f &mark : marks) {
      const cv::Point2f p = point();
      mark = cv::Point3f(p.x, p.y, 0);
    }
    return marks;
  }
  cv::Mat matrix(int rows, int columns) {
    cv::Mat matrix(rows, columns, CV_64F);
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) matrix.at<double>(i, j) = number();
    return matrix;
  }

private:
  const Call &call;
  int next = 0;
};

/// Every element, row by row.
inline void answerAll(Call &call, const cv::Mat &matrix) {
  cv::Mat numbers;
  matrix.convertTo(numbers, CV_64F);
  for (int i = 0; i < numbers.rows; ++i)
    for (int j = 0; j < numbers.cols; ++j) call.answer(numbers.at<double>(i, j));
}
