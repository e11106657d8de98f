import VisionCore
import VisionImage

/// Contours that can be asked how far a point is from them. They are cut into squares, so that only
/// what is near is looked at.
struct ContourMap: Sendable {
  /// The nearest place of the contours.
  struct Nearest {
    let foot: PixelPoint
    /// Pixels; positive on the brighter side.
    let distance: Double
    /// Of length 1, towards the brighter side.
    let normal: (x: Double, y: Double)
  }

  private struct Segment {
    let a: PixelPoint
    let b: PixelPoint
  }

  private static let square = 8.0
  private let left: Double
  private let top: Double
  private let columns: Int
  private let rows: Int
  private let segments: [Segment]
  /// For every square the segments that touch it.
  private let squares: [[Int32]]

  init(_ contours: [SubpixelContour]) {
    var segments: [Segment] = []
    for contour in contours {
      let points = contour.points
      for i in points.indices where i > 0 || contour.isClosed {
        let a = points[i > 0 ? i - 1 : points.count - 1], b = points[i]
        if a != b { segments.append(Segment(a: a, b: b)) }
      }
    }
    let xs = segments.map(\.a.x), ys = segments.map(\.a.y)
    left = xs.min() ?? 0
    top = ys.min() ?? 0
    // Segments are at most a pixel and a half long: a square more takes in what sticks out.
    columns = Int(((xs.max() ?? 0) - left) / Self.square) + 2
    rows = Int(((ys.max() ?? 0) - top) / Self.square) + 2
    var squares = [[Int32]](repeating: [], count: columns * rows)
    for (i, segment) in segments.enumerated() {
      let x = Int((segment.a.x - left) / Self.square), y = Int((segment.a.y - top) / Self.square)
      squares[y * columns + x].append(Int32(i))
    }
    self.segments = segments
    self.squares = squares
  }

  /// Nil where nothing is within `reach` pixels.
  func nearest(to p: PixelPoint, within reach: Double) -> Nearest? {
    var best = reach * reach
    var found: (segment: Segment, foot: PixelPoint)?
    let u = Int(((p.x - left) / Self.square).rounded(.down))
    let v = Int(((p.y - top) / Self.square).rounded(.down))
    // Ring by ring; a segment of ring r is at least r - 1 squares away, less its own length.
    for ring in 0...Int(reach / Self.square) + 2 {
      let least = Double(ring - 1) * Self.square - 2
      if least > 0, least * least > best { break }
      for y in max(0, v - ring)...max(max(0, v - ring), min(rows - 1, v + ring)) {
        let isEnd = abs(y - v) == ring
        for x in stride(from: u - ring, through: u + ring, by: isEnd || ring == 0 ? 1 : 2 * ring) {
          guard y < rows, abs(y - v) <= ring, x >= 0, x < columns else { continue }
          for i in squares[y * columns + x] {
            let segment = segments[Int(i)]
            let foot = Self.foot(p, on: segment)
            let square = (p.x - foot.x) * (p.x - foot.x) + (p.y - foot.y) * (p.y - foot.y)
            if square < best {
              best = square
              found = (segment, foot)
            }
          }
        }
      }
    }
    guard let (segment, foot) = found else { return nil }
    let dx = segment.b.x - segment.a.x, dy = segment.b.y - segment.a.y
    let length = (dx * dx + dy * dy).squareRoot()
    // The brighter side is on the right of who walks along; y runs down.
    let normal = (x: -dy / length, y: dx / length)
    let side = (p.x - segment.a.x) * normal.x + (p.y - segment.a.y) * normal.y
    return Nearest(
      foot: foot, distance: best.squareRoot() * (side < 0 ? -1 : 1), normal: normal)
  }

  private static func foot(_ p: PixelPoint, on segment: Segment) -> PixelPoint {
    let dx = segment.b.x - segment.a.x, dy = segment.b.y - segment.a.y
    let t = ((p.x - segment.a.x) * dx + (p.y - segment.a.y) * dy) / (dx * dx + dy * dy)
    let s = max(0, min(1, t))
    return PixelPoint(x: segment.a.x + s * dx, y: segment.a.y + s * dy)
  }
}
