import VisionImage

/// The outline of a region: hull, ferets, perimeter.
extension Region {
  /// First and last column of every row that has any.
  private var spans: [(y: Int, first: Int, last: Int)] {
    rows.map { ($0.y, runs[$0.runs.lowerBound].start, runs[$0.runs.upperBound - 1].end - 1) }
  }

  /// The hull of the pixels' centres.
  var hullOfCentres: ConvexPolygon {
    ConvexPolygon(
      around: spans.flatMap { [GridPoint(x: $0.first, y: $0.y), GridPoint(x: $0.last, y: $0.y)] })
  }

  /// The hull of the middles of the pixels' edges, in half pixels.
  private var hullOfEdges: ConvexPolygon {
    ConvexPolygon(
      around: spans.flatMap { y, first, last in
        [
          GridPoint(x: 2 * first - 1, y: 2 * y), GridPoint(x: 2 * last + 1, y: 2 * y),
          GridPoint(x: 2 * first, y: 2 * y - 1), GridPoint(x: 2 * first, y: 2 * y + 1),
          GridPoint(x: 2 * last, y: 2 * y - 1), GridPoint(x: 2 * last, y: 2 * y + 1),
        ]
      })
  }

  /// The pixels whose centres lie in the hull of the region's pixel edges, or on its outline.
  public var convexHull: Region {
    guard !isEmpty else { return .empty }
    let box = box
    var first = [Int](repeating: .max, count: box.height)
    var last = [Int](repeating: .min, count: box.height)
    func floored(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }
    for (a, b) in hullOfEdges.edges where a.y != b.y {
      let (upper, lower) = a.y < b.y ? (a, b) : (b, a)
      let slope = lower - upper
      for y in -floored(-upper.y, 2)...floored(lower.y, 2) {
        // The edge's x in half pixels is (upper.x * slope.y + …) / slope.y.
        let x = upper.x * slope.y + slope.x * (2 * y - upper.y)
        first[y - box.y] = min(first[y - box.y], -floored(-x, 2 * slope.y))
        last[y - box.y] = max(last[y - box.y], floored(x, 2 * slope.y))
      }
    }
    return Region(
      normal: first.indices.filter { first[$0] <= last[$0] }.map {
        Run(y: box.y + $0, start: first[$0], end: last[$0] + 1)
      })
  }

  /// The least and the greatest distance of parallel lines on either side, over the middles of the
  /// pixel edges of the convex hull.
  public var ferets: (max: Double, min: Double) { convexHull.feretsOfConvex }

  /// The same for a region that is its own hull.
  var feretsOfConvex: (max: Double, min: Double) {
    let polygon = hullOfEdges
    return (polygon.diameter / 2, polygon.width / 2)
  }

  /// The rectangle of least area around the pixels' centres.
  public var leastRectangle: OrientedRectangle { hullOfCentres.leastRectangle }

  /// The length of the outlines, holes included: a line through the centres of the border pixels,
  /// whose steps count 1 or √2 by the neighbours that a border pixel has on the border (Benkrid and
  /// Crookes 2000).
  public var perimeter: Double {
    guard !isEmpty else { return 0 }
    let border = border
    let box = box
    // Three rows of the border at a time, a byte a pixel, one pixel of ground on either side.
    let width = box.width + 2
    var lines = [UInt8](repeating: 0, count: 3 * width)
    let rows = border.rows
    // The rows of `border` are those of the region, without gaps only where it is connected.
    func fill(_ row: Int, _ value: UInt8) {
      let line = (rows[row].y - box.y) % 3 * width
      for run in border.runs[rows[row].runs] {
        for x in run.start - box.x + 1..<run.end - box.x + 1 { lines[line + x] = value }
      }
    }
    var straight = 0, diagonal = 0, mixed = 0
    for row in rows.indices {
      let y = rows[row].y
      let hasBefore = row > 0 && rows[row - 1].y == y - 1
      let hasAfter = row + 1 < rows.count && rows[row + 1].y == y + 1
      if !hasBefore { fill(row, 1) }
      if hasAfter { fill(row + 1, 1) }
      let line = y - box.y
      let here = line % 3 * width, above = (line + 2) % 3 * width, below = (line + 1) % 3 * width
      for run in border.runs[rows[row].runs] {
        for x in run.start - box.x + 1..<run.end - box.x + 1 {
          let sides = lines[above + x] + lines[below + x] + lines[here + x - 1] + lines[here + x + 1]
          let corners =
            lines[above + x - 1] + lines[above + x + 1] + lines[below + x - 1]
            + lines[below + x + 1]
          switch (sides, corners) {
          case (2, 0), (3, 0), (2, 1), (3, 1), (2, 2), (3, 2): straight += 1
          case (0, 2), (1, 3): diagonal += 1
          case (1, 1), (1, 2): mixed += 1
          default: break
          }
        }
      }
      if hasBefore { fill(row - 1, 0) }
      if !hasAfter { fill(row, 0) }
    }
    let root = 2.0.squareRoot()
    return Double(straight) + Double(diagonal) * root + Double(mixed) * ((1 + root) / 2)
  }
}
