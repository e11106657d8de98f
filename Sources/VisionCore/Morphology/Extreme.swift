import Configuration
import VisionImage
import VisionKernelsABI

/// What erosion and dilation share: the least or the greatest pixel of a window.
struct Extreme: Sendable {
  let element: StructuringElement
  let iterations: Int
  let largest: Bool

  static let parameters = StructuringElement.parameters + [
    Parameter("iterations", .whole(1...100), default: 1, "how often it is repeated")
  ]

  static func descriptor(name: String, summary: String) -> OperatorDescriptor {
    OperatorDescriptor(
      name: name, summary: summary,
      parameters: parameters,
      formats: [.u8, .u16], tolerance: .exact,
      conformanceCases: [
        "--size 1", "--size 3", "--size 15", "--size 2", "--size 4x7", "--size 1x9", "--size 9x1",
        "--size 3 --iterations 3", "--size 4 --iterations 2", "--size 101x31",
        "--shape cross --size 5", "--shape cross --size 4x9 --iterations 2",
        "--shape ellipse --size 7", "--shape ellipse --size 6x11", "--shape ellipse --size 31",
        "--shape ellipse --size 5 --iterations 2",
      ],
      benchmarkCases: [
        BenchmarkCase("\(name)-15", "--size 15"), BenchmarkCase("\(name)-3", "--size 3"),
        BenchmarkCase("\(name)-101", "--size 101"),
        BenchmarkCase("\(name)-ellipse-15", "--shape ellipse --size 15"),
      ])
  }

  var openCVParameters: [Double] {
    [
      Double(StructuringElement.Shape.allCases.firstIndex(of: element.shape)!),
      Double(element.width), Double(element.height), Double(iterations),
    ]
  }

  // MARK: The definition

  func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel>(_ source: ImageView<P>) {
      var from = Image(copying: source)
      for _ in 0..<iterations {
        var to = from
        let view = from.view
        to.withMutableView { $0.fill { x, y in extreme(view, x, y) } }
        from = to
      }
      output!.copyPixels(from: from.view.raster)
    }
    inputs.asUnsigned(u8: { s, _ in define(s) }, u16: { s, _ in define(s) })
    return []
  }

  private func extreme<P: GreyPixel>(_ source: ImageView<P>, _ x: Int, _ y: Int) -> Double {
    var best = largest ? -Double.infinity : .infinity
    for j in 0..<element.height {
      for i in element.run(j) {
        let column = x + i - element.anchorX, row = y + j - element.anchorY
        guard (0..<source.width).contains(column), (0..<source.height).contains(row) else { continue }
        let pixel = source[column, row].real
        best = largest ? max(best, pixel) : min(best, pixel)
      }
    }
    return best  // where no pixel counts, the end of the range that never wins
  }

  // MARK: The fast one

  func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    inputs.asUnsigned(
      u8: { s, _ in native(s, output!.pixels(as: UInt8.self), machine, U8Order(machine.kernels.order)) },
      u16: { s, _ in native(s, output!.pixels(as: UInt16.self), machine, U16Order(machine.kernels.order)) })
    return []
  }

  private func native<Order: OrderKernels>(
    _ source: ImageView<Order.P>, _ target: MutableImageView<Order.P>, _ machine: Machine,
    _ order: Order
  ) {
    if let once = element.repeated(iterations) {
      pass(once, source, target, machine, order)
      return
    }
    machine.withTemporary(target.raster.layout) { temporary in
      pass(element, source, target, machine, order)
      for _ in 1..<iterations {
        temporary.withMutableView { copy in
          for y in 0..<target.height {
            copy.row(y).copyMemory(
              from: target.row(y), byteCount: target.width * MemoryLayout<Order.P>.stride)
          }
        }
        pass(element, ImageView(temporary.view)!, target, machine, order)
      }
    }
  }

  private func pass<Order: OrderKernels>(
    _ element: StructuringElement, _ source: ImageView<Order.P>,
    _ target: MutableImageView<Order.P>, _ machine: Machine, _ order: Order
  ) {
    machine.inBands(of: target.height) { band, workspace in
      let window = ExtremeWindow(
        element: element, source: source, target: target, order: order, largest: largest,
        machine: machine)
      switch element.shape {
      case .rect: window.rectangle(band, workspace)
      case .cross, .ellipse: window.runs(band, workspace)
      }
    }
  }
}

/// The kernels for one pixel type.
protocol OrderKernels {
  associatedtype P: GreyPixel & FixedWidthInteger
  typealias Out = UnsafeMutablePointer<P>
  typealias In = UnsafePointer<P>
  func rowExtremes(
    _ rows: Out, _ stride: Int, _ out: Out, _ outStride: Int, _ rowCount: Int, _ count: Int,
    _ size: Int, _ largest: Int)
  func columnExtremes(
    _ rows: UnsafePointer<UnsafeRawPointer>, _ taps: Int, _ out: Out, _ stride: Int, _ outputs: Int,
    _ count: Int, _ largest: Int)
  func runningExtremes(
    _ rows: UnsafePointer<UnsafeRawPointer>, _ rowCount: Int, _ running: Out, _ others: Out?,
    _ othersStride: Int, _ out: Out, _ stride: Int, _ count: Int, _ largest: Int)
  func extremes(_ a: In, _ b: In, _ out: Out, _ count: Int, _ largest: Int)
}

struct U8Order: OrderKernels {
  typealias P = UInt8
  let kernels: order_kernels
  init(_ kernels: order_kernels) { self.kernels = kernels }
  func rowExtremes(
    _ rows: Out, _ stride: Int, _ out: Out, _ outStride: Int, _ rowCount: Int, _ count: Int,
    _ size: Int, _ largest: Int
  ) {
    kernels.row_extremes8(rows, stride, out, outStride, rowCount, count, size, largest)
  }
  func columnExtremes(
    _ rows: UnsafePointer<UnsafeRawPointer>, _ taps: Int, _ out: Out, _ stride: Int, _ outputs: Int,
    _ count: Int, _ largest: Int
  ) {
    kernels.column_extremes8(rows, taps, out, stride, outputs, count, largest)
  }
  func runningExtremes(
    _ rows: UnsafePointer<UnsafeRawPointer>, _ rowCount: Int, _ running: Out, _ others: Out?,
    _ othersStride: Int, _ out: Out, _ stride: Int, _ count: Int, _ largest: Int
  ) {
    kernels.running_extremes8(
      rows, rowCount, running, others, othersStride, out, stride, count, largest)
  }
  func extremes(_ a: In, _ b: In, _ out: Out, _ count: Int, _ largest: Int) {
    kernels.extremes8(a, b, out, count, largest)
  }
}

struct U16Order: OrderKernels {
  typealias P = UInt16
  let kernels: order_kernels
  init(_ kernels: order_kernels) { self.kernels = kernels }
  func rowExtremes(
    _ rows: Out, _ stride: Int, _ out: Out, _ outStride: Int, _ rowCount: Int, _ count: Int,
    _ size: Int, _ largest: Int
  ) {
    kernels.row_extremes16(rows, stride, out, outStride, rowCount, count, size, largest)
  }
  func columnExtremes(
    _ rows: UnsafePointer<UnsafeRawPointer>, _ taps: Int, _ out: Out, _ stride: Int, _ outputs: Int,
    _ count: Int, _ largest: Int
  ) {
    kernels.column_extremes16(rows, taps, out, stride, outputs, count, largest)
  }
  func runningExtremes(
    _ rows: UnsafePointer<UnsafeRawPointer>, _ rowCount: Int, _ running: Out, _ others: Out?,
    _ othersStride: Int, _ out: Out, _ stride: Int, _ count: Int, _ largest: Int
  ) {
    kernels.running_extremes16(
      rows, rowCount, running, others, othersStride, out, stride, count, largest)
  }
  func extremes(_ a: In, _ b: In, _ out: Out, _ count: Int, _ largest: Int) {
    kernels.extremes16(a, b, out, count, largest)
  }
}
