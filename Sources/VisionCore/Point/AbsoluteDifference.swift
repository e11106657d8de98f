import Configuration
import VisionImage
import VisionKernelsABI

/// |a - b| of two images.
public struct AbsoluteDifference: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "absdiff", summary: "absolute difference of two images",
    parameters: [], inputs: 2, formats: [.u8, .u16], tolerance: .exact,
    conformanceCases: [""], benchmarkCases: [BenchmarkCase("absdiff", "")])

  public init(_ values: ParameterValues) { self.init() }

  public var openCVParameters: [Double] { [] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel>(_ a: ImageView<P>, _ b: ImageView<P>?) {
      output!.pixels(as: P.self).fill { x, y in abs(a[x, y].real - b![x, y].real) }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.point
    func run<P: Pixel>(
      _ a: ImageView<P>, _ b: ImageView<P>?,
      _ kernel: (UnsafePointer<P>, UnsafePointer<P>, UnsafeMutablePointer<P>, Int) -> Void
    ) {
      let target = output!.pixels(as: P.self)
      machine.inBands(of: target.height) { rows, _ in
        a.withRows { p in
          b!.withRows { q in
            for y in rows { kernel(p[y], q[y], target.row(y), target.width) }
          }
        }
      }
    }
    inputs.asUnsigned(
      u8: { run($0, $1, kernels.absdiff8) }, u16: { run($0, $1, kernels.absdiff16) })
    return []
  }
}
