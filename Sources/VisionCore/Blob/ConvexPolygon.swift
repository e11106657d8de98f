import VisionImage

/// A point of a grid. Hulls are found in whole numbers, so that no rounding decides what is convex.
public struct GridPoint: Hashable, Sendable {
  public var x: Int
  public var y: Int

  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }

  static func + (a: GridPoint, b: GridPoint) -> GridPoint { GridPoint(x: a.x + b.x, y: a.y + b.y) }
  static func - (a: GridPoint, b: GridPoint) -> GridPoint { GridPoint(x: a.x - b.x, y: a.y - b.y) }
  /// Twice the area of the triangle between both and the origin.
  func cross(_ other: GridPoint) -> Int { x * other.y - y * other.x }
  func dot(_ other: GridPoint) -> Int { x * other.x + y * other.y }
}

/// The convex hull of points: corners only, in order around it.
struct ConvexPolygon {
  let corners: [GridPoint]

  init(around points: [GridPoint]) {
    let sorted = points.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
    func chain(_ points: some Sequence<GridPoint>) -> [GridPoint] {
      var chain: [GridPoint] = []
      for point in points {
        while chain.count > 1,
          (chain[chain.count - 1] - chain[chain.count - 2]).cross(point - chain[chain.count - 1]) <= 0
        {
          chain.removeLast()
        }
        if chain.last != point { chain.append(point) }
      }
      return chain
    }
    let down = chain(sorted), up = chain(sorted.reversed())
    corners = down.count < 2 ? down : Array(down.dropLast() + up.dropLast())
  }

  /// The corners and those after them.
  var edges: [(GridPoint, GridPoint)] {
    corners.indices.map { (corners[$0], corners[($0 + 1) % corners.count]) }
  }

  /// The largest distance of two corners.
  var diameter: Double {
    var largest = 0
    for i in corners.indices {
      for j in 0..<i {
        let d = corners[i] - corners[j]
        largest = max(largest, d.dot(d))
      }
    }
    return Double(largest).squareRoot()
  }

  /// The smallest distance of two parallel lines that hold it between them; one of them then runs
  /// along an edge.
  var width: Double {
    edges.map { a, b in
      let along = b - a
      let reach = corners.map { abs(along.cross($0 - a)) }.max() ?? 0
      let length = along.dot(along)
      return length == 0 ? 0 : Double(reach) / Double(length).squareRoot()
    }.min() ?? 0
  }

  /// The rectangle of least area around it; one side then runs along an edge. Of rectangles of the
  /// same area, and small blobs have many, the one that is turned furthest clockwise within the
  /// quarter turn: what OpenCV's rotating callipers find last.
  var leastRectangle: OrientedRectangle {
    struct Candidate {
      /// To the right, perhaps downwards.
      let along: GridPoint
      let low: (Int, Int), high: (Int, Int)
      /// Sides times the length of `along`, which is the root of `squared`.
      var sides: (Int, Int) { (high.0 - low.0, high.1 - low.1) }
      var squared: Int { along.dot(along) }
      func isBetter(than other: Candidate) -> Bool {
        let mine = Int128(sides.0) * Int128(sides.1) * Int128(other.squared)
        let others = Int128(other.sides.0) * Int128(other.sides.1) * Int128(squared)
        return mine < others || mine == others && other.along.cross(along) > 0
      }
    }
    var best: Candidate?
    for (a, b) in edges where a != b {
      var along = b - a
      while along.x <= 0 || along.y < 0 { along = GridPoint(x: -along.y, y: along.x) }
      var low = (Int.max, Int.max), high = (Int.min, Int.min)
      for corner in corners {
        let u = along.dot(corner), v = along.cross(corner)
        low = (min(low.0, u), min(low.1, v))
        high = (max(high.0, u), max(high.1, v))
      }
      let candidate = Candidate(along: along, low: low, high: high)
      if best.map({ candidate.isBetter(than: $0) }) ?? true { best = candidate }
    }
    guard let best else {
      let point = corners.first ?? GridPoint(x: 0, y: 0)
      return OrientedRectangle(
        center: PixelPoint(x: Double(point.x), y: Double(point.y)), width: 0, height: 0,
        angle: .degrees(0))
    }
    let squared = Double(best.squared), length = squared.squareRoot()
    let u = Double(best.low.0 + best.high.0) / 2 / squared
    let v = Double(best.low.1 + best.high.1) / 2 / squared
    let x = Double(best.along.x), y = Double(best.along.y)
    return OrientedRectangle(
      center: PixelPoint(x: u * x - v * y, y: u * y + v * x), width: Double(best.sides.0) / length,
      height: Double(best.sides.1) / length, along: (x, y))
  }
}
