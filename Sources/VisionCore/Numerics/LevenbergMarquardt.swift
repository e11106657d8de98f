/// Some of the residuals of a fit, and the parameters that they depend on.
public struct ResidualBlock {
  public let parameters: [Int]
  public let count: Int
  /// Residuals that are weighed together: 2 where they are the x and y of one point.
  public let group: Int
  /// Writes `count` residuals for the block's own parameters, in their order.
  public let evaluate: (_ parameters: [Double], _ residuals: inout [Double]) -> Void

  public init(
    parameters: [Int], count: Int, group: Int = 1,
    evaluate: @escaping (_ parameters: [Double], _ residuals: inout [Double]) -> Void
  ) {
    precondition(count % group == 0, "\(count) residuals in groups of \(group)")
    self.parameters = parameters
    self.count = count
    self.group = group
    self.evaluate = evaluate
  }
}

/// Least squares of a function that is not linear. Derivatives are central differences; only the
/// parameters of a block are moved for it, so that a view of a board costs no more for there being
/// many views.
public struct LevenbergMarquardt {
  public struct Fit {
    public var parameters: [Double]
    /// Not weighted, block by block.
    public var residuals: [[Double]]
    /// The weighted sum of squares.
    public var cost: Double
    /// Inverse of the normal matrix, to be multiplied by the variance of a residual; nil where the
    /// data leave a parameter open.
    public var covariance: Matrix?
  }

  public let blocks: [ResidualBlock]
  public var iterations = 60

  public init(_ blocks: [ResidualBlock]) { self.blocks = blocks }

  /// One weight a group of residuals, block by block; nil: all 1.
  public func minimise(_ start: [Double], weights: [[Double]]? = nil) -> Fit {
    var x = start
    var residuals = self.residuals(x)
    var cost = Self.cost(residuals, weights, blocks)
    var damping = 1e-3
    var (normal, gradient) = normalEquations(x, residuals, weights)
    search: for _ in 0..<iterations {
      while true {
        guard damping < 1e12 else { break search }
        var damped = normal
        for i in 0..<normal.rows { damped[i, i] += damping * max(normal[i, i], 1e-12) }
        guard let step = Cholesky(damped)?.solve(gradient) else {
          damping *= 10
          continue
        }
        let next = zip(x, step).map { $0 - $1 }
        let nextResiduals = self.residuals(next)
        let nextCost = Self.cost(nextResiduals, weights, blocks)
        guard nextCost <= cost else {
          damping *= 10
          continue
        }
        let gain = cost - nextCost
        let movement = zip(step, x).map { abs($0) / (abs($1) + 1e-3) }.max() ?? 0
        (x, residuals, cost) = (next, nextResiduals, nextCost)
        damping = max(damping * 0.1, 1e-12)
        if movement < 1e-13 || (gain <= 1e-13 * cost && movement < 1e-8) || cost == 0 {
          break search
        }
        break
      }
      (normal, gradient) = normalEquations(x, residuals, weights)
    }
    (normal, _) = normalEquations(x, residuals, weights)
    return Fit(
      parameters: x, residuals: residuals, cost: cost, covariance: Cholesky(normal)?.inverse)
  }

  private func residuals(_ x: [Double]) -> [[Double]] {
    blocks.map { block in
      var values = [Double](repeating: 0, count: block.count)
      block.evaluate(block.parameters.map { x[$0] }, &values)
      return values
    }
  }

  private static func cost(
    _ residuals: [[Double]], _ weights: [[Double]]?, _ blocks: [ResidualBlock]
  ) -> Double {
    var sum = 0.0
    for (b, values) in residuals.enumerated() {
      for (i, value) in values.enumerated() {
        sum += value * value * (weights?[b][i / blocks[b].group] ?? 1)
      }
    }
    return sum.isFinite ? sum : .infinity
  }

  private func normalEquations(
    _ x: [Double], _ residuals: [[Double]], _ weights: [[Double]]?
  ) -> (Matrix, [Double]) {
    var normal = Matrix(rows: x.count, columns: x.count)
    var gradient = [Double](repeating: 0, count: x.count)
    for (b, block) in blocks.enumerated() {
      let slopes = derivatives(of: block, at: block.parameters.map { x[$0] })
      let weight = (0..<block.count).map { weights?[b][$0 / block.group] ?? 1 }
      for (p, slopeP) in slopes.enumerated() {
        let i = block.parameters[p]
        let weighted = zip(slopeP, weight).map { $0 * $1 }
        gradient[i] += Self.dot(weighted, residuals[b])
        for q in 0...p {
          let j = block.parameters[q], term = Self.dot(weighted, slopes[q])
          normal[i, j] += term
          if i != j { normal[j, i] += term }
        }
      }
    }
    return (normal, gradient)
  }

  private func derivatives(of block: ResidualBlock, at x: [Double]) -> [[Double]] {
    var moved = x
    var ahead = [Double](repeating: 0, count: block.count), behind = ahead
    return x.indices.map { p in
      // The cube root of the rounding error: where the error of the difference is least.
      let step = 6e-6 * max(abs(x[p]), 0.1)
      moved[p] = x[p] + step
      block.evaluate(moved, &ahead)
      moved[p] = x[p] - step
      block.evaluate(moved, &behind)
      moved[p] = x[p]
      return zip(ahead, behind).map { ($0 - $1) / (2 * step) }
    }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }
}
