#include <opencv2/calib3d.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

cv::Mat eightBits(const cv::Mat &picture) {
  if (picture.depth() == CV_8U) return picture;
  cv::Mat result;
  picture.convertTo(result, CV_8U, 1.0 / 257);
  return result;
}

void answerPoints(Call &call, const std::vector<cv::Point2f> &points) {
  for (const cv::Point2f &p : points) {
    call.answer(p.x);
    call.answer(p.y);
  }
}

/// Parameters: columns, rows. Answers x and y of every corner, or nothing. The detector by sectors
/// looks first and the older one after it; either's corners are placed by the gradients around them.
void chessboard(Call &call) {
  const cv::Size grid(call.whole(0), call.whole(1));
  const cv::Mat picture = eightBits(call.input());
  std::vector<cv::Point2f> corners;
  const int thorough =
      cv::CALIB_CB_NORMALIZE_IMAGE | cv::CALIB_CB_EXHAUSTIVE | cv::CALIB_CB_ACCURACY;
  if (!cv::findChessboardCornersSB(picture, grid, corners, thorough) &&
      !cv::findChessboardCorners(picture, grid, corners))
    return;
  // The window stays within the squares: a third of the shortest way between neighbours.
  double step = cv::norm(corners[grid.width] - corners[0]);
  for (size_t i = 1; i < corners.size(); ++i)
    step = std::min(step, cv::norm(corners[i] - corners[i - 1]));
  const int half = std::max(2, cvFloor(step / 3));
  cv::cornerSubPix(picture, corners, cv::Size(half, half), cv::Size(-1, -1),
                   cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 50, 1e-4));
  answerPoints(call, corners);
}

/// Parameters: columns, rows, whether every second row is shifted. Dark discs, then bright ones.
void circles(Call &call) {
  const cv::Size grid(call.whole(0), call.whole(1));
  const int kind = call.whole(2) ? cv::CALIB_CB_ASYMMETRIC_GRID : cv::CALIB_CB_SYMMETRIC_GRID;
  cv::SimpleBlobDetector::Params areas;
  areas.minArea = 12;
  areas.maxArea = static_cast<float>(call.input().total()) / 4;
  areas.minDistBetweenBlobs = 4;
  const cv::Ptr<cv::FeatureDetector> detector = cv::SimpleBlobDetector::create(areas);
  const cv::Mat picture = eightBits(call.input());
  for (const cv::Mat &plate : {picture, cv::Mat(255 - picture)}) {
    std::vector<cv::Point2f> centres;
    if (!cv::findCirclesGrid(plate, grid, centres, kind, detector)) continue;
    answerPoints(call, centres);
    return;
  }
}

const Operation operations[] = {{"chessboard", chessboard}, {"circles", circles}};

} // namespace

OperationList plateOperations() { return {std::begin(operations), std::end(operations)}; }
