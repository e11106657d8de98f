import Configuration
import VisionImage
import VisionKernelsABI

/// Mean, standard deviation, least and greatest pixel.
public struct Statistics: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "stats", summary: "mean, standard deviation, least and greatest pixel",
    parameters: [], formats: [.u8, .u16, .f32], tolerance: .relative(1e-6),
    conformanceCases: [""], benchmarkCases: [BenchmarkCase("stats", "")])

  public init(_ values: ParameterValues) { self.init() }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? { nil }
  public var openCVParameters: [Double] { [] }
  public func answer(_ numbers: [Double]) -> JSONObject {
    [
      "mean": .number(numbers[0]), "stddev": .number(numbers[1]), "min": .number(numbers[2]),
      "max": .number(numbers[3]),
    ]
  }

  /// The deviation of all pixels from their mean (divided by N, not N - 1), as OpenCV has it.
  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel>(_ source: ImageView<P>) -> [Double] {
      var pixels: [Double] = []
      pixels.reserveCapacity(source.width * source.height)
      for y in 0..<source.height {
        for x in 0..<source.width where inputs.counts(x, y) { pixels.append(source[x, y].real) }
      }
      let count = Double(pixels.count)
      let mean = pixels.reduce(0, +) / count
      let variance = pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      return [mean, variance.squareRoot(), pixels.min()!, pixels.max()!]
    }
    return inputs.asGrey(
      u8: { s, _ in define(s) }, u16: { s, _ in define(s) }, f32: { s, _ in define(s) })
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    if let source = ImageView<Float>(inputs.first) { return Self.real(source, inputs.region) }
    return machine.workspace.scope { workspace in
      let moments = Self.moments(inputs, machine, workspace)
      let count = UInt64(inputs.region?.area ?? inputs.first.layout.pixelCount)
      // N * squares - sum * sum is exact in whole numbers: nothing cancels.
      let (high, low) = count.multipliedFullWidth(by: moments.squares)
      let (sumHigh, sumLow) = moments.sum.multipliedFullWidth(by: moments.sum)
      let (rest, borrow) = low.subtractingReportingOverflow(sumLow)
      let spread = Double(high - sumHigh - (borrow ? 1 : 0)) * 0x1p64 + Double(rest)
      let size = Double(count)
      return [
        Double(moments.sum) / size, spread.squareRoot() / size, Double(moments.least),
        Double(moments.greatest),
      ]
    }
  }

  /// Of single precision: the mean first, then the deviations from it, so that nothing cancels. Sums
  /// are of double precision, in the order of the pixels.
  private static func real(_ source: ImageView<Float>, _ region: Region?) -> [Double] {
    func each(_ body: (Double) -> Void) {
      source.withRows { pixels in
        if let region {
          for run in region.runs {
            for x in run.start..<run.end { body(Double(pixels[run.y][x])) }
          }
          return
        }
        for y in 0..<source.height {
          let row = pixels[y]
          for x in 0..<source.width { body(Double(row[x])) }
        }
      }
    }
    var count = 0.0, sum = 0.0, least = Double.infinity, greatest = -Double.infinity
    each {
      count += 1
      sum += $0
      least = min(least, $0)
      greatest = max(greatest, $0)
    }
    let mean = sum / count
    var squares = 0.0
    each { squares += ($0 - mean) * ($0 - mean) }
    return [mean, (squares / count).squareRoot(), least, greatest]
  }

  /// Sums over all pixels, and the range of levels.
  static func moments(
    _ inputs: OperatorInputs, _ machine: Machine, _ workspace: Workspace
  ) -> (sum: UInt64, squares: UInt64, least: Int, greatest: Int) {
    let kernels = machine.kernels.measure
    let source = inputs.first
    let parts = inputs.region == nil ? machine.bands(of: source.height) : 1
    let sums = workspace.take(2 * parts, of: UInt64.self)
    let range = workspace.take(2 * parts, of: UInt32.self)
    func measure<P: Pixel>(
      _ source: ImageView<P>,
      _ kernel: (
        UnsafePointer<P>, Int, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UInt32>
      ) -> Void
    ) {
      source.withRows { pixels in
        machine.inParts(parts) { part, parts, _ in
          let sums = sums + 2 * part, range = range + 2 * part
          (sums[0], sums[1], range[0], range[1]) = (0, 0, .max, 0)
          if let region = inputs.region {
            for run in region.runs { kernel(pixels[run.y] + run.start, run.count, sums, range) }
            return
          }
          let ahead = RowsAhead(pixels, height: source.height, machine)
          for y in source.height * part / parts..<source.height * (part + 1) / parts {
            ahead.ask(y + 2)
            kernel(pixels[y], source.width, sums, range)
          }
        }
      }
    }
    if let source = ImageView<UInt8>(source) {
      measure(source, kernels.moments8)
    } else if let source = ImageView<UInt16>(source) {
      measure(source, kernels.moments16)
    } else {
      preconditionFailure("moments of \(source.layout)")
    }
    for part in 1..<parts {
      sums[0] += sums[2 * part]
      sums[1] += sums[2 * part + 1]
      range[0] = min(range[0], range[2 * part])
      range[1] = max(range[1], range[2 * part + 1])
    }
    return (sums[0], sums[1], Int(range[0]), Int(range[1]))
  }
}
