#include <algorithm>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "families.hpp"

namespace {

/// Parameters: threshold, whether the object is dark, connectivity. Non-zero is object as it is.
cv::Mat object(const Call &call) {
  const cv::Mat &image = call.input();
  const bool dark = call.whole(1) != 0;
  if (call.parameter(0) == 0 && !dark && image.depth() == CV_8U) return image;
  cv::Mat mask;
  cv::compare(image, std::floor(call.parameter(0)), mask, dark ? cv::CMP_LE : cv::CMP_GT);
  return mask;
}

const Operation operations[] = {
    {"label",
     [](Call &call) {
       const int count = cv::connectedComponents(object(call), call.output, call.whole(2), CV_32S);
       // OpenCV numbers by blocks of pixels; ours are in the order of the first pixel.
       std::vector<int> numbers(count, 0);
       int next = 0;
       for (int y = 0; y < call.output.rows; ++y) {
         int *row = call.output.ptr<int>(y);
         for (int x = 0; x < call.output.cols; ++x) {
           if (row[x] == 0) continue;
           if (numbers[row[x]] == 0) numbers[row[x]] = ++next;
           row[x] = numbers[row[x]];
         }
       }
     }},
    {"blobs",
     [](Call &call) {
       cv::Mat labels, stats, centroids;
       const int count =
           cv::connectedComponentsWithStats(object(call), labels, stats, centroids, call.whole(2));
       double area = 0, largest = 0, boxes = 0, x = 0, y = 0;
       for (int i = 1; i < count; ++i) {
         const int *row = stats.ptr<int>(i);
         area += row[cv::CC_STAT_AREA];
         largest = std::max(largest, double(row[cv::CC_STAT_AREA]));
         boxes += double(row[cv::CC_STAT_WIDTH]) * row[cv::CC_STAT_HEIGHT];
         x += centroids.at<double>(i, 0);
         y += centroids.at<double>(i, 1);
       }
       for (double number : {double(count - 1), area, largest, boxes, x, y}) call.answer(number);
     }},
};

} // namespace

OperationList blobOperations() { return {std::begin(operations), std::end(operations)}; }
