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

  /// Outside grows run by run from the edge: a run of zeros that touches it is taken whole, and the
  /// runs above and below that it touches come next.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let target = output!.pixels(as: UInt8.self)
    let width = target.width, height = target.height
    func copy<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      source.withRows { pixels in
        for y in 0..<height {
          let row = pixels[y], out = target.row(y)
          for x in 0..<width { out[x] = row[x] == 0 ? 1 : 255 }
        }
      }
    }
    inputs.asUnsigned(u8: copy, u16: copy)
    // 255 set, 1 zero and not reached yet, 0 outside.
    machine.workspace.scope { workspace in
      let open = workspace.take(width * height, of: Int32.self)
      var count = 0
      /// Makes the whole run outside that the pixel lies in.
      func fill(_ x: Int, _ y: Int) {
        let row = target.row(y)
        guard row[x] == 1 else { return }
        var begin = x, end = x
        row[x] = 0
        while begin > 0 && row[begin - 1] == 1 {
          begin -= 1
          row[begin] = 0
        }
        while end < width - 1 && row[end + 1] == 1 {
          end += 1
          row[end] = 0
        }
        // The run is told by its first pixel; its end is where outside ends.
        open[count] = Int32(y * width + begin)
        count += 1
      }
      func spread() {
        while count > 0 {
          count -= 1
          let y = Int(open[count]) / width
          var x = Int(open[count]) % width
          let row = target.row(y)
          while x < width && row[x] == 0 {
            if y > 0 { fill(x, y - 1) }
            if y < height - 1 { fill(x, y + 1) }
            x += 1
          }
        }
      }
      for x in 0..<width {
        fill(x, 0)
        fill(x, height - 1)
      }
      for y in 0..<height {
        fill(0, y)
        fill(width - 1, y)
      }
      spread()
    }
    for y in 0..<height {
      machine.kernels.point.threshold8(target.row(y), target.row(y), width, 0, 0, 255)
    }
    return []
  }
}
