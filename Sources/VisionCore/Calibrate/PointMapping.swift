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

  /// From where the camera sees the robot's plane. Pixels' y runs down, so a plane that is seen from
  /// where its z axis points is mirrored against them; points alone cannot tell what is meant.
  public enum Side: String, Sendable, CaseIterable {
    case any, above, below

    /// What the y of the pixels is multiplied by before a similarity, which never mirrors, is fitted.
    var signs: [Double] {
      switch self {
      case .any: [-1, 1]
      case .above: [-1]
      case .below: [1]
      }
    }
  }

  /// How a map is fitted.
  private struct Way {
    let kind: Kind
    let side: Side
    let engine: Engine
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
    _ pairs: [Pair], kind: Kind, seenFrom side: Side = .any, engine: Engine = .native
  ) throws(CalibrationError) {
    guard pairs.count >= kind.fewestPoints else {
      throw CalibrationError(
        "\(pairs.count) points, a \(kind.rawValue) needs at least \(kind.fewestPoints)",
        advice: "Take points all over the picture")
    }
    let way = Way(kind: kind, side: side, engine: engine)
    try Self.requireSpread(pairs.map { ($0.pixel.x, $0.pixel.y) }, way, "pixels")
    try Self.requireSpread(pairs.map { ($0.robot.x, $0.robot.y) }, way, "robot points")
    guard var map = try Self.fit(pairs, way) else { throw Self.open }
    if side != .any { try Self.refuseMirrored(pairs, map, side) }
    var outliers: [Int] = []
    // Each point is held against the map of the others; the worst that is no noise goes first.
    while pairs.count - outliers.count > kind.fewestPoints + 2 {
      let used = pairs.indices.filter { !outliers.contains($0) }
      guard let errors = try Self.leaveOneOut(used.map { pairs[$0] }, way),
        let worst = errors.indices.max(by: { errors[$0] < errors[$1] })
      else { break }
      let others = errors.indices.filter { $0 != worst }.map { errors[$0] }
      let typical = max(RobustWeights.scale(ofLengths: others, axes: 2), 1e-9)
      let without = used.filter { $0 != used[worst] }
      guard errors[worst] > 8 * typical, let better = try Self.fit(without.map { pairs[$0] }, way)
      else { break }
      outliers.append(used[worst])
      map = better
    }
    self.kind = kind
    self.map = map
    self.outliers = outliers.sorted()
    residuals = pairs.map { Self.error($0, map) }
    leaveOneOut = try Self.leaveOneOut(
      pairs.indices.filter { !outliers.contains($0) }.map { pairs[$0] }, way)
  }

  private static func leaveOneOut(
    _ pairs: [Pair], _ way: Way
  ) throws(CalibrationError) -> [Double]? {
    guard pairs.count > way.kind.fewestPoints else { return nil }
    var errors: [Double] = []
    for (i, pair) in pairs.enumerated() {
      var others = pairs
      others.remove(at: i)
      guard let map = try fit(others, way) else { return nil }
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
    _ points: [(Double, Double)], _ way: Way, _ what: String
  ) throws(CalibrationError) {
    let n = Double(points.count)
    let x = points.reduce(0) { $0 + $1.0 } / n, y = points.reduce(0) { $0 + $1.1 } / n
    let parts = SingularValues(Matrix(rows: points.map { [$0.0 - x, $0.1 - y] }))
    guard parts.values[0] > 0 else { throw CalibrationError("all \(what) are the same") }
    guard parts.values[1] < 1e-3 * parts.values[0] else { return }
    // Points on a line look the same in a mirror.
    guard way.kind != .similarity else {
      guard way.side == .any else { return }
      throw CalibrationError(
        "the \(what) lie on one line, which leaves open from which side the plane is seen",
        advice: "Take points that span the picture, or say --seen-from above or below")
    }
    throw CalibrationError(
      "the \(what) lie on one line, which leaves a map of this kind open (\(way.kind.rawValue))",
      advice: "Take points that span the picture")
  }

  /// Where axes were swapped or a sign is wrong, a map that is free to mirror fits far better than one
  /// that is not, and is a mirror where none should be.
  private static func refuseMirrored(
    _ pairs: [Pair], _ map: Homography, _ side: Side
  ) throws(CalibrationError) {
    func error(_ map: Homography) -> Double {
      pairs.reduce(0) { $0 + Self.error($1, map) * Self.error($1, map) }.squareRoot()
    }
    let free = pairs.count >= 3 ? fit(pairs, .affine, .any) : nil
    guard let free, free.isMirror != (side == .above),
      map.isMirror != (side == .above) || error(map) > 10 * error(free) + 1e-9
    else { return }
    throw CalibrationError(
      "the robot points are mirrored against the pixels, for a camera \(side.rawValue) the plane",
      advice: "Check the order of x and y and their signs, or --seen-from")
  }

  private static func fit(_ pairs: [Pair], _ way: Way) throws(CalibrationError) -> Homography? {
    way.engine == .opencv
      ? try fitWithOpenCV(pairs, way.kind, way.side) : fit(pairs, way.kind, way.side)
  }

  /// Least squares of the distances in the robot's plane.
  private static func fit(_ pairs: [Pair], _ kind: Kind, _ side: Side) -> Homography? {
    let n = Double(pairs.count)
    let px = pairs.reduce(0) { $0 + $1.pixel.x } / n, py = pairs.reduce(0) { $0 + $1.pixel.y } / n
    let rx = pairs.reduce(0) { $0 + $1.robot.x } / n, ry = pairs.reduce(0) { $0 + $1.robot.y } / n
    switch kind {
    case .similarity:
      return side.signs.compactMap { similarity(pairs, (px, py), (rx, ry), side: $0) }
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
