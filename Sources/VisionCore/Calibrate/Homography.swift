import VisionImage

/// A projective map of a plane: x' = (a x + b y + c) / (g x + h y + i).
public struct Homography: Sendable, Equatable {
  /// Nine numbers, row by row.
  public let values: [Double]

  public init(_ values: [Double]) {
    precondition(values.count == 9, "\(values.count) numbers")
    self.values = values
  }

  public func map(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    let m = values
    let w = m[6] * x + m[7] * y + m[8]
    return ((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w)
  }

  /// The right one first.
  public static func * (a: Homography, b: Homography) -> Homography {
    let left = Matrix(rows: 3, columns: 3, values: a.values)
    return Homography((left * Matrix(rows: 3, columns: 3, values: b.values)).values)
  }

  /// Whether a clockwise triangle becomes an anticlockwise one, where the denominator is positive.
  public var isMirror: Bool {
    let m = values
    return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6])
      + m[2] * (m[3] * m[7] - m[4] * m[6]) < 0
  }

  /// The map back; nil where there is none.
  public var inverse: Homography? {
    let m = values
    let adjugate = [
      m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
      m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
      m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3],
    ]
    let determinant = m[0] * adjugate[0] + m[1] * adjugate[3] + m[2] * adjugate[6]
    guard abs(determinant) > 1e-300, determinant.isFinite else { return nil }
    return Homography(adjugate.map { $0 / determinant })
  }

  /// The map that takes points of one plane to those of another with the least algebraic error;
  /// coordinates are brought to a common size first. Nil where the points leave it open.
  public init?(
    from: [(x: Double, y: Double)], to: [(x: Double, y: Double)]
  ) {
    guard from.count == to.count, from.count >= 4, let a = Self.normalising(from),
      let b = Self.normalising(to)
    else { return nil }
    var system = Matrix(rows: 2 * from.count, columns: 9)
    for (k, (p, q)) in zip(from, to).enumerated() {
      let (x, y) = ((p.x - a.x) * a.scale, (p.y - a.y) * a.scale)
      let (u, v) = ((q.x - b.x) * b.scale, (q.y - b.y) * b.scale)
      for (j, value) in [x, y, 1, 0, 0, 0, -u * x, -u * y, -u].enumerated() {
        system[2 * k, j] = value
      }
      for (j, value) in [0, 0, 0, x, y, 1, -v * x, -v * y, -v].enumerated() {
        system[2 * k + 1, j] = value
      }
    }
    let parts = SingularValues(system)
    // A second vector that the system makes as short as the first: more than one map fits.
    guard parts.values[7] > 1e-9 * parts.values[0] else { return nil }
    let h = Matrix(rows: 3, columns: 3, values: parts.leastDirection)
    let forth = Matrix(rows: [[a.scale, 0, -a.x * a.scale], [0, a.scale, -a.y * a.scale], [0, 0, 1]])
    let back = Matrix(rows: [[1 / b.scale, 0, b.x], [0, 1 / b.scale, b.y], [0, 0, 1]])
    let product = (back * h * forth).values
    guard abs(product[8]) > 1e-12 * (product.map { abs($0) }.max() ?? 0) else { return nil }
    values = product.map { $0 / product[8] }
  }

  private static func normalising(
    _ points: [(x: Double, y: Double)]
  ) -> (x: Double, y: Double, scale: Double)? {
    let n = Double(points.count)
    let x = points.reduce(0) { $0 + $1.x } / n, y = points.reduce(0) { $0 + $1.y } / n
    let spread = points.reduce(0) {
      $0 + (($1.x - x) * ($1.x - x) + ($1.y - y) * ($1.y - y)).squareRoot()
    }
    guard spread > 0, spread.isFinite else { return nil }
    return (x, y, n * 2.0.squareRoot() / spread)
  }
}
