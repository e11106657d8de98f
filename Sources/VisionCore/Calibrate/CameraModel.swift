import Configuration
import VisionImage

/// A pinhole with the usual lens distortion: what 'calibrate camera' finds.
public struct CameraModel: Sendable, Equatable {
  public enum Lens: String, Sendable, CaseIterable {
    /// k1, k2, p1, p2, k3
    case pinhole
    /// and k4, k5, k6: a polynomial below as well
    case rational

    public var coefficients: Int { self == .pinhole ? 5 : 8 }
  }

  public let width: Int
  public let height: Int
  /// Focal lengths and the centre, in pixels.
  public var fx: Double
  public var fy: Double
  public var cx: Double
  public var cy: Double
  /// k1, k2, p1, p2, k3 and, for a rational lens, k4, k5, k6.
  public var distortion: [Double]

  public init(
    width: Int, height: Int, fx: Double, fy: Double, cx: Double, cy: Double, distortion: [Double]
  ) {
    precondition(distortion.count == 5 || distortion.count == 8, "\(distortion.count) coefficients")
    (self.width, self.height) = (width, height)
    (self.fx, self.fy, self.cx, self.cy) = (fx, fy, cx, cy)
    self.distortion = distortion
  }

  /// Where the lens puts what lies in the direction (x, y, 1).
  public func distorted(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    let k = distortion
    let r = x * x + y * y
    var radial = 1 + r * (k[0] + r * (k[1] + r * k[4]))
    if k.count == 8 { radial /= 1 + r * (k[5] + r * (k[6] + r * k[7])) }
    return (
      x * radial + 2 * k[2] * x * y + k[3] * (r + 2 * x * x),
      y * radial + k[2] * (r + 2 * y * y) + 2 * k[3] * x * y
    )
  }

  /// The pixel of a point in front of the camera.
  public func project(_ p: Vector3) -> PixelPoint {
    let d = distorted(p.x / p.z, p.y / p.z)
    return PixelPoint(x: fx * d.x + cx, y: fy * d.y + cy)
  }

  /// The direction (x, y, 1) that is seen at a pixel; nil where the model cannot be turned round.
  public func direction(at pixel: PixelPoint) -> (x: Double, y: Double)? {
    let target = (x: (pixel.x - cx) / fx, y: (pixel.y - cy) / fy)
    var (x, y) = target
    for _ in 0..<50 {
      let here = distorted(x, y), step = 1e-6
      let ahead = distorted(x + step, y), below = distorted(x, y + step)
      let (a, b) = ((ahead.x - here.x) / step, (below.x - here.x) / step)
      let (c, d) = ((ahead.y - here.y) / step, (below.y - here.y) / step)
      let determinant = a * d - b * c
      guard determinant > 1e-3 else { return nil }
      let ex = target.x - here.x, ey = target.y - here.y
      let dx = (d * ex - b * ey) / determinant, dy = (a * ey - c * ex) / determinant
      x += dx
      y += dy
      if abs(dx) + abs(dy) < 1e-13 { break }
    }
    let reached = distorted(x, y)
    return abs(reached.x - target.x) + abs(reached.y - target.y) < 1e-9 ? (x, y) : nil
  }

  /// The plate's pose that best explains where its marks are seen.
  func pose(
    of points: [PlanePoint], seenAt pixels: [PixelPoint]
  ) -> (pose: RigidTransform, residuals: [Double])? {
    let directions = pixels.compactMap { direction(at: $0) }
    guard directions.count == pixels.count,
      let map = Homography(from: points.map { ($0.x, $0.y) }, to: directions.map { ($0.x, $0.y) }),
      let start = RigidTransform(planeToDirections: map)
    else { return nil }
    let block = ResidualBlock(parameters: Array(0..<6), count: 2 * points.count, group: 2) { p, out in
      residuals(RigidTransform(parameters: p[...]), points, pixels, &out)
    }
    let fit = LevenbergMarquardt([block]).minimise(start.parameters)
    return (RigidTransform(parameters: fit.parameters[...]), fit.residuals[0])
  }

  /// Pixels from where the marks are seen to where they should be, x and y in turn.
  func residuals(
    _ pose: RigidTransform, _ points: [PlanePoint], _ pixels: [PixelPoint], _ out: inout [Double]
  ) {
    for (i, point) in points.enumerated() {
      let p = project(pose * Vector3(point.x, point.y, 0))
      out[2 * i] = p.x - pixels[i].x
      out[2 * i + 1] = p.y - pixels[i].y
    }
  }

  /// fx, fy, cx, cy and the distortion: the numbers that are fitted.
  var parameters: [Double] { [fx, fy, cx, cy] + distortion }

  func with(parameters p: ArraySlice<Double>) -> CameraModel {
    let i = p.startIndex
    return CameraModel(
      width: width, height: height, fx: p[i], fy: p[i + 1], cx: p[i + 2], cy: p[i + 3],
      distortion: Array(p[(i + 4)..<(i + 4 + distortion.count)]))
  }
}

extension RigidTransform {
  /// The pose of a plane from the map of its points (x, y) to directions (u, v, 1): the first two
  /// columns are the plane's axes, up to a common factor.
  init?(planeToDirections map: Homography) {
    let m = map.values
    let a = Vector3(m[0], m[3], m[6]), b = Vector3(m[1], m[4], m[7]), t = Vector3(m[2], m[5], m[8])
    let length = (a.length * b.length).squareRoot()
    guard length > 0, length.isFinite else { return nil }
    // The plane lies before the camera.
    let scale = (t.z < 0 ? -1 : 1) / length
    let (x, y) = (a * scale, b * scale)
    let z = x.cross(y)
    self.init(
      rotation: Rotation(
        nearest: Matrix(rows: [[x.x, y.x, z.x], [x.y, y.y, z.y], [x.z, y.z, z.z]])),
      translation: t * scale)
  }
}

// MARK: - The file

extension CameraModel {
  public var json: JSONObject {
    [
      "image_size": [.integer(width), .integer(height)],
      "camera_matrix": [
        [.number(fx), 0, .number(cx)], [0, .number(fy), .number(cy)], [0, 0, 1],
      ],
      "dist": .array(distortion.map { .number($0) }),
    ]
  }

  /// What 'calibrate camera' wrote, or any file with these members.
  public init(_ json: JSON) throws(CalibrationError) {
    guard let size = json["image_size"], let width = size[0]?.integer,
      let height = size[1]?.integer, width > 0, height > 0,
      let matrix = json["camera_matrix"]?.array, matrix.count == 3,
      let fx = matrix[0][0]?.number, let cx = matrix[0][2]?.number,
      let fy = matrix[1][1]?.number, let cy = matrix[1][2]?.number, fx > 0, fy > 0,
      let coefficients = json["dist"]?.array?.compactMap(\.number),
      coefficients.count == json["dist"]?.array?.count, coefficients.count <= 8
    else {
      throw CalibrationError("no camera calibration: image_size, camera_matrix and dist are needed")
    }
    let count = coefficients.count <= 5 ? 5 : 8
    self.init(
      width: width, height: height, fx: fx, fy: fy, cx: cx, cy: cy,
      distortion: coefficients + [Double](repeating: 0, count: count - coefficients.count))
  }
}
