import Configuration
import VisionImage

/// All bits of a pixel the other way round: the negative.
public struct Not: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "not", summary: "all bits the other way round: the negative", parameters: [],
    formats: [.u8, .u16], tolerance: .exact, conformanceCases: [""],
    benchmarkCases: [BenchmarkCase("not", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      output!.pixels(as: P.self).fill { x, y in (~source[x, y]).real }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let source = inputs.first
    let target = output!
    let bytes = source.width * source.format.pixelBytes
    machine.inBands(of: source.height) { rows, _ in
      source.withBytes { pixels in
        for y in rows {
          machine.kernels.level.invert(
            (pixels + y * source.layout.rowBytes).assumingMemoryBound(to: UInt8.self),
            target.row(y).assumingMemoryBound(to: UInt8.self), bytes)
        }
      }
    }
    return []
  }
}

/// Products of the pixels of two images, times a factor.
public struct Multiply: Operator {
  public var scale: Double

  public init(scale: Double = 1) { self.scale = scale }

  public static let descriptor = OperatorDescriptor(
    name: "multiply", summary: "product of two images times a factor, ending at white",
    parameters: [Parameter("scale", .real(0...1e9), default: 1, "the factor")],
    inputs: 2, formats: [.u8, .u16, .f32], tolerance: .exact,
    conformanceCases: ["", "--scale 0.00392156862745098", "--scale 0.5", "--scale 0.01"],
    benchmarkCases: [BenchmarkCase("multiply", "--scale 0.00392156862745098")])

  public init(_ values: ParameterValues) { self.init(scale: values.real("scale")) }
  public var openCVParameters: [Double] { [scale] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel>(_ a: ImageView<P>, _ b: ImageView<P>?) {
      // Single precision, in this order, is what OpenCV does and what the last bit hangs on.
      output!.pixels(as: P.self).fill { x, y in
        Double(Float(scale) * Float(a[x, y].real) * Float(b![x, y].real))
      }
    }
    inputs.asGrey(u8: define, u16: define, f32: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.level
    func run<P: Pixel>(
      _ a: ImageView<P>, _ b: ImageView<P>?,
      _ kernel: (UnsafePointer<P>, UnsafePointer<P>, UnsafeMutablePointer<P>, Int, Float) -> Void
    ) {
      let target = output!.pixels(as: P.self)
      machine.inBands(of: target.height) { rows, _ in
        a.withRows { p in
          b!.withRows { q in
            for y in rows { kernel(p[y], q[y], target.row(y), target.width, Float(scale)) }
          }
        }
      }
    }
    inputs.asGrey(
      u8: { run($0, $1, kernels.multiply8) }, u16: { run($0, $1, kernels.multiply16) },
      f32: { run($0, $1, machine.kernels.real.multiply) })
    return []
  }
}
