import Configuration
import VisionImage

/// Sums over all pixels above and left: out(x, y) = sum of in(i, j), i < x, j < y. One row and one
/// column of zeros more than the picture.
public struct Integral: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "integral", summary: "sums over all pixels above and left; 32-bit",
    parameters: [], formats: [.u8, .u16], tolerance: .exact, conformanceCases: [""],
    benchmarkCases: [BenchmarkCase("integral", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }
  public func answer(_ numbers: [Double]) -> JSONObject { ["total": .integer(Int(numbers[0]))] }

  /// Whole numbers where the sum fits in any case, else real ones of 64 bits, which are exact too.
  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    let top = inputs[0].format == .u8 ? 255 : 65535
    let fits = inputs[0].width * inputs[0].height <= Int(Int32.max) / top
    return RasterLayout(
      format: fits ? .s32 : .f64, width: inputs[0].width + 1, height: inputs[0].height + 1)
  }

  /// What did fit in 32 bits after all is stored in them.
  public func finished(_ image: Raster, _ numbers: [Double]) -> Raster {
    guard let wide = Image<Double>(image), numbers[0] <= Double(Int32.max) else { return image }
    return Image<Int32>(width: wide.width, height: wide.height) { Int32(wide[$0, $1]) }.raster
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) -> Double {
      var sums = [[Double]](
        repeating: [Double](repeating: 0, count: source.width + 1), count: source.height + 1)
      for y in 0..<source.height {
        for x in 0..<source.width {
          sums[y + 1][x + 1] = sums[y][x + 1] + sums[y + 1][x] - sums[y][x] + source[x, y].real
        }
      }
      if output!.format == .s32 {
        output!.pixels(as: Int32.self).fill { x, y in sums[y][x] }
      } else {
        output!.pixels(as: Double.self).fill { x, y in sums[y][x] }
      }
      return sums[source.height][source.width]
    }
    return [inputs.asUnsigned(u8: define, u16: define)]
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.measure
    func run<P: GreyPixel & FixedWidthInteger, Sum: GreyPixel>(
      _ source: ImageView<P>,
      _ kernel: (
        UnsafePointer<P>, UnsafePointer<Sum>, UnsafeMutablePointer<Sum>, Int
      ) -> Void
    ) -> Double {
      let target = output!.pixels(as: Sum.self)
      target.row(0).update(repeating: .zero, count: target.width)
      source.withRows { pixels in
        machine.workspace.scope { workspace in
          let far = FarRows(pixels, height: source.height, target, machine, workspace, atOnce: 2)
          let above = workspace.take(target.width, of: Sum.self)
          above.update(repeating: .zero, count: target.width)
          var last = UnsafePointer(above)
          for y in 0..<source.height {
            far.ask(y + 2)
            far.write(y + 1, after: &last) { out, above in
              out[0] = .zero
              kernel(pixels[y], above + 1, out + 1, source.width)
            }
          }
        }
      }
      machine.kernels.memory.settle()
      return target.row(source.height)[source.width].real
    }
    let isWhole = output!.format == .s32
    return [
      inputs.asUnsigned(
        u8: { s, _ in isWhole ? run(s, kernels.integral8) : run(s, kernels.integral8_wide) },
        u16: { s, _ in isWhole ? run(s, kernels.integral16) : run(s, kernels.integral16_wide) })
    ]
  }
}
