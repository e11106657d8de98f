import Configuration
import VisionImage

/// Colour from rows in which two pixels share their colour differences: four bytes a pair, in one of
/// four orders. The input is the camera's bytes as a picture of bytes; what follows the last whole
/// pair of a row is left out.
public struct YUV422: Operator {
  public enum Order: String, Sendable, CaseIterable {
    case yuyv = "YUYV"
    case uyvy = "UYVY"
    case yvyu = "YVYU"
    case vyuy = "VYUY"

    /// Where the first brightness lies, the second is two further, and the differences.
    var places: (luma: Int, u: Int, v: Int) {
      switch self {
      case .yuyv: (0, 1, 3)
      case .uyvy: (1, 0, 2)
      case .yvyu: (0, 3, 1)
      case .vyuy: (1, 2, 0)
      }
    }
  }

  public var order: Order

  public init(_ order: Order) { self.order = order }

  public static let descriptor = OperatorDescriptor(
    name: "yuv422", summary: "colour from a camera's bytes of which two pixels share four",
    parameters: [
      Parameter("order", .choice(Order.allCases.map(\.rawValue)), default: "YUYV", "of the four bytes")
    ],
    formats: [.u8], tolerance: .exact, content: .groups(width: 4, height: 1),
    conformanceCases: Order.allCases.map { "--order \($0.rawValue)" },
    benchmarkCases: [BenchmarkCase("yuv422", "")])

  public init(_ values: ParameterValues) { self.init(Order(rawValue: values.text("order"))!) }
  public var openCVParameters: [Double] { [Double(Order.allCases.firstIndex(of: order)!)] }

  public func outputLayout(for inputs: [RasterLayout]) throws(OperatorError) -> RasterLayout? {
    guard inputs[0].width >= 4 else {
      throw .sizeMismatch(
        name: Self.descriptor.name, why: "a row of \(inputs[0].width) bytes has no pair of pixels")
    }
    return RasterLayout(
      format: .rgb8, width: inputs[0].width / 4 * 2, height: inputs[0].height)
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let bytes = ImageView<UInt8>(inputs.first), let output else { return [] }
    let places = order.places
    let target = output.pixels(as: RGB<UInt8>.self)
    for y in 0..<target.height {
      for x in 0..<target.width {
        let pair = x / 2 * 4
        let difference = ColourDifference(
          u: bytes[pair + places.u, y], v: bytes[pair + places.v, y])
        target.row(y)[x] = difference.colour(luma: bytes[pair + places.luma + x % 2 * 2, y])
      }
    }
    return []
  }

  /// As many pixels as the output is wide; of the last pair there may be one.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let output else { return [] }
    precondition(
      (output.width + 1) / 2 * 4 <= inputs.first.width,
      "\(output.layout) from rows of \(inputs.first.width) bytes")
    let places = order.places, kernel = machine.kernels.camera.yuv422
    inputs.first.withBytes { bytes in
      machine.inBands(of: output.height) { rows, _ in
        for y in rows {
          let row = (bytes + y * inputs.first.layout.rowBytes).assumingMemoryBound(to: UInt8.self)
          let out = output.row(y).assumingMemoryBound(to: UInt8.self)
          let done = kernel(row, out, output.width, places.luma, places.u, places.v)
          let rest = output.row(y).assumingMemoryBound(to: RGB<UInt8>.self)
          for x in done..<output.width {
            let pair = row + x / 2 * 4
            let difference = ColourDifference(u: pair[places.u], v: pair[places.v])
            rest[x] = difference.colour(luma: pair[places.luma + x % 2 * 2])
          }
        }
      }
    }
    return []
  }
}
