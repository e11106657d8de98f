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
      var tracer = ContourTracer(width: image.width, height: image.height, level: level) { x, y in
        rows[y][x].real
      }
      return tracer.traceAll()
    }
  }
}

/// Marching squares: a cell lies between four pixel centres; a contour enters and leaves it through
/// the sides whose ends lie on different sides of the level.
private struct ContourTracer {
  /// The sides of a cell, clockwise.
  enum Side: Int {
    case top, right, bottom, left
    var opposite: Side { Side(rawValue: rawValue ^ 2)! }
  }

  let width: Int
  let height: Int
  let level: Double
  let pixel: (Int, Int) -> Double
  /// Ways through a cell that were walked: bit s for the one that leaves through side s.
  private var walked: [UInt8]

  init(width: Int, height: Int, level: Double, pixel: @escaping (Int, Int) -> Double) {
    self.width = width
    self.height = height
    self.level = level
    self.pixel = pixel
    walked = [UInt8](repeating: 0, count: max(0, (width - 1) * (height - 1)))
  }

  mutating func traceAll() -> [SubpixelContour] {
    var contours: [SubpixelContour] = []
    for y in 0..<max(0, height - 1) {
      for x in 0..<max(0, width - 1) {
        for way in ways(x, y) where walked[y * (width - 1) + x] & 1 << UInt8(way.to.rawValue) == 0 {
          contours.append(trace(x, y, way))
        }
      }
    }
    return contours
  }

  /// Where contours enter and leave a cell, the bright corners on the right.
  private func ways(_ x: Int, _ y: Int) -> [(from: Side, to: Side)] {
    let corners = [pixel(x, y), pixel(x + 1, y), pixel(x + 1, y + 1), pixel(x, y + 1)]
    let bright = corners.map { $0 > level }
    // Side s runs from corner s to corner s + 1, clockwise: whoever leaves through it has corner
    // s + 1 on the right.
    let leaves = (0..<4).filter { !bright[$0] && bright[($0 + 1) % 4] }
    let enters = (0..<4).filter { bright[$0] && !bright[($0 + 1) % 4] }
    if leaves.count < 2 {
      return zip(enters, leaves).map { (Side(rawValue: $0)!, Side(rawValue: $1)!) }
    }
    let isJoined = corners.reduce(0, +) / 4 > level
    return leaves.map { leave in
      // Where the bright corners are joined the dark one before the leaving side is cut off, else
      // the bright one after it.
      let enter = isJoined ? (leave + 3) % 4 : (leave + 1) % 4
      return (Side(rawValue: enter)!, Side(rawValue: leave)!)
    }
  }

  /// The point on a side of a cell where the level is passed.
  private func crossing(_ x: Int, _ y: Int, _ side: Side) -> PixelPoint {
    let isAcross = side == .top || side == .bottom
    let x0 = side == .right ? x + 1 : x, y0 = side == .bottom ? y + 1 : y
    let a = pixel(x0, y0), b = isAcross ? pixel(x0 + 1, y0) : pixel(x0, y0 + 1)
    let t = (level - a) / (b - a)
    return isAcross
      ? PixelPoint(x: Double(x0) + t, y: Double(y0)) : PixelPoint(x: Double(x0), y: Double(y0) + t)
  }

  private mutating func trace(_ x: Int, _ y: Int, _ way: (from: Side, to: Side)) -> SubpixelContour {
    // Back to where an open contour comes from, or once around a closed one.
    var start = (x: x, y: y, way: way)
    while let before = neighbour(start.x, start.y, start.way.from) {
      let entry = start.way.from.opposite
      let earlier = ways(before.x, before.y).first { $0.to == entry }!
      start = (before.x, before.y, earlier)
      if start.x == x && start.y == y && start.way.to == way.to { break }
    }
    var points = [crossing(start.x, start.y, start.way.from)]
    var here = start
    while true {
      walked[here.y * (width - 1) + here.x] |= 1 << UInt8(here.way.to.rawValue)
      let leave = here.way.to
      let point = crossing(here.x, here.y, leave)
      guard let next = neighbour(here.x, here.y, leave) else {
        points.append(point)
        return SubpixelContour(points: points, isClosed: false)
      }
      let following = ways(next.x, next.y).first { $0.from == leave.opposite }!
      if next.x == start.x && next.y == start.y && following.to == start.way.to {
        return SubpixelContour(points: points, isClosed: true)
      }
      points.append(point)
      here = (next.x, next.y, following)
    }
  }

  private func neighbour(_ x: Int, _ y: Int, _ side: Side) -> (x: Int, y: Int)? {
    let next =
      switch side {
      case .top: (x: x, y: y - 1)
      case .right: (x: x + 1, y: y)
      case .bottom: (x: x, y: y + 1)
      case .left: (x: x - 1, y: y)
      }
    let isInside = next.x >= 0 && next.y >= 0 && next.x < width - 1 && next.y < height - 1
    return isInside ? next : nil
  }
}
