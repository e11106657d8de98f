import Configuration
import VisionImage

/// How far every pixel that is not zero lies from the nearest that is: 256 times the exact Euclidean
/// distance, ending at 65535.
public struct Distance: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "distance", summary: "exact distance to the nearest zero pixel; 16-bit, times 256",
    parameters: [], formats: [.u8, .u16], tolerance: .levels(2), content: .binary,
    conformanceCases: [""], benchmarkCases: [BenchmarkCase("distance", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(format: .u16, width: inputs[0].width, height: inputs[0].height)
  }

  /// The level of a squared distance; nil stands for no zero pixel at all.
  static func level(_ squared: Int?) -> Double {
    guard let squared else { return 65535 }
    return min(65535, (Double(squared).squareRoot() * 256 + 0.5).rounded(.down))
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      var zeros: [(x: Int, y: Int)] = []
      for y in 0..<source.height {
        for x in 0..<source.width where source[x, y] == 0 { zeros.append((x, y)) }
      }
      output!.pixels(as: UInt16.self).fill { x, y in
        Self.level(zeros.map { ($0.x - x) * ($0.x - x) + ($0.y - y) * ($0.y - y) }.min())
      }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  /// Columns first: how far up or down the nearest zero is, in two sweeps. Then along rows the least
  /// of (squared distance of another column) + (squared step to it); steps end where they alone are
  /// more than what was found, and at 256, where the result is saturated.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.distance
    let target = output!.pixels(as: UInt16.self)
    inputs.asUnsigned(
      u8: { s, _ in sweep(s, target, machine, kernels.grow8) },
      u16: { s, _ in sweep(s, target, machine, kernels.grow16) })
    let count = target.width
    let border = 256
    machine.inBands(of: target.height) { band, workspace in
      let columns = workspace.take(count, of: UInt16.self)
      let squares = workspace.take(count + 2 * border, of: UInt32.self)
      squares.update(repeating: 1 << 30, count: count + 2 * border + 32)
      let out = workspace.take(count, of: UInt16.self)
      for y in band {
        let row = target.row(y)
        columns.update(from: row, count: count)
        // The farthest of a row bounds how far along it need be looked.
        let reach = min(kernels.square(columns, squares + border, count), border, count - 1)
        kernels.nearest(squares + border - reach, reach, out, count)
        row.update(from: out, count: count)
      }
    }
    return []
  }

  /// Down, then up; stripes of columns know nothing of each other.
  private func sweep<P: GreyPixel>(
    _ source: ImageView<P>, _ target: MutableImageView<UInt16>, _ machine: Machine,
    _ grow: (UnsafePointer<P>, UnsafePointer<UInt16>, UnsafeMutablePointer<UInt16>, Int) -> Void
  ) {
    machine.inParts(machine.bands(of: target.width)) { part, parts, workspace in
      let begin = target.width * part / parts, end = target.width * (part + 1) / parts
      let width = end - begin
      let columns = workspace.take(width, of: UInt16.self)
      columns.update(repeating: 32767, count: width)
      source.withRows { pixels in
        for y in 0..<target.height {
          let above = y > 0 ? UnsafePointer(target.row(y - 1) + begin) : UnsafePointer(columns)
          grow(pixels[y] + begin, above, target.row(y) + begin, width)
        }
      }
      columns.update(from: target.row(target.height - 1) + begin, count: width)
      for y in (0..<target.height - 1).reversed() {
        machine.kernels.distance.sweep(target.row(y) + begin, columns, width)
        (target.row(y) + begin).update(from: columns, count: width)
      }
    }
  }
}
