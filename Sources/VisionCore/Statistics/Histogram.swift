import Configuration
import VisionImage
import VisionKernelsABI

/// How often every grey level occurs.
public struct Histogram: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "histogram", summary: "how often every grey level occurs",
    parameters: [], formats: [.u8], tolerance: .exact,
    conformanceCases: [""], benchmarkCases: [BenchmarkCase("histogram", "")])

  public init(_ values: ParameterValues) { self.init() }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? { nil }
  public var openCVParameters: [Double] { [] }
  public func answer(_ numbers: [Double]) -> JSONObject {
    ["bins": .array(numbers.map { .integer(Int($0)) })]
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    return Self.countSlowly(source, inputs.region).map(Double.init)
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    machine.workspace.scope { Self.count(inputs, machine, $0).map(Double.init) }
  }

  /// 256 or 65536 counters, as many as the pixel has levels.
  static func countSlowly<P: FixedWidthInteger & GreyPixel>(
    _ source: ImageView<P>, _ region: Region? = nil
  ) -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: Int(P.max) + 1)
    for y in 0..<source.height {
      for x in 0..<source.width where region?.contains(x: x, y: y) ?? true {
        counts[Int(source[x, y])] += 1
      }
    }
    return counts
  }

  /// The same, fast; the counters lie in the workspace.
  static func count(
    _ inputs: OperatorInputs, _ machine: Machine, _ workspace: Workspace
  ) -> UnsafeBufferPointer<UInt32> {
    if let source = ImageView<UInt8>(inputs.first) {
      if inputs.region == nil, source.width * source.height >= Self.pixelsWorthPairs {
        return countPairs(source, machine, workspace)
      }
      let tables = workspace.take(4 * 256, of: UInt32.self)
      tables.update(repeating: 0, count: 4 * 256)
      source.withRows { pixels in
        if let region = inputs.region {
          for run in region.runs {
            machine.kernels.measure.histogram8(pixels[run.y] + run.start, run.count, tables)
          }
          return
        }
        for y in 0..<source.height {
          machine.kernels.measure.histogram8(pixels[y], source.width, tables)
        }
      }
      for table in 1..<4 {
        for level in 0..<256 { tables[level] += tables[table * 256 + level] }
      }
      return UnsafeBufferPointer(start: tables, count: 256)
    }
    guard let source = ImageView<UInt16>(inputs.first) else {
      preconditionFailure("a histogram of \(inputs.first.layout)")
    }
    let table = workspace.take(65536, of: UInt32.self)
    table.update(repeating: 0, count: 65536)
    source.withRows { pixels in
      if let region = inputs.region {
        for run in region.runs {
          machine.kernels.measure.histogram16(pixels[run.y] + run.start, run.count, table)
        }
        return
      }
      for y in 0..<source.height {
        machine.kernels.measure.histogram16(pixels[y], source.width, table)
      }
    }
    return UnsafeBufferPointer(start: table, count: 65536)
  }

  /// From here on half as many counts are worth clearing and adding up 65536 counters.
  static let pixelsWorthPairs = 1 << 18

  /// Two neighbours a count: a counter is a load, an addition and a store, and these are what a
  /// histogram takes. Pairs of a picture lie close to the diagonal, so that few of the counters'
  /// 256 KB are in use.
  private static func countPairs(
    _ source: ImageView<UInt8>, _ machine: Machine, _ workspace: Workspace
  ) -> UnsafeBufferPointer<UInt32> {
    let parts = machine.bands(of: source.height), even = source.width & ~1
    let counts = workspace.take(parts * 256, of: UInt32.self)
    counts.update(repeating: 0, count: parts * 256)
    source.withRows { pixels in
      machine.inParts(parts) { part, parts, workspace in
        let counts = counts + part * 256
        let pairs = workspace.take(65536, of: UInt32.self)
        pairs.update(repeating: 0, count: 65536)
        for y in source.height * part / parts..<source.height * (part + 1) / parts {
          machine.kernels.measure.histogram_pairs8(pixels[y], even, pairs)
          if even < source.width { counts[Int(pixels[y][even])] += 1 }
        }
        for right in 0..<256 {
          let row = pairs + right * 256
          var sum: UInt32 = 0
          for left in 0..<256 {
            counts[left] &+= row[left]
            sum &+= row[left]
          }
          counts[right] &+= sum
        }
      }
    }
    for part in 1..<max(parts, 1) {
      for level in 0..<256 { counts[level] += counts[part * 256 + level] }
    }
    return UnsafeBufferPointer(start: counts, count: 256)
  }
}
