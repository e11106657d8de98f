import Configuration
import VisionImage

/// Colour from a plane of brightness and one of colour differences below it, which four pixels
/// share. The input is the camera's bytes as a picture of bytes, half as high again as the output;
/// rows and columns beyond whole squares of four pixels are left out.
public struct NV12: Operator {
  public enum Order: String, Sendable, CaseIterable {
    case nv12 = "NV12"
    case nv21 = "NV21"
  }

  public var order: Order

  public init(_ order: Order) { self.order = order }

  public static let descriptor = OperatorDescriptor(
    name: "nv12", summary: "colour from a camera's plane of brightness and one of shared colour",
    parameters: [
      Parameter(
        "order", .choice(Order.allCases.map(\.rawValue)), default: "NV12",
        "which colour difference comes first: u (NV12) or v (NV21)")
    ],
    formats: [.u8], tolerance: .exact, content: .groups(width: 2, height: 3),
    conformanceCases: Order.allCases.map { "--order \($0.rawValue)" },
    benchmarkCases: [BenchmarkCase("nv12", "")])

  public init(_ values: ParameterValues) { self.init(Order(rawValue: values.text("order"))!) }
  public var openCVParameters: [Double] { [order == .nv12 ? 0 : 1] }

  public func outputLayout(for inputs: [RasterLayout]) throws(OperatorError) -> RasterLayout? {
    guard inputs[0].width >= 2, inputs[0].height >= 3 else {
      throw .sizeMismatch(
        name: Self.descriptor.name,
        why: "\(inputs[0].width)x\(inputs[0].height) bytes are less than four pixels")
    }
    return RasterLayout(
      format: .rgb8, width: inputs[0].width / 2 * 2, height: inputs[0].height / 3 * 2)
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let bytes = ImageView<UInt8>(inputs.first), let output else { return [] }
    let target = output.pixels(as: RGB<UInt8>.self)
    let u = order == .nv12 ? 0 : 1
    for y in 0..<target.height {
      for x in 0..<target.width {
        let place = (x: x / 2 * 2, y: target.height + y / 2)
        let difference = ColourDifference(
          u: bytes[place.x + u, place.y], v: bytes[place.x + 1 - u, place.y])
        target.row(y)[x] = difference.colour(luma: bytes[x, y])
      }
    }
    return []
  }

  /// The colour follows as many rows as the output is high; of the last square there may be a part.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let output else { return [] }
    let source = inputs.first.layout
    precondition(
      output.height + (output.height + 1) / 2 <= source.height && output.width <= source.width,
      "\(output.layout) from \(source)")
    let u = order == .nv12 ? 0 : 1, kernel = machine.kernels.camera.yuv420
    inputs.first.withBytes { bytes in
      machine.inBands(of: output.height) { rows, _ in
        for y in rows {
          let luma = (bytes + y * source.rowBytes).assumingMemoryBound(to: UInt8.self)
          let colour = (bytes + (output.height + y / 2) * source.rowBytes)
            .assumingMemoryBound(to: UInt8.self)
          let out = output.row(y).assumingMemoryBound(to: UInt8.self)
          let done = kernel(luma, colour, out, output.width, u)
          let rest = output.row(y).assumingMemoryBound(to: RGB<UInt8>.self)
          for x in done..<output.width {
            let pair = colour + x / 2 * 2
            rest[x] = ColourDifference(u: pair[u], v: pair[1 - u]).colour(luma: luma[x])
          }
        }
      }
    }
    return []
  }
}
