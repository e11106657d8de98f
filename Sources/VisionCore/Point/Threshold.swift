import Configuration
import VisionImage
import VisionKernelsABI

/// Parts pixels above a value from the others.
public struct Threshold: Operator {
  /// What becomes of pixels above the threshold, and of the others.
  public enum Kind: String, Sendable, CaseIterable {
    case binary
    case binaryInverted = "binary-inv"
    case truncate = "trunc"
    case toZero = "tozero"
    case toZeroInverted = "tozero-inv"

    /// The number that the kernels and OpenCV have for it.
    var code: Int { Self.allCases.firstIndex(of: self)! }
  }

  public var value: Double
  public var maximum: Double
  public var kind: Kind

  public init(value: Double, maximum: Double, kind: Kind) {
    self.value = value
    self.maximum = maximum
    self.kind = kind
  }

  static let kindParameter = Parameter(
    "type", .choice(Kind.allCases.map(\.rawValue)), default: "binary",
    "what becomes of pixels above the value and of the others")
  static let maximumParameter = Parameter(
    "max", .real(0...65535), default: 255, "what the binary types write")

  public static let descriptor = OperatorDescriptor(
    name: "threshold", summary: "parts pixels above a value from the others",
    parameters: [
      Parameter("value", .real(-1e6...1e6), "pixels above it are foreground"),
      maximumParameter, kindParameter,
    ],
    formats: [.u8, .u16, .f32], tolerance: .exact,
    conformanceCases: Kind.allCases.flatMap { kind in
      ["127", "-1", "0", "254.9", "255", "70000"].map {
        "--value \($0) --max 200 --type \(kind.rawValue)"
      }
    },
    benchmarkCases: [BenchmarkCase("threshold", "--value 127")])

  public init(_ values: ParameterValues) {
    self.init(
      value: values.real("value"), maximum: values.real("max"),
      kind: Kind(rawValue: values.text("type"))!)
  }

  public var openCVParameters: [Double] { [value, maximum, Double(kind.code)] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>) {
      let threshold = value.rounded(.down)
      let maximum = P(saturating: maximum).real
      output!.pixels(as: P.self).fill { x, y in
        let pixel = source[x, y].real
        return switch kind {
        case .binary: pixel > threshold ? maximum : 0
        case .binaryInverted: pixel > threshold ? 0 : maximum
        case .truncate: pixel > threshold ? threshold : pixel
        case .toZero: pixel > threshold ? pixel : 0
        case .toZeroInverted: pixel > threshold ? 0 : pixel
        }
      }
    }
    func defineReal(_ source: ImageView<Float>) {
      let threshold = Float(value), maximum = Float(maximum)
      output!.pixels(as: Float.self).fill { x, y in
        let pixel = source[x, y]
        let new: Float =
          switch kind {
          case .binary: pixel > threshold ? maximum : 0
          case .binaryInverted: pixel > threshold ? 0 : maximum
          case .truncate: pixel > threshold ? threshold : pixel
          case .toZero: pixel > threshold ? pixel : 0
          case .toZeroInverted: pixel > threshold ? 0 : pixel
          }
        return Double(new)
      }
    }
    inputs.asGrey(
      u8: { s, _ in define(s) }, u16: { s, _ in define(s) }, f32: { s, _ in defineReal(s) })
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    if let source = ImageView<Float>(inputs.first) {
      RealRows.map(source, output!, machine) {
        machine.kernels.real.threshold($0, $1, $2, kind.code, Float(value), Float(maximum))
      }
      return []
    }
    let kernels = machine.kernels.point
    func run<P: GreyPixel & FixedWidthInteger>(
      _ source: ImageView<P>,
      _ kernel: (UnsafePointer<P>, UnsafeMutablePointer<P>, Int, Int, P, P) -> Void
    ) {
      let target = output!.pixels(as: P.self)
      let (kind, threshold) = kernelArguments(P.self)
      let maximum = P(saturating: maximum)
      machine.inBands(of: target.height) { rows, _ in
        source.withRows { pixels in
          for y in rows {
            kernel(pixels[y], target.row(y), target.width, kind.code, threshold, maximum)
          }
        }
      }
    }
    inputs.asUnsigned(
      u8: { s, _ in run(s, kernels.threshold8) }, u16: { s, _ in run(s, kernels.threshold16) })
    return []
  }

  /// A threshold within the pixel's range that does the same. Below the range every pixel is above
  /// it, which the opposite type says with a threshold that no pixel is above.
  private func kernelArguments<P: GreyPixel & FixedWidthInteger>(_ type: P.Type) -> (Kind, P) {
    let whole = value.rounded(.down)
    if whole >= 0 { return (kind, P(saturating: whole)) }
    let opposite: Kind =
      switch kind {
      case .binary: .binaryInverted
      case .binaryInverted: .binary
      case .toZero: .toZeroInverted
      case .toZeroInverted, .truncate: .toZero
      }
    return (opposite, .max)
  }
}
