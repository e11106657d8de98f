import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A rectangle through points of its four sides.
public struct RectangleShape: Sendable, Equatable {
  public let centre: PixelPoint
  /// Along the axis that `angle` tells.
  public let width: Double
  public let height: Double
  /// Anticlockwise from the x axis, in (-90, 90].
  public let angle: Angle
  /// The largest deviation of a corner from a right angle, in degrees.
  public let skew: Double

  /// From the sides in turn: upper, right, lower, left, as the rectangle itself sees it. Every side is
  /// a line of its own, robustly; nil where one of them is none, or they do not enclose anything.
  public static func fit(_ sides: [[PixelPoint]], engine: Engine = .native) -> RectangleShape? {
    precondition(sides.count == 4, "\(sides.count) sides")
    let lines = sides.compactMap { LineShape.fit($0, engine: engine) }
    guard lines.count == 4 else { return nil }
    let neighbours = Array(zip(lines, lines.dropFirst() + lines.prefix(1)))
    let corners = neighbours.compactMap { $0.intersection($1) }
    guard corners.count == 4 else { return nil }
    // Upper and lower side point along the width, the others along the height: a quarter turn on.
    // Each counts by the square of its length, as its points do for its direction.
    var c = 0.0, s = 0.0
    for (i, line) in lines.enumerated() {
      let turn = -line.angle.radians + (i % 2 == 1 ? Double.pi / 2 : 0)
      let length = hypot(line.ends.1.x - line.ends.0.x, line.ends.1.y - line.ends.0.y)
      // Twice the angle, as a line has no direction.
      c += length * length * cos(2 * turn)
      s += length * length * sin(2 * turn)
    }
    let axis = atan2(s, c) / 2
    let across = PixelPoint(x: cos(axis), y: sin(axis))
    func between(_ a: LineShape, _ b: LineShape) -> Double {
      (abs(a.distance(to: b.middle)) + abs(b.distance(to: a.middle))) / 2
    }
    let skew = neighbours.map { a, b in
      let dot = abs(a.direction.x * b.direction.x + a.direction.y * b.direction.y)
      return asin(min(1, dot)) * 180 / .pi
    }
    var degrees = -atan2(across.y, across.x) * 180 / .pi
    if degrees <= -90 { degrees += 180 }
    return RectangleShape(
      centre: PixelPoint(
        x: corners.reduce(0) { $0 + $1.x } / 4, y: corners.reduce(0) { $0 + $1.y } / 4),
      width: between(lines[1], lines[3]), height: between(lines[0], lines[2]),
      angle: .degrees(degrees), skew: skew.max() ?? 0)
  }
}
