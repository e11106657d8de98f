import VisionImage

extension CameraFit {
  /// cv::calibrateCamera: plain least squares over all marks.
  func runWithOpenCV() throws(CalibrationError) -> Result {
    let points = target.points, coefficients = lens.coefficients
    let sizes = [width, height, coefficients, views.count, points.count].map(Double.init)
    let count = 4 + coefficients
    let room = 2 * count + 6 * views.count
    let numbers = try OpenCVCalibration.numbers(
      "calibrate-camera", sizes + points.flat + views.flatMap(\.pixels.flat), room: room)
    guard numbers.count == room else {
      throw CalibrationError("OpenCV answers \(numbers.count) numbers", cause: .method)
    }
    let camera = CameraModel(
      width: width, height: height, fx: 1, fy: 1, cx: 0, cy: 0,
      distortion: [Double](repeating: 0, count: coefficients)
    ).with(parameters: numbers[0..<count])
    let fitted = views.enumerated().map { v, view in
      let pose = RigidTransform(parameters: numbers[(2 * count + 6 * v)..<(2 * count + 6 * v + 6)])
      var residuals = [Double](repeating: 0, count: 2 * points.count)
      camera.residuals(pose, points, view.pixels, &residuals)
      let squares = residuals.reduce(0) { $0 + $1 * $1 }
      return CameraCalibration.FittedView(
        view: view, rms: (squares / Double(points.count)).squareRoot(), pose: pose,
        residuals: points.indices.map {
          PixelPoint(x: residuals[2 * $0], y: residuals[2 * $0 + 1])
        },
        outliers: [])
    }
    let squares = fitted.reduce(0) { $0 + $1.rms * $1.rms }
    return try checked(
      Result(
        camera: camera, rms: (squares / Double(views.count)).squareRoot(),
        sigmas: Array(numbers[count..<2 * count]), views: fitted))
  }
}

extension CameraModel {
  /// cv::solvePnP on a plane, then its refinement.
  func poseWithOpenCV(
    of points: [PlanePoint], seenAt pixels: [PixelPoint]
  ) throws(CalibrationError) -> (pose: RigidTransform, residuals: [Double])? {
    let lens = [fx, fy, cx, cy, Double(distortion.count)] + distortion
    let numbers = try OpenCVCalibration.numbers(
      "pose", lens + [Double(points.count)] + points.flat + pixels.flat, room: 6)
    guard numbers.count == 6 else { return nil }
    let pose = RigidTransform(parameters: numbers[...])
    var residuals = [Double](repeating: 0, count: 2 * points.count)
    self.residuals(pose, points, pixels, &residuals)
    return (pose, residuals)
  }
}
