import VisionImage

/// Finds the inner corners of a chessboard: saddle points, joined along their edges to a grid, then
/// placed by a model of the corner. The windows follow the size of the squares.
struct ChessboardDetector {
  let columns: Int
  let rows: Int

  /// Pictures are halved until they are no larger before the corners are looked for.
  private static let largestSide = 1400
  private static let smallestSide = 90

  func find(in picture: GreyPlane) throws(CalibrationError) -> [PixelPoint] {
    var levels = [picture]
    while let last = levels.last, min(last.width, last.height) >= 2 * Self.smallestSide {
      levels.append(last.halved)
    }
    // From the first level that is small enough to the smaller ones, then to the larger.
    let first = levels.firstIndex { max($0.width, $0.height) <= Self.largestSide } ?? 0
    var best = SaddleGrid.Finding.nothing(points: 0)
    for level in Array(first..<levels.count) + (0..<first).reversed() {
      let finding = SaddleGrid(plane: levels[level].blurred(sigma: 1.5), columns: columns, rows: rows)
        .find()
      if case .grid(let corners) = finding {
        let scale = Double(1 << level)
        let whole = corners.map {
          PixelPoint(x: ($0.x + 0.5) * scale - 0.5, y: ($0.y + 0.5) * scale - 0.5)
        }
        return refined(ordered(whole, picture), in: picture)
      }
      if finding.corners > best.corners { best = finding }
    }
    // A board that has more is another board, and whoever finds a part of it is wrong.
    let cause: CalibrationError.Cause = if case .larger = best { .input } else { .method }
    throw CalibrationError(
      "no board of \(columns)x\(rows) inner corners: \(best.words)",
      advice: "Show the whole board, sharp and evenly lit, and check --grid", cause: cause)
  }

  /// Rows and columns so that the grid is not mirrored and starts beside a dark square where the
  /// colours tell, else at the upper left.
  func ordered(_ corners: [PixelPoint], _ picture: GreyPlane) -> [PixelPoint] {
    let turned = Array(corners.reversed())
    let darkFirst = isDark(before: corners, picture), darkLast = isDark(before: turned, picture)
    if darkFirst != darkLast { return darkFirst ? corners : turned }
    guard let a = corners.first, let b = turned.first else { return corners }
    return (a.y, a.x) <= (b.y, b.x) ? corners : turned
  }

  /// Whether the square outside the first corner is darker than the one beside it.
  private func isDark(before grid: [PixelPoint], _ picture: GreyPlane) -> Bool {
    let (o, right, down) = (grid[0], grid[1], grid[columns])
    func level(_ i: Double, _ j: Double) -> Double {
      picture.sample(
        o.x + i * (right.x - o.x) + j * (down.x - o.x), o.y + i * (right.y - o.y) + j * (down.y - o.y))
    }
    return level(-0.4, -0.4) + level(0.4, 0.4) < level(0.4, -0.4) + level(-0.4, 0.4)
  }

  private func refined(_ grid: [PixelPoint], in picture: GreyPlane) -> [PixelPoint] {
    grid.indices.map { index in
      let row = index / columns, column = index % columns, p = grid[index]
      func unit(_ a: Int?, _ b: Int?) -> (x: Double, y: Double) {
        let from = grid[a ?? index], to = grid[b ?? index]
        let span = a != nil && b != nil ? 2.0 : 1.0
        return ((to.x - from.x) / span, (to.y - from.y) / span)
      }
      let right = unit(column > 0 ? index - 1 : nil, column + 1 < columns ? index + 1 : nil)
      let down = unit(row > 0 ? index - columns : nil, row + 1 < rows ? index + columns : nil)
      return CornerModel.fit(near: p, right: right, down: down, in: picture) ?? p
    }
  }
}
