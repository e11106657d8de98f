import VisionImage

/// A run of pixels in one row.
public struct Run: Sendable, Hashable {
  private let row: Int32
  private let first: Int32
  private let past: Int32

  public init(y: Int, start: Int, end: Int) {
    row = Int32(y)
    first = Int32(start)
    past = Int32(end)
  }

  public var y: Int { Int(row) }
  public var start: Int { Int(first) }
  /// One past the last pixel.
  public var end: Int { Int(past) }
  public var count: Int { end - start }
}

/// Which neighbours of a pixel belong to it.
public enum Connectivity: Int, Sendable, CaseIterable {
  /// Those that share a side.
  case four = 4
  /// Those that share a corner, too.
  case eight = 8

  /// What the ground between objects of this connectivity has.
  public var complementary: Connectivity { self == .four ? .eight : .four }

  /// Columns by which runs of neighbouring rows may miss each other and still touch.
  var reach: Int { self == .eight ? 1 : 0 }
}

/// Which pixels are object: those above a threshold, or the others.
public struct Foreground: Sendable, Hashable {
  public var threshold: Double
  public var isDark: Bool

  /// Bright is `pixel > threshold`, dark is `pixel <= threshold`.
  public init(threshold: Double, isDark: Bool = false) {
    self.threshold = threshold
    self.isDark = isDark
  }

  /// Whatever is not 0.
  public static let nonZero = Foreground(threshold: 0)

  /// A threshold within the pixel's range that says the same. Below the range every pixel is above
  /// it, which the other side says with a threshold that no pixel is above.
  func kernelArguments<P: GreyPixel & FixedWidthInteger>(_ type: P.Type) -> (P, dark: Int) {
    let whole = threshold.rounded(.down)
    return whole < 0 ? (.max, isDark ? 0 : 1) : (P(saturating: whole), isDark ? 1 : 0)
  }
}
