#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A step blurred by a Gaussian, fitted to pixels at their places along a line:
/// grey = middle + half · erf((s - position) / (blur √2)). Unlike a parabola through three
/// differences, which is off by up to 1/6 pixel, the fit has no bias, and no estimate of less
/// variance exists for noise that is the same everywhere.
public struct BlurredEdge: Sendable, Equatable {
  public let position: Double
  /// Standard deviation of the blur.
  public let blur: Double
  public let middle: Double
  /// Half the step; positive where it gets brighter along the line.
  public let half: Double
  /// The standard deviation of `position` that the noise of these pixels makes.
  public let sigma: Double
  /// Standard deviation of the pixels from the model, in grey levels.
  public let noise: Double

  struct Sample {
    let s: Double
    let level: Double
  }

  private static let rootTwo = 2.0.squareRoot()
  private static let narrowest = 0.15
  private static let widest = 12.0
  private static let farFromEdge = 4.0

  /// Nil where the samples show no edge.
  static func fit(_ samples: [Sample], near start: Double) -> BlurredEdge? {
    guard samples.count >= 6, let first = samples.map(\.s).min(), let last = samples.map(\.s).max()
    else { return nil }
    var before = (sum: 0.0, n: 0.0), after = before
    for sample in samples {
      if sample.s < start {
        before = (before.sum + sample.level, before.n + 1)
      } else {
        after = (after.sum + sample.level, after.n + 1)
      }
    }
    guard before.n > 0, after.n > 0 else { return nil }
    let (low, high) = (before.sum / before.n, after.sum / after.n)
    var x = [start, 1.0, (low + high) / 2, (high - low) / 2]
    var damping = 1e-3
    var here = equations(x, samples)
    for _ in 0..<40 {
      var damped = here.normal
      for i in 0..<4 { damped[i, i] += damping * here.normal[i, i] + 1e-12 }
      guard let step = Cholesky(damped)?.solve(here.gradient) else { return nil }
      var next = zip(x, step).map { $0 - $1 }
      next[1] = min(max(next[1], narrowest), widest)
      let there = equations(next, samples)
      if there.cost <= here.cost {
        (x, here) = (next, there)
        damping = max(damping * 0.2, 1e-10)
        if abs(step[0]) < 1e-7 && abs(step[1]) < 1e-6 { break }
      } else {
        damping *= 8
        if damping > 1e9 { break }
      }
    }
    guard x[0] > first, x[0] < last, x[3] != 0 else { return nil }
    let variance = here.cost / Double(max(1, samples.count - 4))
    var sigma = 0.0
    if let covariance = Cholesky(here.normal)?.inverse {
      sigma = (covariance[0, 0] * variance).squareRoot()
    }
    return BlurredEdge(position: x[0], blur: x[1], middle: x[2], half: x[3], sigma: sigma,
      noise: variance.squareRoot())
  }

  private static func equations(
    _ p: [Double], _ samples: [Sample]
  ) -> (cost: Double, normal: Matrix, gradient: [Double]) {
    let scale = 1 / (p[1] * rootTwo), peak = 2 / Double.pi.squareRoot()
    var cost = 0.0
    var n = [Double](repeating: 0, count: 16), g = [Double](repeating: 0, count: 4)
    var slope = [Double](repeating: 0, count: 4)
    for sample in samples {
      let a = (sample.s - p[0]) * scale
      // Far from the edge both are what they become to eight digits.
      let isFar = abs(a) > farFromEdge
      let e = isFar ? (a > 0 ? 1 : -1) : erf(a), bell = isFar ? 0 : p[3] * peak * exp(-a * a)
      let residual = p[2] + p[3] * e - sample.level
      slope[0] = -bell * scale
      slope[1] = -bell * a / p[1]
      slope[2] = 1
      slope[3] = e
      cost += residual * residual
      for i in 0..<4 {
        g[i] += slope[i] * residual
        for j in 0..<4 { n[4 * i + j] += slope[i] * slope[j] }
      }
    }
    return (cost, Matrix(rows: 4, columns: 4, values: n), g)
  }
}
