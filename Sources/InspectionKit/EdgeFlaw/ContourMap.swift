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

  private static let square = 4.0
  /// Segments are at most so long: they may stick out of the square that their start lies in.
  private static let longest = 1.5
  private let left: Double
  private let top: Double
  private let columns: Int
  private let rows: Int
  /// Ordered by the square that they start in, and where those of each square begin.
  private let segments: [Segment]
  private let starts: [Int32]

  init(_ contours: [SubpixelContour]) {
    var segments: [Segment] = []
    for contour in contours {
      let points = contour.points
      for i in points.indices where i > 0 || contour.isClosed {
        let a = points[i > 0 ? i - 1 : points.count - 1], b = points[i]
        if a != b { segments.append(Segment(a: a, b: b)) }
      }
    }
    var left = Double.infinity, top = Double.infinity
    var right = -Double.infinity, bottom = -Double.infinity
    for segment in segments {
      left = min(left, segment.a.x)
      right = max(right, segment.a.x)
      top = min(top, segment.a.y)
      bottom = max(bottom, segment.a.y)
    }
    if segments.isEmpty { (left, top, right, bottom) = (0, 0, 0, 0) }
    self.left = left
    self.top = top
    let columns = Int((right - left) / Self.square) + 1
    rows = Int((bottom - top) / Self.square) + 1
    self.columns = columns
    let places = segments.map {
      Int(($0.a.y - top) / Self.square) * columns + Int(($0.a.x - left) / Self.square)
    }
    var starts = [Int32](repeating: 0, count: columns * rows + 1)
    for place in places { starts[place + 1] += 1 }
    for i in 1..<starts.count { starts[i] += starts[i - 1] }
    var next = starts
    var ordered = segments
    for (segment, place) in zip(segments, places) {
      ordered[Int(next[place])] = segment
      next[place] += 1
    }
    self.segments = ordered
    self.starts = starts
  }

  /// Nil where nothing is within `reach` pixels.
  func nearest(to p: PixelPoint, within reach: Double) -> Nearest? {
    let square = Self.square
    var best = reach * reach
    var found: (segment: Segment, foot: PixelPoint)?
    let u = Int(((p.x - left) / square).rounded(.down))
    let v = Int(((p.y - top) / square).rounded(.down))
    // How far the point is from the nearest side of its own square.
    let inX = p.x - left - Double(u) * square, inY = p.y - top - Double(v) * square
    let inside = min(min(inX, square - inX), min(inY, square - inY))
    segments.withUnsafeBufferPointer { segments in
      starts.withUnsafeBufferPointer { starts in
        for ring in 0...Int(reach / square) + 2 {
          // What starts in this ring of squares is at least so far away.
          let least = Double(ring - 1) * square + inside - Self.longest
          if least > 0, least * least > best { break }
          for y in max(0, v - ring)..<max(0, v - ring, min(rows, v + ring + 1)) {
            let isEnd = abs(y - v) == ring
            for x in stride(from: u - ring, through: u + ring, by: isEnd ? 1 : 2 * ring) {
              guard x >= 0, x < columns else { continue }
              let place = y * columns + x
              for i in Int(starts[place])..<Int(starts[place + 1]) {
                let segment = segments[i]
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
