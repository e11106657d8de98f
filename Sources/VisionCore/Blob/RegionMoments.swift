import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The moments of a region up to the third order, every pixel a point of weight 1 at its centre.
public struct RegionMoments: Sendable {
  public let area: Int
  public let centroid: PixelPoint
  /// Sums of (x - centroid.x)^p * (y - centroid.y)^q; y runs down.
  public let mu20: Double, mu11: Double, mu02: Double
  public let mu30: Double, mu21: Double, mu12: Double, mu03: Double

  public init(_ region: Region) {
    precondition(!region.isEmpty, "moments of an empty region")
    // Whole numbers from a corner of the box: up to the second order they fit in 63 bits for any
    // region of a picture of 32768x32768, and nothing is lost.
    let box = region.box
    var n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0
    for run in region.runs {
      let (x, xx) = Self.sums(run.start - box.x, run.end - box.x)
      let y = run.y - box.y
      n += run.count
      sx += x
      sxx += xx
      sy += y * run.count
      sxy += y * x
      syy += y * y * run.count
    }
    let count = Double(n)
    let cx = Double(sx) / count, cy = Double(sy) / count
    area = n
    centroid = PixelPoint(x: Double(box.x) + cx, y: Double(box.y) + cy)
    // n * squares - sum * sum before the division: exact, so nothing cancels.
    func central(_ squares: Int, _ a: Int, _ b: Int) -> Double {
      Double(Int128(n) * Int128(squares) - Int128(a) * Int128(b)) / count
    }
    mu20 = central(sxx, sx, sx)
    mu11 = central(sxy, sx, sy)
    mu02 = central(syy, sy, sy)
    var m30 = 0.0, m21 = 0.0, m12 = 0.0, m03 = 0.0
    for run in region.runs {
      // About the middle of the run its odd moments are 0; moved from there to the centroid.
      let length = Double(run.count)
      let dx = Double(run.start + run.end - 1 - 2 * box.x) / 2 - cx
      let dy = Double(run.y - box.y) - cy
      let spread = length * (length * length - 1) / 12
      let xx = length * dx * dx + spread
      m30 += length * dx * dx * dx + 3 * dx * spread
      m21 += xx * dy
      m12 += length * dx * dy * dy
      m03 += length * dy * dy * dy
    }
    (mu30, mu21, mu12, mu03) = (m30, m21, m12, m03)
  }

  /// The sums of x and of x * x over start ..< end.
  private static func sums(_ start: Int, _ end: Int) -> (Int, Int) {
    func squares(_ n: Int) -> Int { (n - 1) * n / 2 * (2 * n - 1) / 3 }
    return ((start + end - 1) * (end - start) / 2, squares(end) - squares(start))
  }

  /// The variances along the axes of the ellipse of the same moments, the larger first.
  private var variances: (Double, Double) {
    let middle = (mu20 + mu02) / 2, half = (mu20 - mu02) / 2
    let root = (half * half + mu11 * mu11).squareRoot()
    return ((middle + root) / Double(area), max(0, middle - root) / Double(area))
  }

  /// The lengths of the axes of that ellipse.
  public var major: Double { 4 * variances.0.squareRoot() }
  public var minor: Double { 4 * variances.1.squareRoot() }

  /// 0 for a circle, 1 for a line.
  public var eccentricity: Double {
    let (large, small) = variances
    return large == 0 ? 0 : max(0, 1 - small / large).squareRoot()
  }

  /// The direction of the major axis, above -90 up to 90 degrees. Where there is none (a disc, a
  /// square), 45 degrees.
  public var orientation: Angle {
    if mu20 == mu02 { return .degrees(mu11 > 0 ? -45 : 45) }
    let angle = Angle.radians(0.5 * atan2(-2 * mu11, mu20 - mu02))
    return angle.degrees <= -90 ? angle + .degrees(180) : angle
  }

  /// Hu's seven numbers, which stay when the region is moved, turned or scaled.
  public var hu: [Double] {
    let n = Double(area)
    let second = n * n, third = n * n * n.squareRoot()
    let a = mu20 / second, b = mu02 / second, c = mu11 / second
    let d = mu30 / third, e = mu21 / third, f = mu12 / third, g = mu03 / third
    let p = d + f, q = e + g, r = d - 3 * f, s = 3 * e - g
    let pp = p * p, qq = q * q
    return [
      a + b,
      (a - b) * (a - b) + 4 * c * c,
      r * r + s * s,
      pp + qq,
      r * p * (pp - 3 * qq) + s * q * (3 * pp - qq),
      (a - b) * (pp - qq) + 4 * c * p * q,
      s * p * (pp - 3 * qq) - r * q * (3 * pp - qq),
    ]
  }
}
