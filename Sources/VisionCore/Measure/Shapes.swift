import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A straight line through measured points.
public struct LineShape: Sendable, Equatable {
  /// The middle of its points.
  public let middle: PixelPoint
  /// Unit vector along it, to the right (or straight down).
  public let direction: PixelPoint
  /// Its ends: how far the points reach.
  public let ends: (PixelPoint, PixelPoint)
  /// Root of the mean square distance of the points that take part.
  public let rms: Double
  /// The widest strip that the points need: straightness.
  public let straightness: Double

  public static func == (a: LineShape, b: LineShape) -> Bool {
    a.middle == b.middle && a.direction == b.direction
  }

  /// Anticlockwise from the x axis, in (-90, 90].
  public var angle: Angle {
    let degrees = -atan2(direction.y, direction.x) * 180 / .pi
    return .degrees(degrees <= -90 ? degrees + 180 : degrees > 90 ? degrees - 180 : degrees)
  }

  /// Signed distance of a point.
  public func distance(to p: PixelPoint) -> Double {
    (p.y - middle.y) * direction.x - (p.x - middle.x) * direction.y
  }

  /// Total least squares with weights that outliers cannot bend. Nil for fewer than two points.
  public static func fit(_ points: [PixelPoint], engine: Engine = .native) -> LineShape? {
    robust(points, axes: 1, least: 2) { points, weights in
      if engine == .opencv { return fitWithOpenCV(weighty(points, weights)) }
      let total = weights.reduce(0, +)
      guard total > 0 else { return nil }
      var x = 0.0, y = 0.0
      for (p, w) in zip(points, weights) {
        x += w * p.x / total
        y += w * p.y / total
      }
      var xx = 0.0, yy = 0.0, xy = 0.0
      for (p, w) in zip(points, weights) {
        xx += w * (p.x - x) * (p.x - x)
        yy += w * (p.y - y) * (p.y - y)
        xy += w * (p.x - x) * (p.y - y)
      }
      guard xx + yy > 0 else { return nil }
      let angle = 0.5 * atan2(2 * xy, xx - yy)
      let used = zip(points, weights).filter { $0.1 > 0 }.map(\.0)
      return LineShape(
        middle: PixelPoint(x: x, y: y), direction: PixelPoint(x: cos(angle), y: sin(angle)),
        through: used)
    } distance: { $0.distance(to: $1) }
  }

  /// A line by a point and a unit vector, with what its points say about it.
  init(middle: PixelPoint, direction: PixelPoint, through points: [PixelPoint]) {
    var d = direction
    if d.x < -1e-12 || (abs(d.x) <= 1e-12 && d.y < 0) { d = PixelPoint(x: -d.x, y: -d.y) }
    let (x, y) = (middle.x, middle.y)
    let s = points.map { ($0.x - x) * d.x + ($0.y - y) * d.y }
    let t = points.map { ($0.y - y) * d.x - ($0.x - x) * d.y }
    let (a, b) = (s.min() ?? 0, s.max() ?? 0)
    self.middle = middle
    self.direction = d
    ends = (PixelPoint(x: x + a * d.x, y: y + a * d.y), PixelPoint(x: x + b * d.x, y: y + b * d.y))
    rms = (t.reduce(0) { $0 + $1 * $1 } / Double(t.count)).squareRoot()
    straightness = (t.max() ?? 0) - (t.min() ?? 0)
  }

  /// Where two lines meet; nil for parallel ones.
  public func intersection(_ other: LineShape) -> PixelPoint? {
    let cross = direction.x * other.direction.y - direction.y * other.direction.x
    guard abs(cross) > 1e-9 else { return nil }
    let dx = other.middle.x - middle.x, dy = other.middle.y - middle.y
    let s = (dx * other.direction.y - dy * other.direction.x) / cross
    return PixelPoint(x: middle.x + s * direction.x, y: middle.y + s * direction.y)
  }
}

/// A circle or an ellipse through measured points.
public struct EllipseShape: Sendable, Equatable {
  public let centre: PixelPoint
  /// Half axes, the longer first; the same for a circle.
  public let major: Double
  public let minor: Double
  /// Of the longer axis, anticlockwise from the x axis.
  public let angle: Angle
  public let rms: Double
  /// Largest minus smallest distance of the points: roundness.
  public let roundness: Double

  /// A caliper across the curve, `half` pixels to both sides, where it is seen from the centre in a
  /// direction: along the normal there, around the centre of the curvature there.
  public func ray(towards direction: Angle, half: Double) -> CaliperPath {
    let seen = direction.radians - angle.radians
    let t = atan2(major * sin(seen), minor * cos(seen))
    // In the axes of the ellipse, anticlockwise, y up.
    let (u, v) = (major * cos(t), minor * sin(t))
    let normal = atan2(v * major * major, u * minor * minor)
    let slope = hypot(major * sin(t), minor * cos(t))
    let radius = slope * slope * slope / (major * minor)
    let out = normal + angle.radians
    let x = u * cos(angle.radians) - v * sin(angle.radians) - radius * cos(out)
    let y = u * sin(angle.radians) + v * cos(angle.radians) - radius * sin(out)
    return .ray(
      centre: PixelPoint(x: centre.x + x, y: centre.y - y), direction: .radians(out),
      from: radius - min(half, radius - 0.5), to: radius + half)
  }

  /// Distance of a point from the curve, to first order; outside positive.
  public func distance(to p: PixelPoint) -> Double {
    Self.distance([centre.x, centre.y, major, minor, -angle.radians], p)
  }

  /// First order in the distance: F over the length of its gradient, exact for circles.
  static func distance(_ e: [Double], _ p: PixelPoint) -> Double {
    let dx = p.x - e[0], dy = p.y - e[1]
    if e[2] == e[3] { return hypot(dx, dy) - e[2] }
    let (c, s) = (cos(e[4]), sin(e[4]))
    let u = (c * dx + s * dy) / e[2], v = (c * dy - s * dx) / e[3]
    let radius = hypot(u, v), slope = hypot(u / e[2], v / e[3])
    return slope > 0 ? (radius - 1) * radius / slope : -e[3]
  }

  /// A circle by least squares of the distances, robustly. Nil for fewer than three points or
  /// points on a line.
  public static func fitCircle(_ points: [PixelPoint]) -> EllipseShape? {
    robust(points, axes: 1, least: 3) { points, weights in
      guard let start = algebraicCircle(points, weights) else { return nil }
      let fit = refined(start, points, weights) { p in [p[0], p[1], p[2], p[2], 0] }
      return shape([fit[0], fit[1], fit[2], fit[2], 0], points, weights)
    } distance: { $0.distance(to: $1) }
  }

  /// Nil for fewer than five points, or where no ellipse goes through them.
  public static func fitEllipse(
    _ points: [PixelPoint], engine: Engine = .native
  ) -> EllipseShape? {
    robust(points, axes: 1, least: 5) { points, weights in
      if engine == .opencv {
        return curveWithOpenCV(weighty(points, weights)).flatMap { shape($0, points, weights) }
      }
      guard let start = algebraicEllipse(points, weights) else { return nil }
      let fit = refined(start, points, weights) { $0 }
      guard fit[2] > 0, fit[3] > 0 else { return nil }
      return shape(fit, points, weights)
    } distance: { $0.distance(to: $1) }
  }

  private static func refined(
    _ start: [Double], _ points: [PixelPoint], _ weights: [Double],
    _ ellipse: @escaping ([Double]) -> [Double]
  ) -> [Double] {
    let block = ResidualBlock(parameters: Array(start.indices), count: points.count) { p, out in
      let e = ellipse(p)
      for (i, point) in points.enumerated() { out[i] = distance(e, point) }
    }
    return LevenbergMarquardt([block]).minimise(start, weights: [weights]).parameters
  }

  private static func shape(
    _ e: [Double], _ points: [PixelPoint], _ weights: [Double]
  ) -> EllipseShape? {
    guard e.allSatisfy(\.isFinite), e[2] > 0, e[3] > 0 else { return nil }
    let distances = zip(points, weights).filter { $0.1 > 0 }.map { distance(e, $0.0) }
    guard let least = distances.min(), let most = distances.max() else { return nil }
    let isTurned = e[3] > e[2]
    var degrees = -(e[4] + (isTurned ? .pi / 2 : 0)) * 180 / .pi
    degrees -= (degrees / 180).rounded(.up) * 180
    if degrees <= -90 { degrees += 180 }
    let squares = distances.reduce(0) { $0 + $1 * $1 }
    return EllipseShape(
      centre: PixelPoint(x: e[0], y: e[1]), major: max(e[2], e[3]), minor: min(e[2], e[3]),
      angle: .degrees(e[2] == e[3] ? 0 : degrees),
      rms: (squares / Double(distances.count)).squareRoot(), roundness: most - least)
  }

  private static func algebraicCircle(_ points: [PixelPoint], _ weights: [Double]) -> [Double]? {
    let total = weights.reduce(0, +)
    guard total > 0 else { return nil }
    let mx = zip(points, weights).reduce(0) { $0 + $1.0.x * $1.1 } / total
    let my = zip(points, weights).reduce(0) { $0 + $1.0.y * $1.1 } / total
    var system = Matrix(rows: points.count, columns: 3)
    var right = [Double](repeating: 0, count: points.count)
    for (i, (p, weight)) in zip(points, weights).enumerated() {
      let w = weight.squareRoot(), x = p.x - mx, y = p.y - my
      (system[i, 0], system[i, 1], system[i, 2]) = (w * x, w * y, w)
      right[i] = w * (x * x + y * y)
    }
    let parts = SingularValues(system)
    guard parts.condition < 1e9 else { return nil }
    let s = parts.solve(right)
    let square = s[2] + (s[0] * s[0] + s[1] * s[1]) / 4
    guard square > 0 else { return nil }
    return [mx + s[0] / 2, my + s[1] / 2, square.squareRoot()]
  }

  private static func algebraicEllipse(_ points: [PixelPoint], _ weights: [Double]) -> [Double]? {
    guard let circle = algebraicCircle(points, weights) else { return nil }
    let scale = circle[2]
    var system = Matrix(rows: points.count, columns: 6)
    for (i, (p, weight)) in zip(points, weights).enumerated() {
      let w = weight.squareRoot(), x = (p.x - circle[0]) / scale, y = (p.y - circle[1]) / scale
      for (j, value) in [x * x, x * y, y * y, x, y, 1].enumerated() { system[i, j] = w * value }
    }
    let k = SingularValues(system).leastDirection
    let determinant = 4 * k[0] * k[2] - k[1] * k[1]
    guard determinant > 1e-9 else { return nil }
    let x = (k[1] * k[4] - 2 * k[2] * k[3]) / determinant
    let y = (k[1] * k[3] - 2 * k[0] * k[4]) / determinant
    let level = -(k[5] + (k[3] * x + k[4] * y) / 2)
    let half = (k[0] + k[2]) / 2, spread = hypot((k[0] - k[2]) / 2, k[1] / 2)
    let (least, most) = ((half - spread) / level, (half + spread) / level)
    guard least > 0, most > 0 else { return nil }
    let (a, b) = (1 / min(least, most).squareRoot(), 1 / max(least, most).squareRoot())
    let towards = level > 0 ? 0.5 * atan2(-k[1], k[2] - k[0]) : 0.5 * atan2(k[1], k[0] - k[2])
    return [circle[0] + scale * x, circle[1] + scale * y, scale * a, scale * b, towards]
  }
}

/// The points that weigh something, for a fit that knows no weights.
private func weighty(_ points: [PixelPoint], _ weights: [Double]) -> [PixelPoint] {
  zip(points, weights).filter { $0.1 > 0.25 }.map(\.0)
}

/// Fits, weighs down what lies too far off, fits again; at last leaves out what is no noise.
private func robust<Shape>(
  _ points: [PixelPoint], axes: Int, least: Int,
  fit: ([PixelPoint], [Double]) -> Shape?, distance: (Shape, PixelPoint) -> Double
) -> Shape? {
  guard points.count >= least else { return nil }
  var weights = [Double](repeating: 1, count: points.count)
  guard var shape = fit(points, weights) else { return nil }
  for round in 0..<8 {
    let distances = points.map { abs(distance(shape, $0)) }
    let scale = max(RobustWeights.scale(ofLengths: distances, axes: axes), 1e-6)
    let next = distances.map { d in
      round < 5
        ? RobustWeights.tukey(d, scale: scale, limit: 6) : d <= 3.5 * scale ? 1.0 : 0
    }
    guard next.filter({ $0 > 0 }).count >= least, let better = fit(points, next) else { break }
    if next == weights { break }
    (weights, shape) = (next, better)
  }
  return shape
}
