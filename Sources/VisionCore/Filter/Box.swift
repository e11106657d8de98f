import Configuration
import VisionImage
import VisionKernelsABI

/// The mean of a window: out(x, y) = round(sum of in over w x h pixels / (w h)).
///
/// The window reaches from x - w/2 to x - w/2 + w - 1 (whole-number division), as OpenCV's does.
public struct Box: Operator {
  public var width: Int
  public var height: Int
  public var border: Border

  public init(width: Int, height: Int, border: Border) {
    precondition((1...255).contains(width) && (1...255).contains(height), "box \(width)x\(height)")
    self.width = width
    self.height = height
    self.border = border
  }

  public static let descriptor = OperatorDescriptor(
    name: "box", summary: "mean of a window",
    parameters: [
      Parameter("size", .size(1...255), "the window's width and height in pixels"),
      Border.parameter(default: "reflect101"),
    ],
    formats: [.u8, .u16, .f32], tolerance: .levels(1),
    conformanceCases: [
      "--size 1", "--size 3", "--size 15", "--size 4x7", "--size 2", "--size 1x5", "--size 101",
      "--size 5 --border replicate", "--size 5 --border reflect", "--size 5x9 --border black",
    ],
    benchmarkCases: [
      BenchmarkCase("box-15", "--size 15"), BenchmarkCase("box-3", "--size 3"),
      BenchmarkCase("box-101", "--size 101"),
    ])

  public init(_ values: ParameterValues) {
    let size = values.size("size")
    self.init(
      width: size.width, height: size.height, border: Border(named: values.text("border")))
  }

  public var openCVParameters: [Double] { [Double(width), Double(height), border.openCVCode] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel>(_ source: ImageView<P>, isWhole: Bool = true) {
      let area = Double(width * height)
      output!.pixels(as: P.self).fill { x, y in
        var sum = 0.0
        for j in 0..<height {
          for i in 0..<width {
            sum += source.real(x - width / 2 + i, y - height / 2 + j, border)
          }
        }
        return isWhole ? (sum / area + 0.5).rounded(.down) : sum / area
      }
    }
    inputs.asGrey(
      u8: { s, _ in define(s) }, u16: { s, _ in define(s) },
      f32: { s, _ in define(s, isWhole: false) })
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.window
    inputs.asGrey(
      u8: { s, _ in
        let target = output!.pixels(as: UInt8.self)
        slide8(s, target, machine) { y, means, far in far.put(means, y) }
      },
      u16: { s, _ in
        let target = output!.pixels(as: UInt16.self)
        slide(
          s, target, machine, rowSums: kernels.row_sums16, add: kernels.add_sums16,
          slide: kernels.slide_sums16
        ) { y, means, far in far.put(means, y) }
      },
      f32: { s, _ in
        machine.workspace.scope { workspace in
          let column = workspace.take(height, of: Float.self)
          let row = workspace.take(width, of: Float.self)
          column.update(repeating: 1 / Float(height), count: height)
          row.update(repeating: 1 / Float(width), count: width)
          RealWindow(
            width: width, height: height, left: width / 2, top: height / 2, border: border,
            column: column, row: row
          ).run(s, output!.pixels(as: Float.self), machine)
        }
      })
    return []
  }

  /// Calls `body` with every row of means, which makes the target's row of it.
  func slide8(
    _ source: ImageView<UInt8>, _ target: MutableImageView<UInt8>, _ machine: Machine,
    _ body: (_ y: Int, _ means: UnsafePointer<UInt8>, _ far: FarRows<UInt8>) -> Void
  ) {
    let kernels = machine.kernels.window
    slide(
      source, target, machine, rowSums: kernels.row_sums8, add: kernels.add_sums8,
      slide: kernels.slide_sums8, body)
  }

  /// Sums along rows are kept for as many rows as the window is high; the window's sum gains the
  /// row that enters and loses the one that leaves. Time does not depend on the window's size.
  private func slide<P: GreyPixel, Sum: FixedWidthInteger & BitwiseCopyable>(
    _ source: ImageView<P>, _ target: MutableImageView<P>, _ machine: Machine,
    rowSums: (UnsafePointer<P>, UnsafeMutablePointer<Sum>, Int, Int) -> Void,
    add: (UnsafeMutablePointer<UInt32>, UnsafePointer<Sum>, Int) -> Void,
    slide: (
      UnsafeMutablePointer<UInt32>, UnsafePointer<Sum>, UnsafePointer<Sum>,
      UnsafeMutablePointer<P>, Int, Float
    ) -> Void,
    _ body: (_ y: Int, _ means: UnsafePointer<P>, _ far: FarRows<P>) -> Void
  ) {
    let count = source.width
    let scale = Float(1 / Double(width * height))
    let top = height / 2
    let bottom = height - 1 - top
    machine.inBands(of: source.height) { rows, workspace in
      source.withRows { pixels in
        let padded = PaddedRows(
          source: pixels, width: count, height: source.height, border: border, left: width / 2,
          right: width - 1 - width / 2)
        let row = workspace.take(padded.length, of: P.self)
        let sums = workspace.take(count, of: UInt32.self)
        let out = workspace.take(count, of: P.self)
        let far = FarRows(pixels, height: source.height, target, machine, workspace)
        // Rows of the window, in a ring; the row of zeros leaves when the first window is summed.
        let stride = count + 64
        let ring = workspace.take((height + 1) * stride, of: Sum.self)
        ring.update(repeating: 0, count: (height + 1) * stride)
        sums.update(repeating: 0, count: count + 32)
        let slots = height + 1
        var slot = 0
        func enter(_ y: Int) -> UnsafeMutablePointer<Sum> {
          padded.fill(y, into: row)
          let place = ring + slot * stride
          rowSums(row, place, count, width)
          slot = (slot + 1) % slots
          return place
        }
        for y in rows.lowerBound - top..<rows.lowerBound + bottom { add(sums, enter(y), count) }
        for y in rows {
          far.ask(y + bottom + 2)
          let entering = enter(y + bottom)
          // The next slot holds the row that entered `height` rows ago; zeros at first.
          let leaving = ring + slot * stride
          slide(sums, entering, leaving, out, count, scale)
          body(y, out, far)
        }
      }
    }
  }
}
