import VisionImage

/// Where the grey values along a line change most: the sub-pixel place of an edge. Model and picture
/// are measured by the same rule, so that what it does wrong cancels out.
struct EdgeProfile {
  let rows: PixelRows<UInt8>
  let width: Int
  let height: Int

  /// Pixels to either side that are searched.
  static let reach = 2

  init(_ rows: PixelRows<UInt8>, width: Int, height: Int) {
    self.rows = rows
    self.width = width
    self.height = height
  }

  /// Linear between four pixels; nil outside.
  @inline(__always)
  private func sample(_ x: Double, _ y: Double) -> Double? {
    guard x >= 0, y >= 0, x < Double(width - 1), y < Double(height - 1) else { return nil }
    let ix = Int(x), iy = Int(y), wx = x - Double(ix), wy = y - Double(iy)
    let p = rows[iy] + ix, q = rows[iy + 1] + ix
    let above = Double(p[0]) + wx * (Double(p[1]) - Double(p[0]))
    let below = Double(q[0]) + wx * (Double(q[1]) - Double(q[0]))
    return above + wy * (below - above)
  }

  /// Grey levels a pixel, rising along x and y.
  @inline(__always)
  func gradient(_ x: Int, _ y: Int) -> (x: Double, y: Double)? {
    guard x >= 1, y >= 1, x < width - 1, y < height - 1 else { return nil }
    let above = rows[y - 1] + x, here = rows[y] + x, below = rows[y + 1] + x
    // The corners' difference along each diagonal counts for both directions.
    let falling = Int(below[1]) - Int(above[-1])
    let rising = Int(above[1]) - Int(below[-1])
    let across = 2 * (Int(here[1]) - Int(here[-1]))
    let down = 2 * (Int(below[0]) - Int(above[0]))
    return (Double(falling + rising + across) / 8, Double(falling - rising + down) / 8)
  }

  /// The steepest rise (or with `either` rise or fall) along the normal (nx, ny) through (x, y): how
  /// far along it, and how steep; nil where it is below `least` or at the end of the line.
  func edge(
    _ x: Double, _ y: Double, _ nx: Double, _ ny: Double, least: Double, either: Bool
  ) -> (offset: Double, slope: Double)? {
    let ends = Self.reach + 1
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * ends + 1) { levels in
      for t in -ends...ends {
        guard let level = sample(x + Double(t) * nx, y + Double(t) * ny) else { return nil }
        levels[t + ends] = level
      }
      func slope(_ t: Int) -> Double { (levels[t + 1 + ends] - levels[t - 1 + ends]) / 2 }
      func strength(_ t: Int) -> Double { either ? abs(slope(t)) : slope(t) }
      // Of two edges the nearer one, unless the farther is much steeper.
      var best = 0, value = strength(0)
      for t in [-1, 1, -2, 2] where strength(t) > value * (abs(t) == 2 ? 1.3 : 1) {
        best = t
        value = strength(t)
      }
      guard value >= least, abs(best) < Self.reach else { return nil }
      let before = strength(best - 1), after = strength(best + 1)
      let bend = before - 2 * value + after
      let shift = bend < 0 ? 0.5 * (before - after) / bend : 0
      return (Double(best) + max(-0.5, min(0.5, shift)), slope(best))
    }
  }
}
