import Configuration
import VisionImage
import VisionKernelsABI

extension OperatorInputs {
  /// The first input as colour of 8 or 16 bits, whichever it is.
  func asColour<R>(u8: (ImageView<RGB<UInt8>>) -> R, u16: (ImageView<RGB<UInt16>>) -> R) -> R {
    if let view = ImageView<RGB<UInt8>>(first) { return u8(view) }
    if let view = ImageView<RGB<UInt16>>(first) { return u16(view) }
    preconditionFailure("\(first.layout) reached an operator of colour")
  }
}

/// Brightness of a colour picture: 0.299 red + 0.587 green + 0.114 blue (BT.601).
public struct Gray: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "gray", summary: "brightness of a colour picture (BT.601)",
    parameters: [], formats: [.rgb8, .rgb16], tolerance: .exact, conformanceCases: [""],
    benchmarkCases: [BenchmarkCase("gray", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(
      format: inputs[0].format == .rgb8 ? .u8 : .u16, width: inputs[0].width,
      height: inputs[0].height)
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<C: GreyPixel & FixedWidthInteger>(_ source: ImageView<RGB<C>>) {
      output!.pixels(as: C.self).fill { x, y in
        // In 15-bit parts that add up to 32768, as OpenCV has them: white stays white.
        let pixel = source[x, y]
        let sum = 9798 * pixel.red.real + 19235 * pixel.green.real + 3735 * pixel.blue.real
        return ((sum + 16384) / 32768).rounded(.down)
      }
    }
    inputs.asColour(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    func eachRow<C: GreyPixel & FixedWidthInteger>(
      _ source: ImageView<RGB<C>>,
      _ body: (UnsafePointer<C>, UnsafeMutablePointer<C>, Int) -> Void
    ) {
      let target = output!.pixels(as: C.self)
      machine.inBands(of: target.height) { rows, workspace in
        source.withRows { pixels in
          let far = FarRows(pixels, height: source.height, target, machine, workspace)
          for y in rows {
            far.ask(y + 2)
            let row = UnsafeRawPointer(pixels[y]).assumingMemoryBound(to: C.self)
            far.write(y) { body(row, $0, target.width) }
          }
        }
      }
    }
    inputs.asColour(
      u8: { eachRow($0, machine.kernels.colour.gray8) },
      u16: { source in
        eachRow(source) { row, out, count in
          for x in 0..<count {
            let red = UInt32(row[3 * x]), green = UInt32(row[3 * x + 1])
            let sum = red &* 9798 &+ green &* 19235 &+ UInt32(row[3 * x + 2]) &* 3735
            out[x] = UInt16(truncatingIfNeeded: (sum &+ 16384) >> 15)
          }
        }
      })
    return []
  }
}

/// An operator that makes three numbers of the three of a pixel.
protocol ColourMap: Operator {
  /// The definition.
  static func define(_ pixel: RGB<UInt8>) -> RGB<UInt8>
  /// The fast one for a row of bytes, with tables that are made once; work: 384 bytes.
  static func map(
    _ row: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>, _ count: Int,
    _ work: UnsafeMutablePointer<UInt8>, _ kernels: colour_kernels)
}

extension ColourMap {
  static func describe(_ name: String, _ summary: String) -> OperatorDescriptor {
    OperatorDescriptor(
      name: name, summary: summary, parameters: [], formats: [.rgb8], tolerance: .levels(1),
      conformanceCases: [""], benchmarkCases: [BenchmarkCase(name, "")])
  }

  public var openCVParameters: [Double] { [] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let source = ImageView<RGB<UInt8>>(inputs.first) else { return [] }
    let target = output!.pixels(as: RGB<UInt8>.self)
    source.withRows { pixels in
      for y in 0..<target.height {
        let row = pixels[y], out = target.row(y)
        for x in 0..<target.width { out[x] = Self.define(row[x]) }
      }
    }
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let source = ImageView<RGB<UInt8>>(inputs.first) else { return [] }
    let target = output!.pixels(as: RGB<UInt8>.self)
    source.withRows { pixels in
      machine.inBands(of: target.height) { band, workspace in
        let work = workspace.take(384, of: UInt8.self)
        for y in band {
          Self.map(
            UnsafeRawPointer(pixels[y]).assumingMemoryBound(to: UInt8.self),
            UnsafeMutableRawPointer(target.row(y)).assumingMemoryBound(to: UInt8.self), target.width,
            work, machine.kernels.colour)
        }
      }
    }
    return []
  }
}

/// Hue (0 to 179, half a degree is missing to the full circle), saturation, value.
public struct HSV: ColourMap {
  public init() {}
  public init(_ values: ParameterValues) { self.init() }
  public static let descriptor = describe("hsv", "hue (0 to 179), saturation and value")

  /// In 12-bit parts, as OpenCV has them: at the seam of the circle rounding decides between 0
  /// and 179.
  static func define(_ pixel: RGB<UInt8>) -> RGB<UInt8> {
    let (r, g, b) = (Int(pixel.red), Int(pixel.green), Int(pixel.blue))
    let value = max(r, g, b), spread = value - min(r, g, b)
    func part(_ top: Double, _ divisor: Int) -> Int {
      divisor == 0 ? 0 : Int((top * 4096 / Double(divisor)).rounded(.toNearestOrEven))
    }
    let saturation = (spread * part(255, value) + 2048) >> 12
    let sixth = value == r ? g - b : value == g ? b - r + 2 * spread : r - g + 4 * spread
    var hue = (sixth * part(180.0 / 6, spread) + 2048) >> 12
    if hue < 0 { hue += 180 }
    return RGB(
      red: UInt8(min(hue, 255)), green: UInt8(min(saturation, 255)), blue: UInt8(value))
  }

  /// What a spread or a value divides, for each.
  private static func quotients(_ top: Double) -> [Int32] {
    (0..<256).map { $0 == 0 ? 0 : Int32((top * 4096 / Double($0)).rounded(.toNearestOrEven)) }
  }
  private static let hues = quotients(180.0 / 6)
  private static let saturations = quotients(255)

  static func map(
    _ row: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>, _ count: Int,
    _ work: UnsafeMutablePointer<UInt8>, _ kernels: colour_kernels
  ) {
    kernels.hsv8(row, out, count, hues, saturations, work)
  }
}
