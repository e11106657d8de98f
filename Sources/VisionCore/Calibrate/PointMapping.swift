#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import VisionImage

/// Pixels to a robot's plane, from points that are known in both.
public struct PointMapping: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Turned, scaled, shifted.
    case similarity
    /// With another scale each way and a shear.
    case affine
    /// With perspective.
    case homography

    public var fewestPoints: Int {
      switch self {
      case .similarity: 2
      case .affine: 3
      case .homography: 4
      }
    }
  }

  public struct Pair: Sendable, Equatable {
    public let pixel: PixelPoint
    public let robot: PlanePoint
    public init(pixel: PixelPoint, robot: PlanePoint) {
      self.pixel = pixel
      self.robot = robot
    }
  }

  public let kind: Kind
  public let map: Homography
  /// Millimetres from each robot point to where the map has it.
  public let residuals: [Double]
  /// The same with the map fitted to the other points: what it will be worth elsewhere. Nil where
  /// too few points are left.
  public let leaveOneOut: [Double]?
  /// Points that took no part: too far off to be noise.
  public let outliers: [Int]

  public init(
    _ pairs: [Pair], kind: Kind, engine: Engine = .native
  ) throws(CalibrationError) {
    guard pairs.count >= kind.fewestPoints else {
      throw CalibrationError(
        "\(pairs.count) points, a \(kind.rawValue) needs at least \(kind.fewestPoints)",
        advice: "Take points all over the picture")
    }
    try Self.requireSpread(pairs.map { ($0.pixel.x, $0.pixel.y) }, kind, "pixels")
    try Self.requireSpread(pairs.map { ($0.robot.x, $0.robot.y) }, kind, "robot points")
    guard var map = try Self.fit(pairs, kind, engine) else { throw Self.open }
    if kind == .similarity { try Self.refuseMirrored(pairs, map) }
    var outliers: [Int] = []
    // Each point is held against the map of the others; the worst that is no noise goes first.
    while pairs.count - outliers.count > kind.fewestPoints + 2 {
      let used = pairs.indices.filter { !outliers.contains($0) }
      guard let errors = try Self.leaveOneOut(used.map { pairs[$0] }, kind, engine),
        let worst = errors.indices.max(by: { errors[$0] < errors[$1] })
      else { break }
      let others = errors.indices.filter { $0 != worst }.map { errors[$0] }
      let typical = max(RobustWeights.scale(ofLengths: others, axes: 2), 1e-9)
      let without = used.filter { $0 != used[worst] }
      guard errors[worst] > 8 * typical, let better = try Self.fit(without.map { pairs[$0] }, kind, engine)
      else { break }
      outliers.append(used[worst])
      map = better
    }
    self.kind = kind
    self.map = map
    self.outliers = outliers.sorted()
    residuals = pairs.map { Self.error($0, map) }
    leaveOneOut = try Self.leaveOneOut(
      pairs.indices.filter { !outliers.contains($0) }.map { pairs[$0] }, kind, engine)
  }

  private static func leaveOneOut(
    _ pairs: [Pair], _ kind: Kind, _ engine: Engine
  ) throws(CalibrationError) -> [Double]? {
    guard pairs.count > kind.fewestPoints else { return nil }
    var errors: [Double] = []
    for (i, pair) in pairs.enumerated() {
      var others = pairs
      others.remove(at: i)
      guard let map = try fit(others, kind, engine) else { return nil }
      errors.append(error(pair, map))
    }
    return errors
  }

  static func error(_ pair: Pair, _ map: Homography) -> Double {
    let p = map.map(pair.pixel.x, pair.pixel.y)
    return hypot(p.x - pair.robot.x, p.y - pair.robot.y)
  }

  private static var open: CalibrationError {
    CalibrationError(
      "the points do not determine the map: three of them lie on one line",
      advice: "Take points that span the picture")
  }

  private static func requireSpread(
    _ points: [(Double, Double)], _ kind: Kind, _ what: String
  ) throws(CalibrationError) {
    let n = Double(points.count)
    let x = points.reduce(0) { $0 + $1.0 } / n, y = points.reduce(0) { $0 + $1.1 } / n
    let parts = SingularValues(Matrix(rows: points.map { [$0.0 - x, $0.1 - y] }))
    guard parts.values[0] > 0 else { throw CalibrationError("all \(what) are the same") }
    if kind != .similarity, parts.values[1] < 1e-3 * parts.values[0] {
      throw CalibrationError(
        "the \(what) lie on one line, which leaves a \(kind.rawValue) open",
        advice: "Take points that span the picture, or --kind similarity")
    }
  }

  /// The picture's y runs down. Where a mirrored map fits far better than a turned one, axes were
  /// swapped or a sign is wrong; a similarity would hide that in large residuals.
  private static func refuseMirrored(_ pairs: [Pair], _ map: Homography) throws(CalibrationError) {
    guard pairs.count >= 3, let affine = fit(pairs, .affine) else { return }
    let m = affine.values
    let error = (pairs.reduce(0) { $0 + Self.error($1, map) * Self.error($1, map) }).squareRoot()
    let mirrored = (pairs.reduce(0) { $0 + Self.error($1, affine) * Self.error($1, affine) }).squareRoot()
    let turnsOver = m[0] * m[4] - m[1] * m[3] > 0
    let mapTurnsOver = map.values[0] * map.values[4] - map.values[1] * map.values[3] > 0
    if turnsOver != mapTurnsOver, error > 10 * mirrored + 1e-9 {
      throw CalibrationError(
        "the robot points are mirrored against the pixels",
        advice: "Check the order of x and y and their signs, or take --kind affine if it is meant")
    }
  }

  private static func fit(
    _ pairs: [Pair], _ kind: Kind, _ engine: Engine
  ) throws(CalibrationError) -> Homography? {
    engine == .opencv ? try fitWithOpenCV(pairs, kind) : fit(pairs, kind)
  }

  /// Least squares of the distances in the robot's plane.
  private static func fit(_ pairs: [Pair], _ kind: Kind) -> Homography? {
    let n = Double(pairs.count)
    let px = pairs.reduce(0) { $0 + $1.pixel.x } / n, py = pairs.reduce(0) { $0 + $1.pixel.y } / n
    let rx = pairs.reduce(0) { $0 + $1.robot.x } / n, ry = pairs.reduce(0) { $0 + $1.robot.y } / n
    switch kind {
    case .similarity:
      return [1.0, -1.0].compactMap { similarity(pairs, (px, py), (rx, ry), side: $0) }
        .min { $0.error < $1.error }?.map
    case .affine:
      var system = Matrix(rows: pairs.count, columns: 2)
      for (i, pair) in pairs.enumerated() {
        system[i, 0] = pair.pixel.x - px
        system[i, 1] = pair.pixel.y - py
      }
      let parts = SingularValues(system)
      guard parts.condition < 1e6 else { return nil }
      let a = parts.solve(pairs.map { $0.robot.x - rx }), b = parts.solve(pairs.map { $0.robot.y - ry })
      return Homography([
        a[0], a[1], rx - a[0] * px - a[1] * py, b[0], b[1], ry - b[0] * px - b[1] * py, 0, 0, 1,
      ])
    case .homography:
      guard
        let start = Homography(
          from: pairs.map { ($0.pixel.x, $0.pixel.y) }, to: pairs.map { ($0.robot.x, $0.robot.y) })
      else { return nil }
      return refined(start, pairs, (px, py))
    }
  }

  private static func refined(
    _ start: Homography, _ pairs: [Pair], _ middle: (x: Double, y: Double)
  ) -> Homography {
    let v = start.values
    let weight = v[6] * middle.x + v[7] * middle.y + v[8]
    let scaled = v.map { $0 / weight }
    // About the middle of the points, where all eight unknowns are of a like size.
    let centred = [
      scaled[0], scaled[1], scaled[0] * middle.x + scaled[1] * middle.y + scaled[2], scaled[3],
      scaled[4], scaled[3] * middle.x + scaled[4] * middle.y + scaled[5], 1000 * scaled[6],
      1000 * scaled[7],
    ]
    let block = ResidualBlock(parameters: Array(0..<8), count: 2 * pairs.count, group: 2) { p, out in
      for (i, pair) in pairs.enumerated() {
        let x = pair.pixel.x - middle.x, y = pair.pixel.y - middle.y
        let w = 1 + (p[6] * x + p[7] * y) / 1000
        out[2 * i] = (p[0] * x + p[1] * y + p[2]) / w - pair.robot.x
        out[2 * i + 1] = (p[3] * x + p[4] * y + p[5]) / w - pair.robot.y
      }
    }
    let p = LevenbergMarquardt([block]).minimise(centred).parameters
    let (g, h) = (p[6] / 1000, p[7] / 1000)
    let i = 1 - g * middle.x - h * middle.y
    return Homography([
      p[0], p[1], p[2] - p[0] * middle.x - p[1] * middle.y, p[3], p[4],
      p[5] - p[3] * middle.x - p[4] * middle.y, g, h, i,
    ])
  }

  /// `side` is -1 for a robot plane whose y runs up, against the picture's: the usual one.
  private static func similarity(
    _ pairs: [Pair], _ pixel: (x: Double, y: Double), _ robot: (x: Double, y: Double), side: Double
  ) -> (map: Homography, error: Double)? {
    var a = 0.0, b = 0.0, norm = 0.0
    for pair in pairs {
      let x = pair.pixel.x - pixel.x, y = side * (pair.pixel.y - pixel.y)
      let u = pair.robot.x - robot.x, v = pair.robot.y - robot.y
      a += x * u + y * v
      b += x * v - y * u
      norm += x * x + y * y
    }
    guard norm > 0 else { return nil }
    (a, b) = (a / norm, b / norm)
    let m = [a, -b * side, b, a * side]
    let map = Homography([
      m[0], m[1], robot.x - m[0] * pixel.x - m[1] * pixel.y, m[2], m[3],
      robot.y - m[2] * pixel.x - m[3] * pixel.y, 0, 0, 1,
    ])
    return (map, pairs.reduce(0) { $0 + error($1, map) * error($1, map) })
  }
}
