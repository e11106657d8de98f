import VisionImage

/// The one way to OpenCV's calibration: numbers go there, numbers come back.
enum OpenCVCalibration {
  static func numbers(
    _ name: String, _ parameters: [Double], picture: RasterView? = nil, room: Int
  ) throws(CalibrationError) -> [Double] {
    guard let library = OpenCVLibrary.calibration else {
      throw CalibrationError(
        "OpenCV's calibration is not here: \(OpenCVLibrary.calibrationLoadError ?? "not built")",
        advice: "Build with libopencv-calib3d-dev, or take --engine native", cause: .engine)
    }
    let answer = library.numbers(name, parameters, picture: picture, room: room)
    if let error = answer.error {
      throw CalibrationError("OpenCV fails: \(error)", cause: .method)
    }
    guard answer.numbers.allSatisfy(\.isFinite) else {
      throw CalibrationError("OpenCV answers what is no number", cause: .method)
    }
    return answer.numbers
  }
}

extension [PixelPoint] {
  /// x and y in turn, as the library takes them.
  var flat: [Double] { flatMap { [$0.x, $0.y] } }
}

extension [PlanePoint] {
  var flat: [Double] { flatMap { [$0.x, $0.y] } }
}
