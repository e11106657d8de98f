import VisionImage

/// A flat plate with marks at known places.
public struct CalibrationTarget: Sendable, Equatable {
  public enum Pattern: String, Sendable, CaseIterable {
    /// Marks are the inner corners.
    case chessboard
    /// Marks are the centres of discs, in rows and columns.
    case circles
    /// Every second row is shifted by one pitch; discs of a row are two pitches apart.
    case asymmetricCircles = "circles-asymmetric"
    /// A chessboard with codes in its white squares; the inner corners are what is used, and all
    /// of them must be seen.
    case charuco
  }

  public let pattern: Pattern
  public let columns: Int
  public let rows: Int
  /// Millimetres from mark to mark; of asymmetric circles from row to row.
  public let pitch: Double

  public init(pattern: Pattern, columns: Int, rows: Int, pitch: Double) {
    precondition(columns >= 2 && rows >= 2 && pitch > 0, "\(columns)x\(rows) marks, \(pitch) mm")
    self.pattern = pattern
    self.columns = columns
    self.rows = rows
    self.pitch = pitch
  }

  public var count: Int { columns * rows }

  /// Where the marks are on the plate, in millimetres, row by row.
  public var points: [PlanePoint] {
    (0..<count).map { index in
      let row = index / columns, column = index % columns
      let x = pattern == .asymmetricCircles ? 2 * column + row % 2 : column
      return PlanePoint(x: Double(x) * pitch, y: Double(row) * pitch)
    }
  }

  /// The marks in a picture, in the order of `points`.
  public func find(
    in picture: RasterView, engine: Engine = .native
  ) throws(CalibrationError) -> [PixelPoint] {
    guard let plane = GreyPlane(picture) else {
      throw CalibrationError("\(picture.format.rawValue) pixels are not grey levels")
    }
    if engine == .opencv { return try findWithOpenCV(picture, plane) }
    switch pattern {
    case .chessboard, .charuco:
      return try ChessboardDetector(columns: columns, rows: rows).find(in: plane)
    case .circles, .asymmetricCircles:
      return try CircleGridDetector(target: self).find(in: plane)
    }
  }
}

/// A place on a flat part or plate, or in a robot's plane, in millimetres.
public struct PlanePoint: Sendable, Hashable {
  public var x: Double
  public var y: Double
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}
