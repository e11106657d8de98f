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
      machine.inBands(of: target.height) { rows, workspace in
        source.withRows { pixels in
          let far = FarRows(pixels, height: source.height, target, machine, workspace)
          func line(_ y: Int) -> Int { mirrorsColumns ? target.height - 1 - y : y }
          for y in rows {
            far.ask(line(y + 2))
            if mirrorsRows {
              far.write(y) { reverse(pixels[line(y)], $0, target.width) }
            } else {
              far.put(pixels[line(y)], y)
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

/// Rows to columns in tiles; with rows read from below, or columns written from below, a turn.
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
    let bytes = source.layout.rowBytes * height + target.layout.rowBytes * width
    let isAligned = (Int(bitPattern: target.base) | target.layout.rowBytes) % 64 == 0
    let far = machine.isFar(bytes) && isAligned ? 1 : 0
    source.withBytes { bytes in
      let first = (bytes + (rowsUp ? (height - 1) * source.layout.rowBytes : 0))
        .assumingMemoryBound(to: UInt8.self)
      let out = (target.base + (columnsUp ? (width - 1) * target.layout.rowBytes : 0))
        .assumingMemoryBound(to: UInt8.self)
      // Four blocks one below the other are a line of the cache in the target.
      let group = 4 * side, groups = (height + group - 1) / group
      machine.inParts(machine.bands(of: height)) { part, parts, _ in
        for y in groups * part / parts..<groups * (part + 1) / parts {
          let rows = min(group, height - y * group)
          kernel(
            first + y * group * inStep, inStep, out + y * group * pixel, outStep, width / side,
            rows / side, far)
        }
      }
      // What is left of rows and columns, pixel by pixel.
      func move(_ x: Int, _ y: Int) {
        (UnsafeMutableRawPointer(out) + x * outStep + y * pixel).copyMemory(
          from: UnsafeRawPointer(first) + y * inStep + x * pixel, byteCount: pixel)
      }
      let wholeRows = height - height % side, wholeColumns = width - width % side
      for y in wholeRows..<height { for x in 0..<width { move(x, y) } }
      for y in 0..<wholeRows { for x in wholeColumns..<width { move(x, y) } }
    }
  }
}
