import VisionImage

extension LineShape {
  /// cv::fitLine; nil where there is no OpenCV or no line.
  static func fitWithOpenCV(_ points: [PixelPoint]) -> LineShape? {
    guard points.count >= 2,
      let line = try? OpenCVCalibration.numbers(
        "line", [Double(points.count)] + points.flat, room: 4), line.count == 4
    else { return nil }
    // The point that it answers is anywhere; the middle of ours is nearer to all of them.
    let n = Double(points.count)
    let x = points.reduce(0) { $0 + $1.x } / n, y = points.reduce(0) { $0 + $1.y } / n
    let along = (x - line[2]) * line[0] + (y - line[3]) * line[1]
    return LineShape(
      middle: PixelPoint(x: line[2] + along * line[0], y: line[3] + along * line[1]),
      direction: PixelPoint(x: line[0], y: line[1]), through: points)
  }
}

extension EllipseShape {
  /// cv::fitEllipse: centre, half axes, radians of the first one clockwise.
  static func curveWithOpenCV(_ points: [PixelPoint]) -> [Double]? {
    guard points.count >= 5,
      let box = try? OpenCVCalibration.numbers(
        "ellipse", [Double(points.count)] + points.flat, room: 5), box.count == 5
    else { return nil }
    return [box[0], box[1], box[2] / 2, box[3] / 2, box[4] * .pi / 180]
  }
}
