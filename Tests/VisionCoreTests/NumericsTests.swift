import Testing
@testable import VisionCore

@Suite struct NumericsTests {
  @Test(arguments: [(6, 3), (3, 3), (2, 4), (9, 9)])
  func singularValuesMultiplyBack(rows: Int, columns: Int) {
    var random = SeededRandom(seed: 3)
    let a = Matrix(
      rows: rows, columns: columns,
      values: (0..<rows * columns).map { _ in Double.random(in: -1...1, using: &random) })
    let parts = SingularValues(a)
    var diagonal = Matrix(rows: columns, columns: columns)
    for (i, value) in parts.values.enumerated() { diagonal[i, i] = value }
    let product = parts.u * diagonal * parts.v.transposed
    #expect(zip(product.values, a.values).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(parts.values == parts.values.sorted(by: >))
  }

  @Test func choleskySolvesAndRefuses() throws {
    let a = Matrix(rows: [[4, 2, 0], [2, 5, 1], [0, 1, 3]])
    let x = try #require(Cholesky(a)).solve([2, -1, 7])
    #expect(zip(a * x, [2, -1, 7]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(Cholesky(Matrix(rows: [[1, 2], [2, 1]])) == nil)
  }

  /// Also half turns, where the axis is hard to see, and turns of almost nothing.
  @Test(arguments: [1e-12, 1e-7, 0.3, 2.0, Double.pi - 1e-9, Double.pi])
  func rotationsComeBackFromTheirVectors(angle: Double) {
    for axis in [Vector3(1, 0, 0), Vector3(0, -0.6, 0.8), Vector3(0.48, 0.6, -0.64)] {
      let rotation = Rotation(vector: axis * angle)
      let again = Rotation(vector: rotation.vector)
      #expect(
        zip(rotation.matrix.values, again.matrix.values).allSatisfy { abs($0 - $1) < 1e-8 },
        "\(axis) by \(angle)")
    }
  }

  @Test func leastSquaresFollowsACurvedValley() {
    let block = ResidualBlock(parameters: [0, 1], count: 2) { p, out in
      out[0] = 10 * (p[1] - p[0] * p[0])
      out[1] = 1 - p[0]
    }
    let fit = LevenbergMarquardt([block]).minimise([-1.2, 1])
    #expect(abs(fit.parameters[0] - 1) < 1e-9 && abs(fit.parameters[1] - 1) < 1e-9)
  }
}
