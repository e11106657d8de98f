import VisionImage

/// What labelling finds out about a blob on the way.
public struct BlobSummary: Sendable, Hashable, BitwiseCopyable {
  public private(set) var area = 0
  /// Twice the sum of the columns; the sum of the rows. Whole, hence the same in any order.
  private var doubleColumns = 0
  private var rows = 0
  private var left = Int32.max
  private var right = Int32.min
  private var top: Int32
  private var bottom: Int32
  /// Pieces of ground that the blob encloses.
  public private(set) var holes = 0

  init(top: Int) {
    self.top = Int32(truncatingIfNeeded: top)
    bottom = self.top
  }

  public var box: PixelRect {
    PixelRect(
      x: Int(left), y: Int(top), width: Int(right - left), height: Int(bottom - top) + 1)
  }

  public var centroid: PixelPoint {
    PixelPoint(
      x: Double(doubleColumns) / Double(2 * area), y: Double(rows) / Double(area))
  }

  @inline(__always)
  mutating func add(_ y: Int32, _ start: Int32, _ end: Int32) {
    let count = Int(end &- start)
    area &+= count
    doubleColumns &+= count &* Int(start &+ end &- 1)
    rows &+= count &* Int(y)
    left = start < left ? start : left
    right = end > right ? end : right
    bottom = y
  }

  /// Two neighbouring parts turned out to be one already: what lies between them is enclosed.
  @inline(__always)
  mutating func addHole() { holes &+= 1 }

  @inline(__always)
  mutating func merge(_ other: BlobSummary) {
    area &+= other.area
    doubleColumns &+= other.doubleColumns
    rows &+= other.rows
    left = min(left, other.left)
    right = max(right, other.right)
    top = min(top, other.top)
    bottom = max(bottom, other.bottom)
    holes &+= other.holes
  }
}
