import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A piece of a contour that is straight, or bent like a circle.
public struct ContourSegment: Sendable {
  public enum Shape: Sendable {
    case line(LineShape)
    case arc(EllipseShape)
  }

  public let shape: Shape
  /// In the order of the contour.
  public let points: [PixelPoint]
}

extension PixelPoint {
  fileprivate func squaredDistance(to other: PixelPoint) -> Double {
    (x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)
  }
}

extension SubpixelContour {
  /// The contour as lines and arcs no point of which lies farther off than `tolerance` pixels. It is
  /// cut where it leaves its chord (Ramer), then neighbours are joined as long as one line or one
  /// circle serves both, those first that it serves best.
  public func segments(tolerance: Double = 0.7) -> [ContourSegment] {
    precondition(tolerance > 0, "a tolerance of \(tolerance) pixels")
    guard points.count >= 2 else { return [] }
    let cuts = ContourCuts(points, isClosed: isClosed, tolerance: tolerance)
    var pieces = cuts.pieces.map { from, to in
      ContourPiece(Array(from <= to ? points[from...to] : points[from...] + points[...to]))
    }
    join(&pieces, tolerance)
    return pieces.map { $0.segment(tolerance) }
  }

  private func join(_ pieces: inout [ContourPiece], _ tolerance: Double) {
    // What each piece would be together with the next; the last of a ring meets the first.
    func together(_ i: Int) -> ContourPiece? {
      guard pieces.count > 1, isClosed || i + 1 < pieces.count else { return nil }
      return pieces[i].joined(pieces[(i + 1) % pieces.count])
    }
    var joined = pieces.indices.map(together)
    func deviation(_ i: Int) -> Double { joined[i]?.deviation ?? .infinity }
    while let best = joined.indices.min(by: { deviation($0) < deviation($1) }),
      let union = joined[best], union.deviation <= tolerance
    {
      pieces[best] = union
      let second = (best + 1) % pieces.count
      pieces.remove(at: second)
      joined.remove(at: second)
      let here = second == 0 ? best - 1 : best
      let before = (here + pieces.count - 1) % pieces.count
      joined[here] = together(here)
      joined[before] = together(before)
    }
  }
}

/// Where a contour is cut: at the points that are farthest from the chord of their piece.
private struct ContourCuts {
  private(set) var pieces: [(from: Int, to: Int)] = []
  private let points: [PixelPoint]
  private let tolerance: Double

  init(_ points: [PixelPoint], isClosed: Bool, tolerance: Double) {
    self.points = points
    self.tolerance = tolerance
    guard isClosed else {
      cut(0, points.count - 1)
      return
    }
    // Two points of a ring that are far apart; the farthest from any point is a corner, if there
    // are corners.
    func farthest(from origin: Int) -> Int {
      points.indices.max {
        points[$0].squaredDistance(to: points[origin]) < points[$1].squaredDistance(to: points[origin])
      } ?? 0
    }
    let one = farthest(from: 0), other = farthest(from: one)
    let (first, second) = (min(one, other), max(one, other))
    guard first < second else { return }
    cut(first, second)
    // The rest of the ring, over the end of the list.
    let ring = ContourCuts(Array(points[second...] + points[...first]), isClosed: false, tolerance: tolerance)
    pieces += ring.pieces.map {
      (($0.from + second) % points.count, ($0.to + second) % points.count)
    }
  }

  private mutating func cut(_ from: Int, _ to: Int) {
    let a = points[from], b = points[to]
    let length = max(a.squaredDistance(to: b).squareRoot(), 1e-12)
    var farthest = from, most = 0.0
    for i in from...to {
      let p = points[i]
      let off = abs((p.x - a.x) * (b.y - a.y) - (p.y - a.y) * (b.x - a.x)) / length
      if off > most { (farthest, most) = (i, off) }
    }
    if most > tolerance && farthest > from && farthest < to {
      cut(from, farthest)
      cut(farthest, to)
    } else {
      pieces.append((from, to))
    }
  }
}

/// Some points of a contour, and how far they lie from the line and the circle that fit them best.
private struct ContourPiece {
  let points: [PixelPoint]
  let lineDeviation: Double
  let circleDeviation: Double
  let radius: Double

  var deviation: Double { min(lineDeviation, circleDeviation) }

  init(_ points: [PixelPoint]) {
    self.points = points
    let count = Double(points.count)
    let mx = points.reduce(0) { $0 + $1.x } / count, my = points.reduce(0) { $0 + $1.y } / count
    // Sums about the middle: x², xy, y², and with z = x² + y²: xz, yz, z.
    var xx = 0.0, xy = 0.0, yy = 0.0, xz = 0.0, yz = 0.0
    for p in points {
      let x = p.x - mx, y = p.y - my, z = x * x + y * y
      xx += x * x
      xy += x * y
      yy += y * y
      xz += x * z
      yz += y * z
    }
    let turn = 0.5 * atan2(2 * xy, xx - yy), c = cos(turn), s = sin(turn)
    lineDeviation = points.reduce(0) { max($0, abs(($1.y - my) * c - ($1.x - mx) * s)) }
    let determinant = xx * yy - xy * xy
    guard determinant > 1e-9 * (xx + yy) * (xx + yy) else {
      (circleDeviation, radius) = (.infinity, .infinity)
      return
    }
    let dx = (xz * yy - yz * xy) / determinant / 2, dy = (yz * xx - xz * xy) / determinant / 2
    let fitted = (dx * dx + dy * dy + (xx + yy) / count).squareRoot()
    circleDeviation = points.reduce(0) { most, p in
      max(most, abs(hypot(p.x - mx - dx, p.y - my - dy) - fitted))
    }
    radius = fitted
  }

  /// Both, their common point once.
  func joined(_ next: ContourPiece) -> ContourPiece {
    ContourPiece(points + (points.last == next.points.first ? next.points.dropFirst() : next.points[...]))
  }

  /// A line where one serves nearly as well: every line is also a very large circle, and a few points
  /// at its ends that belong to a corner bend that circle.
  func segment(_ tolerance: Double) -> ContourSegment {
    let isShort = points[0].squaredDistance(to: points[points.count - 1]) < 0.02 * radius * radius
    let isBent =
      lineDeviation > (isShort && radius > 20 * tolerance ? 2 : 1) * tolerance
      || lineDeviation > 3 * circleDeviation + 0.2 * tolerance && !isShort
    if isBent, let circle = EllipseShape.fitCircle(points) {
      return ContourSegment(shape: .arc(circle), points: points)
    }
    guard let line = LineShape.fit(points) else { preconditionFailure("a piece of one point") }
    return ContourSegment(shape: .line(line), points: points)
  }
}
