/// Four equations for four unknowns.
struct Matrix4: Sendable {
  var rows = InlineArray<4, SIMD4<Double>>(repeating: SIMD4())

  static func * (m: Matrix4, v: SIMD4<Double>) -> SIMD4<Double> {
    SIMD4((m.rows[0] * v).sum(), (m.rows[1] * v).sum(), (m.rows[2] * v).sum(), (m.rows[3] * v).sum())
  }

  /// The inverse of a symmetric, positive matrix; the unknowns growth (2) and turn (3) are held at
  /// zero where they may not move. Nil where the equations do not determine the unknowns.
  func inverse(turns: Bool, grows: Bool) -> Matrix4? {
    var left = self, right = Matrix4()
    let free = [true, true, grows, turns]
    let scale = (0..<4).map { rows[$0][$0] }
    for i in 0..<4 {
      right.rows[i][i] = 1
      if !free[i] {
        for k in 0..<4 { left.rows[i][k] = 0; left.rows[k][i] = 0 }
        left.rows[i][i] = 1
      }
    }
    for column in 0..<4 {
      let pivot = left.rows[column][column]
      guard !free[column] || pivot > 1e-9 * scale[column], pivot > 0 else { return nil }
      left.rows[column] /= pivot
      right.rows[column] /= pivot
      for row in 0..<4 where row != column {
        let factor = left.rows[row][column]
        left.rows[row] -= factor * left.rows[column]
        right.rows[row] -= factor * right.rows[column]
      }
    }
    for i in 0..<4 where !free[i] { right.rows[i] = SIMD4() }
    return right
  }
}
