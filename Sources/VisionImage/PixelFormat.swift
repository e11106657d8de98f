/// What one pixel is, known at run time.
public enum PixelFormat: String, Sendable, CaseIterable {
  case u8, u16, s16, s32, f32, f64, rgb8, rgb16

  /// Samples in one pixel: 1 for grey, 3 for colour (red, green, blue).
  public var channels: Int {
    switch self {
    case .rgb8, .rgb16: 3
    default: 1
    }
  }

  /// Bytes of one sample.
  public var sampleBytes: Int {
    switch self {
    case .u8, .rgb8: 1
    case .u16, .s16, .rgb16: 2
    case .s32, .f32: 4
    case .f64: 8
    }
  }

  /// Bytes of one pixel; pixels of a row lie side by side without gaps.
  public var pixelBytes: Int { channels * sampleBytes }

  public var isColour: Bool { channels == 3 }
}

/// A type that can be the pixel of an `Image`.
public protocol Pixel: BitwiseCopyable, Sendable, Equatable {
  static var format: PixelFormat { get }
  /// All samples 0: black.
  static var zero: Self { get }
}

/// A pixel of one sample that can be reckoned with.
public protocol GreyPixel: Pixel, Comparable {
  /// The colour pixel made of three of these, where files and cameras have one.
  static var colourFormat: PixelFormat? { get }
  /// The value as a real number; exact for every type but none loses more than Float does.
  var real: Double { get }
  /// The nearest value of this type, halves to even, out-of-range values to the nearest end.
  init(saturating real: Double)
}

extension GreyPixel where Self: FixedWidthInteger {
  public var real: Double { Double(self) }
  public init(saturating real: Double) {
    let rounded = real.rounded(.toNearestOrEven)
    if rounded >= Double(Self.max) {
      self = .max
    } else if rounded > Double(Self.min) {
      self = Self(rounded)
    } else {
      self = .min  // NaN too
    }
  }
}

extension UInt8: GreyPixel {
  public static var format: PixelFormat { .u8 }
  public static var colourFormat: PixelFormat? { .rgb8 }
}
extension UInt16: GreyPixel {
  public static var format: PixelFormat { .u16 }
  public static var colourFormat: PixelFormat? { .rgb16 }
}
extension Int16: GreyPixel {
  public static var format: PixelFormat { .s16 }
  public static var colourFormat: PixelFormat? { nil }
}
extension Int32: GreyPixel {
  public static var format: PixelFormat { .s32 }
  public static var colourFormat: PixelFormat? { nil }
}
extension Float: GreyPixel {
  public static var format: PixelFormat { .f32 }
  public static var colourFormat: PixelFormat? { nil }
  public var real: Double { Double(self) }
  public init(saturating real: Double) { self = Float(real) }
}
extension Double: GreyPixel {
  public static var format: PixelFormat { .f64 }
  public static var colourFormat: PixelFormat? { nil }
  public var real: Double { self }
  public init(saturating real: Double) { self = real }
}

/// A pixel of three samples, interleaved in memory in this order.
public struct RGB<Channel: GreyPixel>: Pixel {
  public var red: Channel
  public var green: Channel
  public var blue: Channel

  public init(red: Channel, green: Channel, blue: Channel) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  public static var format: PixelFormat {
    guard let format = Channel.colourFormat else {
      preconditionFailure("no colour pixel is made of \(Channel.self)")
    }
    return format
  }
  public static var zero: Self {
    Self(red: .zero, green: .zero, blue: .zero)
  }
}
