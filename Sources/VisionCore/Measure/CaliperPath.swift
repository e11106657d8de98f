import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The way along which a caliper looks for edges.
public enum CaliperPath: Sendable, Equatable {
  case line(from: PixelPoint, to: PixelPoint)
  /// From an angle (anticlockwise from the x axis) on, anticlockwise where `sweep` is positive.
  case arc(centre: PixelPoint, radius: Double, start: Angle, sweep: Angle)

  /// Outwards along a ray, across an edge that bends around the ray's start: pixels count by how far
  /// they are from there, so that the bend does not pull the edge inwards however wide the strip is.
  case ray(centre: PixelPoint, direction: Angle, from: Double, to: Double)

  /// Pixels.
  public var length: Double {
    switch self {
    case .line(let from, let to): hypot(to.x - from.x, to.y - from.y)
    case .arc(_, let radius, _, let sweep): radius * abs(sweep.radians)
    case .ray(_, _, let from, let to): to - from
    }
  }

  /// The point so many pixels along.
  public func place(at s: Double) -> PixelPoint {
    switch self {
    case .line(let from, let to):
      let t = s / length
      return PixelPoint(x: from.x + t * (to.x - from.x), y: from.y + t * (to.y - from.y))
    case .arc(let centre, let radius, let start, let sweep):
      let angle = start.radians + (sweep.radians < 0 ? -s : s) / radius
      return PixelPoint(x: centre.x + radius * cos(angle), y: centre.y - radius * sin(angle))
    case .ray(let centre, let direction, let from, _):
      let r = from + s, angle = direction.radians
      return PixelPoint(x: centre.x + r * cos(angle), y: centre.y - r * sin(angle))
    }
  }

  /// Where an edge is that is seen at a position: blur pulls one that bends towards the middle of its
  /// bend, by blur² / 2 r to second order.
  func unbent(_ position: Double, blur: Double) -> Double {
    guard case .ray(_, _, let from, _) = self, from + position > 2 * blur else { return position }
    return position + blur * blur / (2 * (from + position))
  }

  /// The rectangle around all pixels no farther than `half` from the path: x, then y.
  func bounds(_ half: Double) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    switch self {
    case .ray:
      return CaliperPath.line(from: place(at: 0), to: place(at: length)).bounds(half)
    case .line(let a, let b):
      let acrossX = abs(b.y - a.y) / length * half, acrossY = abs(b.x - a.x) / length * half
      return (
        min(a.x, b.x) - acrossX...max(a.x, b.x) + acrossX,
        min(a.y, b.y) - acrossY...max(a.y, b.y) + acrossY
      )
    case .arc(let centre, let radius, _, _):
      let reach = radius + half
      return (centre.x - reach...centre.x + reach, centre.y - reach...centre.y + reach)
    }
  }

  /// How far along and how far beside the path a pixel lies, for many pixels.
  func measure() -> (_ x: Double, _ y: Double) -> (s: Double, t: Double) {
    switch self {
    case .line(let from, let to):
      let length = self.length
      let ax = (to.x - from.x) / length, ay = (to.y - from.y) / length
      return { x, y in
        let dx = x - from.x, dy = y - from.y
        return (dx * ax + dy * ay, dy * ax - dx * ay)
      }
    case .ray(let centre, let direction, let from, _):
      let ax = cos(direction.radians), ay = -sin(direction.radians)
      return { x, y in
        let dx = x - centre.x, dy = y - centre.y
        // What lies behind the centre is not on the ray.
        let isAhead = dx * ax + dy * ay > 0
        return (isAhead ? hypot(dx, dy) - from : -1, dy * ax - dx * ay)
      }
    case .arc(let centre, let radius, let start, let sweep):
      let sign = sweep.radians < 0 ? -1.0 : 1.0, turn = 2 * Double.pi
      // An angle just before the start is not a whole turn after it.
      let least = (abs(sweep.radians) - turn) / 2
      return { x, y in
        let dx = x - centre.x, dy = centre.y - y
        var angle = sign * (atan2(dy, dx) - start.radians)
        angle -= ((angle - least) / turn).rounded(.down) * turn
        return (angle * radius, hypot(dx, dy) - radius)
      }
    }
  }
}
