import VisionImage

extension PointMapping {
  /// cv::estimateAffinePartial2D, estimateAffine2D or findHomography, with all points.
  static func fitWithOpenCV(
    _ pairs: [Pair], _ kind: Kind, _ side: Side
  ) throws(CalibrationError) -> Homography? {
    guard kind == .similarity else { return try mapWithOpenCV(pairs, kind, side: 1) }
    func squares(_ map: Homography) -> Double {
      pairs.reduce(0) { $0 + error($1, map) * error($1, map) }
    }
    // A robot's plane whose y runs up is the usual one, and a mirror is no similarity to OpenCV.
    var best: Homography?
    for sign in side.signs {
      let map = try mapWithOpenCV(pairs, kind, side: sign)
      if squares(map) < best.map(squares) ?? .infinity { best = map }
    }
    return best
  }

  /// `side` is -1 for pixels whose y is turned over first.
  private static func mapWithOpenCV(
    _ pairs: [Pair], _ kind: Kind, side: Double
  ) throws(CalibrationError) -> Homography {
    // About the middle of the points: OpenCV takes them in single precision.
    let n = Double(pairs.count)
    let px = pairs.reduce(0) { $0 + $1.pixel.x } / n, py = pairs.reduce(0) { $0 + $1.pixel.y } / n
    let rx = pairs.reduce(0) { $0 + $1.robot.x } / n, ry = pairs.reduce(0) { $0 + $1.robot.y } / n
    let numbers: [Double] = [kind == .similarity ? 0 : kind == .affine ? 1 : 2, n]
    let from = pairs.map { PixelPoint(x: $0.pixel.x - px, y: side * ($0.pixel.y - py)) }
    let to = pairs.map { PixelPoint(x: $0.robot.x - rx, y: $0.robot.y - ry) }
    let map = try OpenCVCalibration.numbers("map", numbers + from.flat + to.flat, room: 9)
    guard map.count == 9 else {
      throw CalibrationError("OpenCV answers \(map.count) numbers", cause: .method)
    }
    let forth = Matrix(rows: [[1, 0, -px], [0, side, -side * py], [0, 0, 1]])
    let back = Matrix(rows: [[1, 0, rx], [0, 1, ry], [0, 0, 1]])
    let whole = (back * Matrix(rows: 3, columns: 3, values: map) * forth).values
    return Homography(whole.map { $0 / whole[8] })
  }
}

extension HandEye {
  /// OpenCV's closed forms of A X = X B, by their authors.
  public enum Method: String, Sendable, CaseIterable {
    case tsai, park, horaud, andreff, daniilidis

    /// OpenCV's number of it.
    fileprivate var number: Double {
      switch self {
      case .tsai: 0
      case .park: 1
      case .horaud: 2
      case .andreff: 3
      case .daniilidis: 4
      }
    }
  }

  static func solveWithOpenCV(
    _ chains: [Pair], _ method: Method
  ) throws(CalibrationError) -> RigidTransform {
    func flat(_ pose: RigidTransform) -> [Double] {
      let t = pose.translation
      return pose.rotation.matrix.values + [t.x, t.y, t.z]
    }
    let numbers = try OpenCVCalibration.numbers(
      "hand-eye",
      [method.number, Double(chains.count)] + chains.flatMap { flat($0.robot) + flat($0.target) },
      room: 12)
    guard numbers.count == 12 else {
      throw CalibrationError("OpenCV answers \(numbers.count) numbers", cause: .method)
    }
    return RigidTransform(
      rotation: Rotation(nearest: Matrix(rows: 3, columns: 3, values: Array(numbers[0..<9]))),
      translation: Vector3(numbers[9], numbers[10], numbers[11]))
  }
}
