import VisionImage

/// A line through an image where its grey levels, linear between pixel centres, pass a threshold.
public struct SubpixelContour: Sendable, Hashable {
  /// In order, the brighter side on the right as one walks along (y runs down): around a bright
  /// area clockwise as seen on the screen.
  public let points: [PixelPoint]
  /// Closed contours do not repeat their first point; open ones end at the image's edge.
  public let isClosed: Bool

  /// Its length in pixels.
  public var length: Double {
    var length = 0.0
    for i in points.indices where i > 0 || isClosed {
      let a = points[i], b = points[i == 0 ? points.count - 1 : i - 1]
      length += ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
    }
    return length
  }

  /// The area that it encloses; negative around dark areas. 0 for open contours.
  public var area: Double {
    guard isClosed else { return 0 }
    return points.indices.reduce(0.0) { sum, i in
      let a = points[i], b = points[(i + 1) % points.count]
      return sum + (a.x * b.y - a.y * b.x) / 2
    }
  }

  /// All contours of a grey image at a level, in the raster order of the cell they were met in.
  /// Where a cell could be parted in two ways, the mean of its four pixels decides.
  public static func trace<P: GreyPixel>(_ image: ImageView<P>, at level: Double) -> [SubpixelContour] {
    image.withRows { rows in
      var tracer = ContourTracer(rows, width: image.width, height: image.height, level: level)
      return tracer.traceAll()
    }
  }
}

/// Marching squares: a cell lies between four pixel centres; a contour enters and leaves it through
/// the sides whose ends lie on different sides of the level.
///
/// Corners and sides are numbered clockwise from the top left and the top: side s runs from corner s
/// to corner s + 1. Whoever leaves through it has the bright corner s + 1 on the right.
private struct ContourTracer<P: GreyPixel> {
  let rows: PixelRows<P>
  let width: Int
  let height: Int
  let level: Double
  /// Ways through a cell that were walked: bit s for the one that leaves through side s.
  private var walked: [UInt8]

  private struct Way {
    var from: Int
    var to: Int
  }

  init(_ rows: PixelRows<P>, width: Int, height: Int, level: Double) {
    self.rows = rows
    self.width = width
    self.height = height
    self.level = level
    walked = [UInt8](repeating: 0, count: max(0, (width - 1) * (height - 1)))
  }

  mutating func traceAll() -> [SubpixelContour] {
    var contours: [SubpixelContour] = []
    guard width > 1, height > 1 else { return contours }
    // Which pixels of two rows are bright; cells of one kind only, nearly all, are passed over eight
    // at a time.
    let room = width + 8
    var upper = [UInt8](repeating: 0, count: room), lower = upper
    mark(0, in: &lower)
    for y in 0..<height - 1 {
      swap(&upper, &lower)
      mark(y + 1, in: &lower)
      for x in stride(from: 0, to: width - 1, by: 8) where Self.isMixed(upper, lower, x) {
        for x in x..<min(x + 8, width - 1) { traceNew(x, y, &contours) }
      }
    }
    return contours
  }

  private func mark(_ y: Int, in bright: inout [UInt8]) {
    let row = rows[y], level = level
    bright.withUnsafeMutableBufferPointer { bright in
      for x in 0..<width { bright[x] = row[x].real > level ? 1 : 0 }
      // So that the last cells are passed over, too.
      for x in width..<bright.count { bright[x] = bright[width - 1] }
    }
  }

  private static func isMixed(_ upper: [UInt8], _ lower: [UInt8], _ x: Int) -> Bool {
    upper.withUnsafeBytes { p in
      lower.withUnsafeBytes { q in
        let first = p.loadUnaligned(fromByteOffset: x, as: UInt64.self)
        let others =
          (first ^ q.loadUnaligned(fromByteOffset: x, as: UInt64.self))
          | (first ^ (first >> 8 | UInt64(p[x + 8]) << 56))
        return others != 0 || q[x + 8] != p[x + 8]
      }
    }
  }

  /// The contours through a cell that were not met before.
  private mutating func traceNew(_ x: Int, _ y: Int, _ contours: inout [SubpixelContour]) {
    let leaves = leaves(x, y)
    for side in 0..<4 where leaves >> side & 1 == 1 {
      guard walked[y * (width - 1) + x] >> UInt8(side) & 1 == 0 else { continue }
      contours.append(trace(x, y, Way(from: entry(x, y, to: side), to: side)))
    }
  }

  // MARK: One cell

  private func pixel(_ x: Int, _ y: Int) -> Double { rows[y][x].real }

  /// Bit i for corner i where that is bright.
  private func corners(_ x: Int, _ y: Int) -> Int {
    (pixel(x, y) > level ? 1 : 0) | (pixel(x + 1, y) > level ? 2 : 0)
      | (pixel(x + 1, y + 1) > level ? 4 : 0) | (pixel(x, y + 1) > level ? 8 : 0)
  }

  /// Bit s for every side that a contour leaves through: corner s is dark and the next one bright.
  private func leaves(_ x: Int, _ y: Int) -> Int { Self.leaves(corners(x, y)) }

  private static func leaves(_ corners: Int) -> Int { ~corners & (corners >> 1 | corners << 3) & 15 }
  private static func enters(_ corners: Int) -> Int { corners & ~(corners >> 1 | corners << 3) & 15 }

  /// Two contours pass: corners that lie across from each other are alike.
  private static func isSaddle(_ corners: Int) -> Bool { corners == 5 || corners == 10 }

  /// Whether the bright corners of a saddle hang together: its mean decides.
  private func isJoined(_ x: Int, _ y: Int) -> Bool {
    (pixel(x, y) + pixel(x + 1, y) + pixel(x + 1, y + 1) + pixel(x, y + 1)) / 4 > level
  }

  /// Where the contour comes in that leaves through a side.
  private func entry(_ x: Int, _ y: Int, to side: Int) -> Int {
    let corners = corners(x, y)
    guard Self.isSaddle(corners) else { return Self.enters(corners).trailingZeroBitCount }
    // Where the bright corners are joined the dark one before the leaving side is cut off, else the
    // bright one after it.
    return (isJoined(x, y) ? side + 3 : side + 1) & 3
  }

  /// Where the contour leaves that comes in through a side.
  private func exit(_ x: Int, _ y: Int, from side: Int) -> Int {
    let corners = corners(x, y)
    guard Self.isSaddle(corners) else { return Self.leaves(corners).trailingZeroBitCount }
    return (isJoined(x, y) ? side + 1 : side + 3) & 3
  }

  /// The point on a side of a cell where the level is passed.
  private func crossing(_ x: Int, _ y: Int, _ side: Int) -> PixelPoint {
    let isAcross = side & 1 == 0
    let x0 = side == 1 ? x + 1 : x, y0 = side == 2 ? y + 1 : y
    let a = pixel(x0, y0), b = isAcross ? pixel(x0 + 1, y0) : pixel(x0, y0 + 1)
    let t = (level - a) / (b - a)
    return isAcross
      ? PixelPoint(x: Double(x0) + t, y: Double(y0)) : PixelPoint(x: Double(x0), y: Double(y0) + t)
  }

  // MARK: From cell to cell

  private mutating func trace(_ x: Int, _ y: Int, _ way: Way) -> SubpixelContour {
    // Back to where an open contour comes from, or once around a closed one.
    var start = (x: x, y: y, way: way)
    while let before = neighbour(start.x, start.y, start.way.from) {
      let to = start.way.from ^ 2
      start = (before.x, before.y, Way(from: entry(before.x, before.y, to: to), to: to))
      if start.x == x && start.y == y && start.way.to == way.to { break }
    }
    var points = [crossing(start.x, start.y, start.way.from)]
    var here = start
    while true {
      walked[here.y * (width - 1) + here.x] |= 1 << UInt8(here.way.to)
      let leave = here.way.to
      let point = crossing(here.x, here.y, leave)
      guard let next = neighbour(here.x, here.y, leave) else {
        points.append(point)
        return SubpixelContour(points: points, isClosed: false)
      }
      let from = leave ^ 2
      let to = exit(next.x, next.y, from: from)
      if next.x == start.x && next.y == start.y && to == start.way.to {
        return SubpixelContour(points: points, isClosed: true)
      }
      points.append(point)
      here = (next.x, next.y, Way(from: from, to: to))
    }
  }

  /// The cell beyond a side; nil at the image's edge.
  private func neighbour(_ x: Int, _ y: Int, _ side: Int) -> (x: Int, y: Int)? {
    let x = x + (side == 1 ? 1 : side == 3 ? -1 : 0), y = y + (side == 2 ? 1 : side == 0 ? -1 : 0)
    return x >= 0 && y >= 0 && x < width - 1 && y < height - 1 ? (x, y) : nil
  }
}
