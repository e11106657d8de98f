import Configuration
import VisionImage

/// Half the size: smoothed with 1 4 6 4 1 along both axes, then every second pixel.
public struct PyramidDown: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "pyramid-down", summary: "half the size, smoothed first", parameters: [],
    formats: [.u8, .u16], tolerance: .exact, conformanceCases: [""],
    benchmarkCases: [BenchmarkCase("pyramid-down", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(
      format: inputs[0].format, width: (inputs[0].width + 1) / 2, height: (inputs[0].height + 1) / 2)
  }

  private static let weights = [1.0, 4, 6, 4, 1]

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      output!.pixels(as: P.self).fill { x, y in
        var sum = 0.0
        for j in 0..<5 {
          for i in 0..<5 {
            sum += Self.weights[i] * Self.weights[j]
              * source.real(2 * x + i - 2, 2 * y + j - 2, .reflect101)
          }
        }
        return ((sum + 128) / 256).rounded(.down)
      }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.place
    inputs.asUnsigned(
      u8: { s, _ in
        run(
          s, output!.pixels(as: UInt8.self), machine, columns: kernels.pyramid_rows8,
          row: kernels.pyramid_window8)
      },
      u16: { s, _ in
        run(
          s, output!.pixels(as: UInt16.self), machine, columns: kernels.pyramid_rows16,
          row: kernels.pyramid_window16)
      })
    return []
  }

  private func run<P: GreyPixel, Sum: FixedWidthInteger & BitwiseCopyable>(
    _ source: ImageView<P>, _ target: MutableImageView<P>, _ machine: Machine,
    columns: (UnsafePointer<UnsafeRawPointer>, UnsafeMutablePointer<Sum>, Int) -> Void,
    row: (UnsafePointer<Sum>, UnsafeMutablePointer<P>, Int) -> Void
  ) {
    let width = source.width
    machine.inBands(of: target.height) { band, workspace in
      let lines = workspace.take(5, of: UnsafeRawPointer.self)
      let sums = workspace.take(width + 4, of: Sum.self)
      let out = workspace.take(target.width, of: P.self)
      source.withRows { pixels in
        let far = FarRows(pixels, height: source.height, target, machine, workspace)
        for y in band {
          far.ask(2 * y + 5..<2 * y + 7)
          for j in 0..<5 {
            let line = Border.reflect101.source(2 * y + j - 2, length: source.height)!
            lines[j] = UnsafeRawPointer(pixels[line])
          }
          let middle = sums + 2
          columns(lines, middle, width)
          for i in 1...2 {
            middle[-i] = middle[Border.reflect101.source(-i, length: width)!]
            middle[width - 1 + i] = middle[Border.reflect101.source(width - 1 + i, length: width)!]
          }
          row(sums, out, target.width)
          far.put(out, y)
        }
      }
    }
  }
}

/// Twice the size: zeros between the pixels, then smoothed with 1 4 6 4 1, times four.
public struct PyramidUp: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "pyramid-up", summary: "twice the size, smoothed", parameters: [],
    formats: [.u8, .u16], tolerance: .exact, conformanceCases: [""],
    benchmarkCases: [BenchmarkCase("pyramid-up", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(
      format: inputs[0].format, width: inputs[0].width * 2, height: inputs[0].height * 2)
  }

  /// The pixel before the first is the second one, that behind the last the last again.
  private static func inside(_ x: Int, _ length: Int) -> Int {
    x < 0 ? min(1, length - 1) : min(x, length - 1)
  }

  /// Pixel and weight of what an output column (or row) is made of; weights add up to 8.
  private static func parts(_ x: Int, _ length: Int) -> [(place: Int, weight: Int)] {
    let here = x / 2
    return x % 2 == 0
      ? [(inside(here - 1, length), 1), (here, 6), (inside(here + 1, length), 1)]
      : [(here, 4), (inside(here + 1, length), 4)]
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      output!.pixels(as: P.self).fill { x, y in
        var sum = 0.0
        for row in Self.parts(y, source.height) {
          for column in Self.parts(x, source.width) {
            sum += Double(row.weight * column.weight) * source[column.place, row.place].real
          }
        }
        return ((sum + 32) / 64).rounded(.down)
      }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    func run<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let target = output!.pixels(as: P.self)
      let width = source.width, height = source.height
      machine.inBands(of: height) { band, workspace in
        // Columns first, into one row of sums; then along it, two pixels a step.
        let even = workspace.take(width + 2, of: UInt32.self)
        let odd = workspace.take(width + 2, of: UInt32.self)
        source.withRows { pixels in
          for y in band {
            let above = pixels[Self.inside(y - 1, height)], here = pixels[y]
            let below = pixels[Self.inside(y + 1, height)]
            for x in 0..<width {
              let a = UInt32(truncatingIfNeeded: above[x]), b = UInt32(truncatingIfNeeded: here[x])
              let c = UInt32(truncatingIfNeeded: below[x])
              even[x + 1] = a &+ 6 &* b &+ c
              odd[x + 1] = 4 &* (b &+ c)
            }
            for (sums, line) in [(even, 2 * y), (odd, 2 * y + 1)] {
              sums[0] = sums[1 + Self.inside(-1, width)]
              sums[width + 1] = sums[width]
              let out = target.row(line)
              for x in 0..<width {
                let b = sums[x + 1], c = sums[x + 2]
                out[2 * x] = P(truncatingIfNeeded: (sums[x] &+ 6 &* b &+ c &+ 32) >> 6)
                out[2 * x + 1] = P(truncatingIfNeeded: (4 &* (b &+ c) &+ 32) >> 6)
              }
            }
          }
        }
      }
    }
    inputs.asUnsigned(u8: run, u16: run)
    return []
  }
}
