// The conventions of every coordinate in this project:
// pixel centres are whole numbers, the origin is the centre of the top left pixel, x runs to the
// right and y down; angles are positive anticlockwise as seen on the screen; lengths on the part
// are millimetres. Only a calibration converts between pixels and millimetres.

/// A rectangle of whole pixels: columns x ..< x + width, rows y ..< y + height.
public struct PixelRect: Sendable, Hashable, CustomStringConvertible {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    precondition(width >= 0 && height >= 0, "a rectangle of \(width)x\(height)")
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  public var maxX: Int { x + width }
  public var maxY: Int { y + height }
  public var area: Int { width * height }
  public var isEmpty: Bool { width == 0 || height == 0 }

  /// Whether the pixel is inside.
  public func contains(x: Int, y: Int) -> Bool {
    x >= self.x && y >= self.y && x < maxX && y < maxY
  }

  public func contains(_ other: PixelRect) -> Bool {
    other.x >= x && other.y >= y && other.maxX <= maxX && other.maxY <= maxY
  }

  /// What both cover; empty where they do not meet.
  public func intersection(_ other: PixelRect) -> PixelRect {
    let left = max(x, other.x), top = max(y, other.y)
    return PixelRect(
      x: left, y: top, width: max(0, min(maxX, other.maxX) - left),
      height: max(0, min(maxY, other.maxY) - top))
  }

  /// The smallest rectangle around both.
  public func union(_ other: PixelRect) -> PixelRect {
    if isEmpty { return other }
    if other.isEmpty { return self }
    let left = min(x, other.x), top = min(y, other.y)
    return PixelRect(
      x: left, y: top, width: max(maxX, other.maxX) - left, height: max(maxY, other.maxY) - top)
  }

  public func moved(x dx: Int, y dy: Int) -> PixelRect {
    PixelRect(x: x + dx, y: y + dy, width: width, height: height)
  }

  /// Moved outwards by `margin` pixels on every side.
  public func grown(by margin: Int) -> PixelRect {
    PixelRect(
      x: x - margin, y: y - margin, width: max(0, width + 2 * margin),
      height: max(0, height + 2 * margin))
  }

  public var description: String { "\(width)x\(height) at (\(x), \(y))" }
}

/// A place in an image, in pixels; may lie between pixel centres.
public struct PixelPoint: Sendable, Hashable {
  public var x: Double
  public var y: Double
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// An angle; positive is anticlockwise as seen on the screen.
public struct Angle: Sendable, Hashable, Comparable {
  public var radians: Double

  public static func radians(_ value: Double) -> Angle { Angle(radians: value) }
  public static func degrees(_ value: Double) -> Angle { Angle(radians: value * .pi / 180) }
  public var degrees: Double { radians * 180 / .pi }

  public static func < (a: Angle, b: Angle) -> Bool { a.radians < b.radians }
  public static func + (a: Angle, b: Angle) -> Angle { Angle(radians: a.radians + b.radians) }
  public static func - (a: Angle, b: Angle) -> Angle { Angle(radians: a.radians - b.radians) }
  public static prefix func - (a: Angle) -> Angle { Angle(radians: -a.radians) }
}

/// A length on the part.
public struct Millimetres: Sendable, Hashable, Comparable {
  public var value: Double
  public init(_ value: Double) { self.value = value }

  public static func < (a: Millimetres, b: Millimetres) -> Bool { a.value < b.value }
  public static func + (a: Millimetres, b: Millimetres) -> Millimetres { .init(a.value + b.value) }
  public static func - (a: Millimetres, b: Millimetres) -> Millimetres { .init(a.value - b.value) }
}
