import Configuration
import VisionImage

/// What is not zero, and every hole in it: zero pixels that no path of zeros (sideways, up, down)
/// joins with the picture's edge. 255, else 0.
public struct FillHoles: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "fill-holes", summary: "set what is enclosed by pixels that are set",
    parameters: [], formats: [.u8, .u16], tolerance: .exact, content: .binary,
    conformanceCases: [""], benchmarkCases: [BenchmarkCase("fill-holes", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(format: .u8, width: inputs[0].width, height: inputs[0].height)
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let width = source.width, height = source.height
      var isOutside = [Bool](repeating: false, count: width * height)
      var open: [(Int, Int)] = []
      func visit(_ x: Int, _ y: Int) {
        guard x >= 0, y >= 0, x < width, y < height, source[x, y] == 0, !isOutside[y * width + x]
        else { return }
        isOutside[y * width + x] = true
        open.append((x, y))
      }
      for x in 0..<width {
        visit(x, 0)
        visit(x, height - 1)
      }
      for y in 0..<height {
        visit(0, y)
        visit(width - 1, y)
      }
      while let (x, y) = open.popLast() {
        visit(x - 1, y)
        visit(x + 1, y)
        visit(x, y - 1)
        visit(x, y + 1)
      }
      output!.pixels(as: UInt8.self).fill { x, y in isOutside[y * width + x] ? 0 : 255 }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  /// Zeros that hang together are outside where they reach the picture's edge.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let target = output!.pixels(as: UInt8.self), labeller = machine.labeller
    labeller.label(
      inputs.first, Foreground(threshold: 0, isDark: true), .four, machine.kernels.run)
    for y in 0..<target.height { target.row(y).update(repeating: 255, count: target.width) }
    labeller.paintBlobsAtEdge(of: target, 0)
    return []
  }
}
