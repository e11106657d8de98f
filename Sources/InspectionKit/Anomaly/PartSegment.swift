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

  init(_ picture: ImageView<UInt8>) throws(ToolError) {
    let small = FloatPlane(averaging: picture, by: Self.reduction).smoothed(sigma: 1)
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
    let along = points.map { ($0.x - mx) * c + ($0.y - my) * s }
    let across = points.map { ($0.y - my) * c - ($0.x - mx) * s }.sorted()
    let low = along.min()!, high = along.max()!
    // The middle of the breadth where the mass is: a burr at the side must not move it.
    let (left, right) = (across[across.count / 50], across[across.count - 1 - across.count / 50])
    let t = (low + high) / 2, u = (left + right) / 2
    let scale = Double(Self.reduction), half = (scale - 1) / 2
    x = Float((mx + t * c - u * s) * scale + half)
    y = Float((my + t * s + u * c) * scale + half)
    cosine = Float(c)
    sine = Float(s)
    length = Float((high - low) * scale)
    breadth = Float((across.last! - across.first!) * scale)
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
