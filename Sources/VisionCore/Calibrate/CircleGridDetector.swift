import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds the centres of discs in a grid: compact areas of one kind, joined as a lattice.
struct CircleGridDetector {
  let target: CalibrationTarget

  private struct Disc {
    let centre: PixelPoint
    let radius: Double
  }

  func find(in picture: GreyPlane) throws(CalibrationError) -> [PixelPoint] {
    var most = 0
    for isDark in [true, false] {
      let discs = self.discs(in: picture, dark: isDark)
      most = max(most, discs.count)
      let lattice = LatticeGrid(target: target, points: discs.map(\.centre))
      for seed in discs.indices.prefix(6) {
        if let grid = lattice.find(from: seed) {
          return grid.map { index in
            EllipseEdge.centre(near: discs[index].centre, radius: discs[index].radius, in: picture)
              ?? discs[index].centre
          }
        }
      }
      if target.pattern == .asymmetricCircles, !discs.isEmpty, lattice.mirrored.find(from: 0) != nil {
        throw CalibrationError(
          "the plate is seen in a mirror: its rows are shifted to the other side",
          advice: "Switch off mirroring in the camera, and check --grid")
      }
    }
    throw CalibrationError(
      "no grid of \(target.columns)x\(target.rows) discs among \(most) round areas",
      advice: "Show the whole plate, sharp and evenly lit, and check --grid",
      cause: most > target.count ? .input : .method)
  }

  /// Areas that are darker (or brighter) than their surroundings and fill their ellipse.
  private func discs(in picture: GreyPlane, dark: Bool) -> [Disc] {
    let smooth = picture.blurred(sigma: 1)
    let around = localMean(smooth)
    func isDisc(_ x: Int, _ y: Int) -> Bool {
      let difference = smooth[x, y] - around[y * picture.width + x]
      return (dark ? -difference : difference) > 8
    }
    var runs: [Run] = []
    for y in 0..<picture.height {
      var x = 0
      while x < picture.width {
        let start = x
        while x < picture.width && isDisc(x, y) { x += 1 }
        if x > start { runs.append(Run(y: y, start: start, end: x)) } else { x += 1 }
      }
    }
    typealias Sums = (n: Double, x: Double, y: Double, xx: Double, yy: Double, xy: Double)
    // A disc that the picture's border cuts has its middle elsewhere.
    let whole = Region(runs).components(.eight).filter { region in
      region.runs.allSatisfy {
        $0.start > 0 && $0.end < picture.width && $0.y > 0 && $0.y < picture.height - 1
      }
    }
    let sums = whole.map { region -> Sums in
      var s: Sums = (0, 0, 0, 0, 0, 0)
      for run in region.runs {
        for x in run.start..<run.end {
          let (px, py) = (Double(x), Double(run.y))
          s.n += 1
          s.x += px
          s.y += py
          s.xx += px * px
          s.yy += py * py
          s.xy += px * py
        }
      }
      return s
    }
    let round = sums.compactMap { s -> Disc? in
      guard s.n >= 12 else { return nil }
      let x = s.x / s.n, y = s.y / s.n
      let xx = s.xx / s.n - x * x + 1.0 / 12, yy = s.yy / s.n - y * y + 1.0 / 12
      let xy = s.xy / s.n - x * y
      let determinant = xx * yy - xy * xy
      guard determinant > 0 else { return nil }
      // An ellipse of these moments has this area; anything else has less or is hollow.
      let fill = s.n / (4 * .pi * determinant.squareRoot())
      let half = (xx + yy) / 2, spread = max(0, half * half - determinant).squareRoot()
      guard fill > 0.9, fill < 1.1, half - spread > 0.08 * (half + spread) else { return nil }
      return Disc(centre: PixelPoint(x: x, y: y), radius: (s.n / .pi).squareRoot())
    }
    // The discs of a plate are much of a size; the middle one of all is tried first.
    let middle = RobustWeights.median(round.map(\.radius))
    let alike = round.filter { $0.radius > 0.4 * middle && $0.radius < 2.5 * middle }
    guard !alike.isEmpty else { return [] }
    let cx = alike.reduce(0) { $0 + $1.centre.x } / Double(alike.count)
    let cy = alike.reduce(0) { $0 + $1.centre.y } / Double(alike.count)
    return alike.sorted {
      hypot($0.centre.x - cx, $0.centre.y - cy) < hypot($1.centre.x - cx, $1.centre.y - cy)
    }
  }

  /// Means over squares of a quarter of the picture.
  private func localMean(_ plane: GreyPlane) -> [Float] {
    let w = plane.width, h = plane.height, half = max(8, min(w, h) / 8)
    var sums = [Double](repeating: 0, count: (w + 1) * (h + 1))
    for y in 0..<h {
      var row = 0.0
      for x in 0..<w {
        row += Double(plane[x, y])
        sums[(y + 1) * (w + 1) + x + 1] = sums[y * (w + 1) + x + 1] + row
      }
    }
    var means = [Float](repeating: 0, count: w * h)
    for y in 0..<h {
      let top = max(0, y - half), bottom = min(h, y + half + 1)
      for x in 0..<w {
        let left = max(0, x - half), right = min(w, x + half + 1)
        let sum =
          sums[bottom * (w + 1) + right] - sums[top * (w + 1) + right]
          - sums[bottom * (w + 1) + left] + sums[top * (w + 1) + left]
        means[y * w + x] = Float(sum / Double((bottom - top) * (right - left)))
      }
    }
    return means
  }
}
