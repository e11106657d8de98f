import VisionImage

/// Contours along the ridges of the gradient: where the grey levels change fastest, found between
/// the pixels.
public struct EdgeContours: Sendable, Hashable {
  /// Of the Gaussian that comes first, in pixels.
  public var sigma: Double
  /// Gradient, in grey levels a pixel, that every point of a contour has …
  public var weak: Double
  /// … and that at least one of its points has.
  public var strong: Double
  /// Contours of fewer points are left out.
  public var fewestPoints: Int

  public init(sigma: Double = 1, weak: Double = 5, strong: Double = 10, fewestPoints: Int = 5) {
    precondition(sigma > 0 && weak > 0 && strong >= weak, "sigma \(sigma), \(weak), \(strong)")
    self.sigma = sigma
    self.weak = weak
    self.strong = strong
    self.fewestPoints = fewestPoints
  }

  /// Nil where the picture has no grey levels of 8 or 16 bits (these are scaled to 0...255). In the
  /// raster order of the first point; the brighter side lies on the right as one walks along.
  public func find(in picture: RasterView) -> [SubpixelContour]? {
    guard let plane = GreyPlane(picture) else { return nil }
    var points = points(of: plane.blurred(sigma: sigma))
    points.join()
    return points.contours(strong: strong, fewest: fewestPoints)
  }

  /// A pixel whose gradient is the greatest along the axis that it points to most; the place is the
  /// top of a parabola through it and its two neighbours there (after Devernay 1995).
  private func points(of plane: GreyPlane) -> EdgePoints {
    let width = plane.width, height = plane.height
    var all = EdgePoints(width: width, height: height)
    guard width >= 5, height >= 5 else { return all }
    func slope(_ x: Int, _ y: Int) -> (x: Double, y: Double, length: Double) {
      let dx = Double(plane[x + 1, y] - plane[x - 1, y]) / 2
      let dy = Double(plane[x, y + 1] - plane[x, y - 1]) / 2
      return (dx, dy, (dx * dx + dy * dy).squareRoot())
    }
    for y in 2..<height - 2 {
      for x in 2..<width - 2 {
        let here = slope(x, y)
        guard here.length >= weak else { continue }
        let isAcross = abs(here.x) >= abs(here.y)
        let before = (isAcross ? slope(x - 1, y) : slope(x, y - 1)).length
        let after = (isAcross ? slope(x + 1, y) : slope(x, y + 1)).length
        guard here.length > before, here.length >= after else { continue }
        let offset = 0.5 * (before - after) / (before - 2 * here.length + after)
        let place = PixelPoint(
          x: Double(x) + (isAcross ? offset : 0), y: Double(y) + (isAcross ? 0 : offset))
        all.add(x, y, EdgePoints.Point(place: place, slope: (here.x, here.y), length: here.length))
      }
    }
    return all
  }
}

/// Edge points, at most one a pixel, each of which comes to know the one that follows.
private struct EdgePoints {
  struct Point {
    let place: PixelPoint
    let slope: (x: Double, y: Double)
    let length: Double
  }

  private let width: Int
  private let height: Int
  private var points: [Point] = []
  private var pixels: [Int] = []
  /// The number of the point in each pixel.
  private var numbers: [Int32]
  private var next: [Int] = []
  private var previous: [Int] = []

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    numbers = [Int32](repeating: -1, count: width * height)
  }

  mutating func add(_ x: Int, _ y: Int, _ point: Point) {
    numbers[y * width + x] = Int32(points.count)
    pixels.append(y * width + x)
    points.append(point)
  }

  /// Two points follow one another where each is the other's nearest on that side.
  mutating func join() {
    let ahead = points.indices.map { nearest(to: $0, side: 1) }
    let behind = points.indices.map { nearest(to: $0, side: -1) }
    next = points.indices.map { ahead[$0] >= 0 && behind[ahead[$0]] == $0 ? ahead[$0] : -1 }
    previous = [Int](repeating: -1, count: points.count)
    for (point, follower) in next.enumerated() where follower >= 0 { previous[follower] = point }
  }

  /// The nearest point within two pixels ahead (side 1) or behind (-1) whose gradient points the
  /// same way; -1 where there is none.
  private func nearest(to number: Int, side: Double) -> Int {
    let point = points[number]
    let x = pixels[number] % width, y = pixels[number] / width
    var best = -1, least = Double.infinity
    for row in y - 2...y + 2 {
      for column in x - 2...x + 2 {
        let other = Int(numbers[row * width + column])
        guard other >= 0, other != number else { continue }
        let candidate = points[other]
        let dx = candidate.place.x - point.place.x, dy = candidate.place.y - point.place.y
        // Walking along (slope.y, -slope.x) the brighter side is on the right.
        let isThatSide = side * (dx * point.slope.y - dy * point.slope.x) > 0
        let isAlike = candidate.slope.x * point.slope.x + candidate.slope.y * point.slope.y > 0
        let distance = dx * dx + dy * dy
        if isThatSide && isAlike && distance < least { (best, least) = (other, distance) }
      }
    }
    return best
  }

  func contours(strong: Double, fewest: Int) -> [SubpixelContour] {
    var isDone = [Bool](repeating: false, count: points.count)
    var contours: [SubpixelContour] = []
    for number in points.indices where !isDone[number] {
      var first = number
      while previous[first] >= 0 && previous[first] != number { first = previous[first] }
      let isClosed = previous[first] == number
      if isClosed { first = number }
      var chain: [Int] = []
      var here = first
      repeat {
        isDone[here] = true
        chain.append(here)
        here = next[here]
      } while here >= 0 && here != first
      guard chain.count >= fewest, chain.contains(where: { points[$0].length >= strong }) else {
        continue
      }
      contours.append(SubpixelContour(points: chain.map { points[$0].place }, isClosed: isClosed))
    }
    return contours
  }
}
