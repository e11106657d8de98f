import Configuration
import VisionImage
import VisionKernelsABI

/// What becomes of two pixels at the same place.
public enum PairOperation: Int, Sendable {
  case absoluteDifference, sum, difference, least, greatest, and, or, xor
}

/// An operator that takes two images of one size and works on their pixels pair by pair. Sums and
/// differences end at the pixel's range.
public protocol PairOperator: Operator {
  init()
  static var operation: PairOperation { get }
  static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P
  /// The same of single precision, which ends nowhere; nil where there is no such thing.
  static func define(_ a: Float, _ b: Float) -> Float?
}

extension PairOperator {
  public static func define(_ a: Float, _ b: Float) -> Float? { nil }

  static func describe(_ name: String, _ summary: String) -> OperatorDescriptor {
    OperatorDescriptor(
      name: name, summary: summary, parameters: [], inputs: 2,
      formats: define(0, 0) == nil ? [.u8, .u16] : [.u8, .u16, .f32],
      tolerance: .exact, conformanceCases: [""], benchmarkCases: [BenchmarkCase(name, "")])
  }

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ a: ImageView<P>, _ b: ImageView<P>?) {
      output!.pixels(as: P.self).fill { x, y in Self.define(a[x, y], b![x, y]).real }
    }
    func defineReal(_ a: ImageView<Float>, _ b: ImageView<Float>?) {
      output!.pixels(as: Float.self).fill { x, y in Double(Self.define(a[x, y], b![x, y])!) }
    }
    inputs.asGrey(u8: define, u16: define, f32: defineReal)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.point
    func run<P: Pixel>(
      _ a: ImageView<P>, _ b: ImageView<P>?,
      _ kernel: (UnsafePointer<P>, UnsafePointer<P>, UnsafeMutablePointer<P>, Int, Int) -> Void
    ) {
      let target = output!.pixels(as: P.self)
      machine.inBands(of: target.height) { rows, _ in
        a.withRows { p in
          b!.withRows { q in
            for y in rows {
              kernel(p[y], q[y], target.row(y), target.width, Self.operation.rawValue)
            }
          }
        }
      }
    }
    inputs.asGrey(
      u8: { run($0, $1, kernels.pair8) }, u16: { run($0, $1, kernels.pair16) },
      f32: { run($0, $1, machine.kernels.real.pair) })
    return []
  }
}

public struct AbsoluteDifference: PairOperator {
  public init() {}
  public static let operation = PairOperation.absoluteDifference
  public static let descriptor = describe("absdiff", "absolute difference of two images")
  public static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P {
    a > b ? a - b : b - a
  }
  public static func define(_ a: Float, _ b: Float) -> Float? { abs(a - b) }
}

public struct Add: PairOperator {
  public init() {}
  public static let operation = PairOperation.sum
  public static let descriptor = describe("add", "sum of two images, ending at white")
  public static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P {
    P(saturating: a.real + b.real)
  }
  public static func define(_ a: Float, _ b: Float) -> Float? { a + b }
}

public struct Subtract: PairOperator {
  public init() {}
  public static let operation = PairOperation.difference
  public static let descriptor = describe("subtract", "difference of two images, ending at black")
  public static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P {
    P(saturating: a.real - b.real)
  }
  public static func define(_ a: Float, _ b: Float) -> Float? { a - b }
}

public struct Minimum: PairOperator {
  public init() {}
  public static let operation = PairOperation.least
  public static let descriptor = describe("min", "the darker of two pixels")
  public static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P { min(a, b) }
  public static func define(_ a: Float, _ b: Float) -> Float? { min(a, b) }
}

public struct Maximum: PairOperator {
  public init() {}
  public static let operation = PairOperation.greatest
  public static let descriptor = describe("max", "the brighter of two pixels")
  public static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P { max(a, b) }
  public static func define(_ a: Float, _ b: Float) -> Float? { max(a, b) }
}

public struct BitAnd: PairOperator {
  public init() {}
  public static let operation = PairOperation.and
  public static let descriptor = describe("and", "bits set in both images: masks")
  public static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P { a & b }
}

public struct BitOr: PairOperator {
  public init() {}
  public static let operation = PairOperation.or
  public static let descriptor = describe("or", "bits set in one of two images: masks")
  public static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P { a | b }
}

public struct BitXor: PairOperator {
  public init() {}
  public static let operation = PairOperation.xor
  public static let descriptor = describe("xor", "bits set in just one of two images")
  public static func define<P: GreyPixel & FixedWidthInteger>(_ a: P, _ b: P) -> P { a ^ b }
}
