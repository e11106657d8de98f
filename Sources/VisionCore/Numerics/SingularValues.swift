/// A = U diag(s) Vᵀ by one-sided Jacobi rotations: slow for large matrices, and accurate for every
/// singular value, small ones too.
public struct SingularValues: Sendable {
  /// As many columns as there are singular values.
  public let u: Matrix
  /// From the largest to the smallest.
  public let values: [Double]
  public let v: Matrix

  public init(_ matrix: Matrix) {
    // Fewer rows than columns: rows of zeros change nothing but the shape of U.
    let height = max(matrix.rows, matrix.columns), n = matrix.columns
    var columns = (0..<n).map { j in
      matrix.column(j) + [Double](repeating: 0, count: height - matrix.rows)
    }
    var turns = (0..<n).map { Matrix.identity(n).column($0) }
    for _ in 0..<60 where Self.sweep(&columns, &turns) == 0 { break }
    let norms = columns.map { column in
      column.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let order = norms.indices.sorted { (norms[$0], $1) > (norms[$1], $0) }
    values = order.map { norms[$0] }
    var u = Matrix(rows: matrix.rows, columns: n), v = Matrix(rows: n, columns: n)
    for (j, from) in order.enumerated() {
      let scale = norms[from] > 0 ? 1 / norms[from] : 0
      for i in 0..<matrix.rows { u[i, j] = columns[from][i] * scale }
      for i in 0..<n { v[i, j] = turns[from][i] }
    }
    self.u = u
    self.v = v
  }

  /// Turns every pair of columns until they are at right angles; the number of pairs that were not.
  private static func sweep(_ columns: inout [[Double]], _ turns: inout [[Double]]) -> Int {
    var turned = 0
    for p in 0..<columns.count {
      for q in p + 1..<max(p + 1, columns.count) {
        var pp = 0.0, qq = 0.0, pq = 0.0
        for i in columns[p].indices {
          pp += columns[p][i] * columns[p][i]
          qq += columns[q][i] * columns[q][i]
          pq += columns[p][i] * columns[q][i]
        }
        guard abs(pq) > 1e-15 * (pp * qq).squareRoot(), pq != 0 else { continue }
        turned += 1
        let zeta = (qq - pp) / (2 * pq)
        let t = (zeta >= 0 ? 1 : -1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
        let c = 1 / (1 + t * t).squareRoot(), s = c * t
        rotate(&columns, p, q, c, s)
        rotate(&turns, p, q, c, s)
      }
    }
    return turned
  }

  private static func rotate(_ m: inout [[Double]], _ p: Int, _ q: Int, _ c: Double, _ s: Double) {
    for i in m[p].indices {
      let (a, b) = (m[p][i], m[q][i])
      m[p][i] = c * a - s * b
      m[q][i] = s * a + c * b
    }
  }

  /// The unit vector that the matrix makes shortest.
  public var leastDirection: [Double] { v.column(v.columns - 1) }

  /// The largest singular value over the smallest; infinite for a singular matrix.
  public var condition: Double {
    guard let first = values.first, let last = values.last, last > 0 else { return .infinity }
    return first / last
  }

  /// The shortest x with the least |A x - b|; singular values below `tolerance` of the largest
  /// count as nothing.
  public func solve(_ b: [Double], tolerance: Double = 1e-13) -> [Double] {
    var x = [Double](repeating: 0, count: v.rows)
    for (j, value) in values.enumerated() where value > tolerance * (values.first ?? 0) {
      var projection = 0.0
      for i in 0..<u.rows { projection += u[i, j] * b[i] }
      for i in 0..<v.rows { x[i] += v[i, j] * projection / value }
    }
    return x
  }
}
