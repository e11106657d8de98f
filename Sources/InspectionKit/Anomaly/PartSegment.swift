import VisionCore
import VisionImage

/// Finds the one part that lies before an even background, at any angle, and brings it upright: its
/// long axis along x, its heavier end to the left.
struct PartSegment {
  /// Where the part's middle is in the picture, and the direction from its heavy to its light end.
  let x: Float
  let y: Float
  let cosine: Float
  let sine: Float
  /// Pixels along the axis and across it.
  let length: Float
  let breadth: Float

  /// Pixels of the picture to one that is looked at: the outline need not be finer.
  private static let reduction = 4

  init(_ picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError) {
    let small = FloatPlane(averaging: picture, by: Self.reduction).smoothed(sigma: 1, engine)
    let width = small.width, height = small.height
    let level = Self.otsu(small)
    // The background is what most of the picture's rim is.
    let rim = (0..<width).flatMap { [small[$0, 0], small[$0, height - 1]] }
      + (0..<height).flatMap { [small[0, $0], small[width - 1, $0]] }
    let isDark = rim.count { $0 > level } * 2 > rim.count
    var runs: [Run] = []
    for y in 0..<height {
      var x = 0
      while x < width {
        let start = x
        while x < width && (small[x, y] > level) != isDark { x += 1 }
        if x > start { runs.append(Run(y: y, start: start, end: x)) } else { x += 1 }
      }
    }
    let parts = Region(runs).components(.eight)
    guard let part = parts.max(by: { $0.area < $1.area }), part.area >= 100 else {
      throw ToolError("there is no part to be seen before the background")
    }
    var points: [(x: Double, y: Double)] = []
    for run in part.runs {
      for x in run.start..<run.end { points.append((Double(x), Double(run.y))) }
    }
    let count = Double(points.count)
    let mx = points.reduce(0) { $0 + $1.x } / count, my = points.reduce(0) { $0 + $1.y } / count
    var xx = 0.0, xy = 0.0, yy = 0.0
    for p in points {
      xx += (p.x - mx) * (p.x - mx)
      xy += (p.x - mx) * (p.y - my)
      yy += (p.y - my) * (p.y - my)
    }
    // The axis by half-angle formulas: no function that machines round differently.
    let spread = ((xx - yy) * (xx - yy) + 4 * xy * xy).squareRoot()
    let double = spread > 0 ? (xx - yy) / spread : 1
    var c = ((1 + double) / 2).squareRoot()
    var s = ((1 - double) / 2).squareRoot() * (xy < 0 ? -1 : 1)
    // The light end is the long tail.
    let skew = points.reduce(0.0) { sum, p in
      let t = (p.x - mx) * c + (p.y - my) * s
      return sum + t * t * t
    }
    if skew < 0 { (c, s) = (-c, -s) }
    (c, s) = Self.straightened(points, mx, my, c, s)
    (c, s) = Self.straightened(points, mx, my, c, s)
    let along = points.map { ($0.x - mx) * c + ($0.y - my) * s }
    let low = along.min()!, high = along.max()!
    // The middle of the slender part: neither a burr nor how the head is seen may move it.
    let across = zip(points, along).map { ($0.0.y - my) * c - ($0.0.x - mx) * s }.sorted()
    let slender = zip(points, along).filter { $0.1 > low + Self.slenderFrom * (high - low) }
      .map { ($0.0.y - my) * c - ($0.0.x - mx) * s }
    let t = (low + high) / 2, u = slender.reduce(0, +) / Double(max(1, slender.count))
    let scale = Double(Self.reduction), half = (scale - 1) / 2
    x = Float((mx + t * c - u * s) * scale + half)
    y = Float((my + t * s + u * c) * scale + half)
    cosine = Float(c)
    sine = Float(s)
    length = Float((high - low) * scale)
    breadth = Float((across.last! - across.first!) * scale)
  }

  /// The share of the length at the heavy end that says nothing about the axis.
  private static let slenderFrom = 0.3

  /// The axis turned so that the middle of the part's breadth does not drift along it; the heavy end
  /// has no say, since it is broad and looks otherwise from every side.
  private static func straightened(
    _ points: [(x: Double, y: Double)], _ mx: Double, _ my: Double, _ c: Double, _ s: Double
  ) -> (Double, Double) {
    let along = points.map { ($0.x - mx) * c + ($0.y - my) * s }
    let low = along.min()!, high = along.max()!
    let bins = max(1, Int(high - low))
    var sums = [(count: Double, across: Double)](repeating: (0, 0), count: bins)
    for (p, t) in zip(points, along) {
      let bin = min(bins - 1, Int(t - low))
      sums[bin].count += 1
      sums[bin].across += (p.y - my) * c - (p.x - mx) * s
    }
    var n = 0.0, st = 0.0, su = 0.0, stt = 0.0, stu = 0.0
    for bin in Int(slenderFrom * Double(bins))..<max(1, Int(0.95 * Double(bins)))
    where sums[bin].count > 0 {
      let t = Double(bin), u = sums[bin].across / sums[bin].count
      n += 1
      st += t
      su += u
      stt += t * t
      stu += t * u
    }
    let spread = n * stt - st * st
    guard spread > 0 else { return (c, s) }
    let slope = (n * stu - st * su) / spread
    let norm = (1 + slope * slope).squareRoot()
    return ((c - slope * s) / norm, (s + slope * c) / norm)
  }

  /// The level between two kinds of pixels that spreads them the most (Otsu).
  private static func otsu(_ plane: FloatPlane) -> Float {
    var bins = [Double](repeating: 0, count: 256)
    for value in plane.values { bins[min(255, max(0, Int(value)))] += 1 }
    let total = Double(plane.values.count)
    let sum = bins.enumerated().reduce(0.0) { $0 + Double($1.offset) * $1.element }
    var count = 0.0, part = 0.0, best = (0.0, 127)
    for level in 0..<255 {
      count += bins[level]
      part += Double(level) * bins[level]
      guard count > 0, count < total else { continue }
      let difference = part / count - (sum - part) / (total - count)
      let between = count * (total - count) * difference * difference
      if between > best.0 { best = (between, level) }
    }
    return Float(best.1 + 1)
  }
}
