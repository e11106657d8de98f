/// A small dense matrix, row by row. For the handful of unknowns of a fit, not for pictures.
public struct Matrix: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  public var values: [Double]

  public init(rows: Int, columns: Int, values: [Double]? = nil) {
    self.rows = rows
    self.columns = columns
    self.values = values ?? [Double](repeating: 0, count: rows * columns)
    precondition(self.values.count == rows * columns, "\(self.values.count) in \(rows)x\(columns)")
  }

  public init(rows list: [[Double]]) {
    self.init(rows: list.count, columns: list.first?.count ?? 0, values: list.flatMap { $0 })
  }

  public static func identity(_ size: Int) -> Matrix {
    var matrix = Matrix(rows: size, columns: size)
    for i in 0..<size { matrix[i, i] = 1 }
    return matrix
  }

  public subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  public func row(_ i: Int) -> [Double] { Array(values[i * columns..<(i + 1) * columns]) }
  public func column(_ j: Int) -> [Double] { (0..<rows).map { self[$0, j] } }

  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for i in 0..<rows { for j in 0..<columns { result[j, i] = self[i, j] } }
    return result
  }

  public static func * (a: Matrix, b: Matrix) -> Matrix {
    precondition(a.columns == b.rows, "\(a.rows)x\(a.columns) times \(b.rows)x\(b.columns)")
    var result = Matrix(rows: a.rows, columns: b.columns)
    for i in 0..<a.rows {
      for k in 0..<a.columns {
        let factor = a[i, k]
        for j in 0..<b.columns { result[i, j] += factor * b[k, j] }
      }
    }
    return result
  }

  public static func * (a: Matrix, x: [Double]) -> [Double] {
    precondition(a.columns == x.count, "\(a.rows)x\(a.columns) times \(x.count)")
    return (0..<a.rows).map { i in
      var sum = 0.0
      for j in 0..<a.columns { sum += a[i, j] * x[j] }
      return sum
    }
  }
}

/// L Lᵀ of a symmetric positive definite matrix.
public struct Cholesky: Sendable {
  private let lower: Matrix

  /// Nil where the matrix is not positive definite, within rounding.
  public init?(_ matrix: Matrix) {
    precondition(matrix.rows == matrix.columns, "\(matrix.rows)x\(matrix.columns)")
    var lower = Matrix(rows: matrix.rows, columns: matrix.rows)
    for j in 0..<matrix.rows {
      var pivot = matrix[j, j]
      for k in 0..<j { pivot -= lower[j, k] * lower[j, k] }
      guard pivot > 1e-14 * matrix[j, j], pivot.isFinite else { return nil }
      lower[j, j] = pivot.squareRoot()
      for i in j + 1..<max(j + 1, matrix.rows) {
        var sum = matrix[i, j]
        for k in 0..<j { sum -= lower[i, k] * lower[j, k] }
        lower[i, j] = sum / lower[j, j]
      }
    }
    self.lower = lower
  }

  public func solve(_ right: [Double]) -> [Double] {
    let n = lower.rows
    var x = right
    for i in 0..<n {
      for k in 0..<i { x[i] -= lower[i, k] * x[k] }
      x[i] /= lower[i, i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      for k in i + 1..<max(i + 1, n) { x[i] -= lower[k, i] * x[k] }
      x[i] /= lower[i, i]
    }
    return x
  }

  public var inverse: Matrix {
    let n = lower.rows
    var result = Matrix(rows: n, columns: n)
    for j in 0..<n {
      var unit = [Double](repeating: 0, count: n)
      unit[j] = 1
      for (i, value) in solve(unit).enumerated() { result[i, j] = value }
    }
    return result
  }
}
