import Configuration
import VisionImage

/// Mirrors the picture.
public struct Flip: Operator {
  public enum Axis: String, Sendable, CaseIterable {
    /// Left and right change places.
    case horizontal
    /// Above and below change places.
    case vertical
    case both
  }

  public var axis: Axis

  public init(_ axis: Axis) { self.axis = axis }

  public static let descriptor = OperatorDescriptor(
    name: "flip", summary: "mirror left-right, top-bottom or both",
    parameters: [
      Parameter(
        "axis", .choice(Axis.allCases.map(\.rawValue)), default: "horizontal",
        "horizontal: left and right change places")
    ],
    formats: [.u8, .u16], tolerance: .exact,
    conformanceCases: Axis.allCases.map { "--axis \($0.rawValue)" },
    benchmarkCases: [BenchmarkCase("flip", "")])

  public init(_ values: ParameterValues) { self.init(Axis(rawValue: values.text("axis"))!) }
  /// OpenCV's code of the axis.
  public var openCVParameters: [Double] {
    switch axis {
    case .horizontal: [1]
    case .vertical: [0]
    case .both: [-1]
    }
  }

  private var mirrorsRows: Bool { axis != .vertical }
  private var mirrorsColumns: Bool { axis != .horizontal }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      output!.pixels(as: P.self).fill { x, y in
        source[
          mirrorsRows ? source.width - 1 - x : x, mirrorsColumns ? source.height - 1 - y : y
        ].real
      }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    func run<P: Pixel>(
      _ source: ImageView<P>,
      _ reverse: (UnsafePointer<P>, UnsafeMutablePointer<P>, Int) -> Void
    ) {
      let target = output!.pixels(as: P.self)
      machine.inBands(of: target.height) { rows, _ in
        source.withRows { pixels in
          for y in rows {
            let row = pixels[mirrorsColumns ? target.height - 1 - y : y]
            if mirrorsRows {
              reverse(row, target.row(y), target.width)
            } else {
              target.row(y).update(from: row, count: target.width)
            }
          }
        }
      }
    }
    let kernels = machine.kernels.place
    inputs.asUnsigned(u8: { s, _ in run(s, kernels.reverse8) }, u16: { s, _ in run(s, kernels.reverse16) })
    return []
  }
}

/// Rows become columns: out(x, y) = in(y, x).
public struct Transpose: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "transpose", summary: "rows become columns", parameters: [], formats: [.u8, .u16],
    tolerance: .exact, conformanceCases: [""], benchmarkCases: [BenchmarkCase("transpose", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(format: inputs[0].format, width: inputs[0].height, height: inputs[0].width)
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      output!.pixels(as: P.self).fill { x, y in source[y, x].real }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    Transposition(inputs.first, output!).run(on: machine)
    return []
  }
}

/// Turns by quarters, anticlockwise.
public struct Rotate90: Operator {
  /// 0 to 3.
  public let turns: Int

  public init(turns: Int) { self.turns = ((turns % 4) + 4) % 4 }

  public static let descriptor = OperatorDescriptor(
    name: "rotate90", summary: "turn by quarters, anticlockwise",
    parameters: [Parameter("turns", .whole(-1000...1000), default: 1, "quarters, anticlockwise")],
    formats: [.u8, .u16], tolerance: .exact,
    conformanceCases: (0...3).map { "--turns \($0)" } + ["--turns -1"],
    benchmarkCases: [BenchmarkCase("rotate90", "")])

  public init(_ values: ParameterValues) { self.init(turns: values.whole("turns")) }
  public var openCVParameters: [Double] { [Double(turns)] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    let (width, height) = (inputs[0].width, inputs[0].height)
    return RasterLayout(
      format: inputs[0].format, width: turns % 2 == 0 ? width : height,
      height: turns % 2 == 0 ? height : width)
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let right = source.width - 1, bottom = source.height - 1
      output!.pixels(as: P.self).fill { x, y in
        switch turns {
        case 0: source[x, y].real
        case 1: source[right - y, x].real
        case 2: source[right - x, bottom - y].real
        default: source[y, bottom - x].real
        }
      }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    switch turns {
    case 0: output!.copyPixels(from: inputs.first)
    case 2: _ = Flip(.both).native(inputs, into: output, on: machine)
    case 1: Transposition(inputs.first, output!, columnsUp: true).run(on: machine)
    default: Transposition(inputs.first, output!, rowsUp: true).run(on: machine)
    }
    return []
  }
}

/// Rows to columns in blocks; with rows read from below, or columns written from below, a turn.
private struct Transposition {
  let source: RasterView
  let target: MutableRasterView
  let rowsUp: Bool
  let columnsUp: Bool

  init(
    _ source: RasterView, _ target: MutableRasterView, rowsUp: Bool = false, columnsUp: Bool = false
  ) {
    self.source = source
    self.target = target
    self.rowsUp = rowsUp
    self.columnsUp = columnsUp
  }

  func run(on machine: Machine) {
    let pixel = source.format.pixelBytes
    let side = pixel == 1 ? 16 : 8
    let kernel = pixel == 1 ? machine.kernels.place.transpose8 : machine.kernels.place.transpose16
    let width = source.width, height = source.height
    let inStep = rowsUp ? -source.layout.rowBytes : source.layout.rowBytes
    let outStep = columnsUp ? -target.layout.rowBytes : target.layout.rowBytes
    source.withBytes { bytes in
      let first = (bytes + (rowsUp ? (height - 1) * source.layout.rowBytes : 0))
        .assumingMemoryBound(to: UInt8.self)
      let out = (target.base + (columnsUp ? (width - 1) * target.layout.rowBytes : 0))
        .assumingMemoryBound(to: UInt8.self)
      // Columns in stripes: the rows that are written stay in the cache.
      let stripe = 512 / pixel
      for begin in Swift.stride(from: 0, to: width, by: stripe) {
        let columns = min(stripe, width - begin)
        let blocks = columns / side
        for y in Swift.stride(from: 0, to: height - height % side, by: side) {
          kernel(
            first + y * inStep + begin * pixel, inStep, out + begin * outStep + y * pixel, outStep,
            blocks)
        }
      }
      // What is left of rows and columns, pixel by pixel.
      func move(_ x: Int, _ y: Int) {
        (UnsafeMutableRawPointer(out) + x * outStep + y * pixel).copyMemory(
          from: UnsafeRawPointer(first) + y * inStep + x * pixel, byteCount: pixel)
      }
      let wholeRows = height - height % side
      for y in wholeRows..<height { for x in 0..<width { move(x, y) } }
      let wholeColumns = width - (width % stripe) % side
      for y in 0..<wholeRows { for x in wholeColumns..<width { move(x, y) } }
    }
  }
}
