import VisionImage

extension CalibrationTarget {
  /// By findChessboardCornersSB (or findChessboardCorners and cornerSubPix) or findCirclesGrid, the
  /// marks brought into the order that the native detectors have.
  func findWithOpenCV(
    _ picture: RasterView, _ plane: GreyPlane
  ) throws(CalibrationError) -> [PixelPoint] {
    let isBoard = pattern == .chessboard || pattern == .charuco
    let numbers = try OpenCVCalibration.numbers(
      isBoard ? "chessboard" : "circles",
      [Double(columns), Double(rows), pattern == .asymmetricCircles ? 1 : 0], picture: picture,
      room: 2 * count)
    guard numbers.count == 2 * count else {
      throw CalibrationError(
        "OpenCV sees no \(isBoard ? "board" : "grid") of \(columns)x\(rows) marks",
        advice: "Show the whole plate, sharp and evenly lit, and check --grid", cause: .method)
    }
    let found = (0..<count).map { PixelPoint(x: numbers[2 * $0], y: numbers[2 * $0 + 1]) }
    let marks = isMirrored(found) ? mirrored(found) : found
    if isBoard { return ChessboardDetector(columns: columns, rows: rows).ordered(marks, plane) }
    // A plate that looks the same turned by half starts at the upper left.
    let isSymmetric = pattern == .circles || rows % 2 == 0
    guard isSymmetric, let a = marks.first, let b = marks.last, (b.y, b.x) < (a.y, a.x) else {
      return marks
    }
    return marks.reversed()
  }

  /// Whether the plate's x axis turns to its y axis the other way than the picture's.
  private func isMirrored(_ marks: [PixelPoint]) -> Bool {
    let o = marks[0], right = marks[columns - 1], down = marks[count - columns]
    return (right.x - o.x) * (down.y - o.y) < (right.y - o.y) * (down.x - o.x)
  }

  private func mirrored(_ marks: [PixelPoint]) -> [PixelPoint] {
    (0..<count).map { marks[$0 / columns * columns + columns - 1 - $0 % columns] }
  }
}
