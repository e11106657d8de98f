import Configuration
import VisionImage

/// Takes a lens's distortion away: the picture that a camera without it would have taken.
public struct Undistort: PlaceMap {
  /// Focal lengths and centre in pixels.
  public let fx: Double
  public let fy: Double
  public let cx: Double
  public let cy: Double
  /// k1, k2, p1, p2, k3 and, for a rational lens, k4, k5, k6.
  public let distortion: [Double]
  /// The size that was calibrated, where it is known.
  public let calibrated: (width: Int, height: Int)?

  let method = Interpolation.linear
  let border = Border.constant(0)

  public init(
    camera: [Double], distortion: [Double], calibrated: (width: Int, height: Int)? = nil
  ) {
    precondition(camera.count == 4 && distortion.count <= 8, "\(camera), \(distortion)")
    (fx, fy, cx, cy) = (camera[0], camera[1], camera[2], camera[3])
    self.distortion = distortion + [Double](repeating: 0, count: 8 - distortion.count)
    self.calibrated = calibrated
  }

  public static let descriptor = OperatorDescriptor(
    name: "undistort", summary: "take a lens's distortion away",
    parameters: [
      Parameter("calibration", .path, optional: true, "what 'calibrate camera' wrote"),
      Parameter("camera", .numbers(4...4), optional: true, "instead: fx,fy,cx,cy"),
      Parameter("dist", .numbers(1...8), optional: true, "with it: k1,k2,p1,p2,k3,k4,k5,k6"),
    ],
    formats: [.u8, .u16], tolerance: .share(0.999, levels: 2),
    openCVTolerance: WarpAffine.openCVTolerance,
    conformanceCases: [
      "--camera 70,71,31.5,20 --dist -0.2,0.05,0.001,-0.002,0.01",
      "--camera 170,171,31.5,20 --dist 0.4,0.1,0,0,0,0.2,-0.1,0.05",
    ],
    benchmarkCases: [
      BenchmarkCase("undistort") { width, height in
        "--camera \(width),\(width),\(Double(width - 1) / 2),\(Double(height - 1) / 2) "
          + "--dist -0.2,0.05,0.001,-0.002,0.01"
      }
    ])

  public init(_ values: ParameterValues) throws(ParameterError) {
    guard values.has("calibration") != values.has("camera") else {
      throw ParameterError("give --calibration FILE, or --camera and --dist")
    }
    if values.has("camera") {
      let camera = values.numbers("camera")
      guard camera[0] > 0, camera[1] > 0 else { throw ParameterError("--camera: fx and fy are above 0") }
      self.init(camera: camera, distortion: values.has("dist") ? values.numbers("dist") : [])
      return
    }
    let path = values.text("calibration")
    let text = try ParameterFile.text(path, "calibration")
    let json: JSON
    do {
      json = try JSONParser.parse(text, as: .json).json
    } catch {
      throw ParameterError("the calibration '\(path)' is not JSON: \(error)")
    }
    guard let matrix = json["camera_matrix"]?.array, matrix.count == 3,
      let fx = matrix[0][0]?.number, let cx = matrix[0][2]?.number,
      let fy = matrix[1][1]?.number, let cy = matrix[1][2]?.number, fx > 0, fy > 0,
      let distortion = json["dist"]?.array?.map(\.number), distortion.count <= 8,
      !distortion.contains(nil)
    else { throw ParameterError("the calibration '\(path)' has no camera_matrix and dist") }
    var size: (width: Int, height: Int)?
    if let width = json["image_size"]?[0]?.integer, let height = json["image_size"]?[1]?.integer {
      size = (width, height)
    }
    self.init(
      camera: [fx, fy, cx, cy], distortion: distortion.compactMap { $0 }, calibrated: size)
  }

  public func outputLayout(for inputs: [RasterLayout]) throws(OperatorError) -> RasterLayout? {
    if let calibrated,
      calibrated.width != inputs[0].width || calibrated.height != inputs[0].height
    {
      throw .sizeMismatch(
        name: "undistort",
        why: "the calibration is for \(calibrated.width)x\(calibrated.height) pixels, "
          + "not for \(inputs[0].width)x\(inputs[0].height)")
    }
    return RasterLayout(format: inputs[0].format, width: inputs[0].width, height: inputs[0].height)
  }

  public var openCVParameters: [Double] { [fx, fy, cx, cy] + distortion }

  func source(_ x: Int, _ y: Int) -> (x: Double, y: Double) {
    place((Double(x) - cx) / fx, (Double(y) - cy) / fy)
  }

  private func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    let (k1, k2, p1, p2, k3) = (
      distortion[0], distortion[1], distortion[2], distortion[3], distortion[4]
    )
    let xx = x * x, yy = y * y, xy = 2 * x * y
    let r = xx + yy
    let radial =
      (1 + ((k3 * r + k2) * r + k1) * r)
      / (1 + ((distortion[7] * r + distortion[6]) * r + distortion[5]) * r)
    let u = x * radial + p1 * xy + p2 * (r + 2 * xx)
    let v = y * radial + p1 * (r + 2 * yy) + p2 * xy
    return (u * fx + cx, v * fy + cy)
  }

  func sources(ofRow y: Int, into places: PlaceRow) {
    let (k1, k2, p1, p2, k3) = (
      Float(distortion[0]), Float(distortion[1]), Float(distortion[2]), Float(distortion[3]),
      Float(distortion[4])
    )
    let (k4, k5, k6) = (Float(distortion[5]), Float(distortion[6]), Float(distortion[7]))
    let (fx, fy, cx, cy) = (Float(self.fx), Float(self.fy), Float(self.cx), Float(self.cy))
    let v = Float((Double(y) - self.cy) / self.fy)
    let vv = v * v, scale = 1 / fx
    let xs = places.xs, ys = places.ys
    for i in 0..<places.count {
      let u = (Float(Int32(truncatingIfNeeded: i)) - cx) * scale
      let uu = u * u, uv = 2 * u * v
      let r = uu + vv
      let radial = (1 + ((k3 * r + k2) * r + k1) * r) / (1 + ((k6 * r + k5) * r + k4) * r)
      xs[i] = (u * radial + p1 * uv + p2 * (r + 2 * uu)) * fx + cx
      ys[i] = (v * radial + p1 * (r + 2 * vv) + p2 * uv) * fy + cy
    }
  }
}
