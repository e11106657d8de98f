/// Where light is thrown back so that the sensor is full: its rim looks like a line and is none.
struct Glare: Sendable {
  /// Pixels of the plane to a cell, each way.
  let cell: Int
  private let columns: Int
  private let isNear: [Bool]

  /// Cells around glare that its rim may reach.
  private static let reach = 2

  /// `weights` are sums over cells of what their pixels weigh in their surroundings, 1 each or nearly
  /// nothing where they are glare.
  init(weights: FloatPlane, cell: Int, width: Int, height: Int) {
    self.cell = cell
    columns = weights.width
    var isNear = [Bool](repeating: false, count: weights.values.count)
    for y in 0..<weights.height {
      let rows = min(cell, height - y * cell)
      for x in 0..<weights.width {
        let pixels = rows * min(cell, width - x * cell)
        // A single bright grain is no glare.
        guard weights[x, y] * 2 < Float(pixels) else { continue }
        for v in max(0, y - Self.reach)...min(weights.height - 1, y + Self.reach) {
          for u in max(0, x - Self.reach)...min(columns - 1, x + Self.reach) {
            isNear[v * columns + u] = true
          }
        }
      }
    }
    self.isNear = isNear
  }

  /// Gives every pixel in and beside glare this value.
  func overwrite(_ plane: inout FloatPlane, with value: Float) {
    for (place, isNear) in isNear.enumerated() where isNear {
      let top = place / columns * cell, left = place % columns * cell
      for y in top..<min(plane.height, top + cell) {
        for x in left..<min(plane.width, left + cell) { plane[x, y] = value }
      }
    }
  }
}
