import Configuration
import VisionImage

/// Another size.
public struct Resize: Operator {
  public enum Method: String, Sendable, CaseIterable {
    /// The pixel in which the place lies.
    case nearest
    /// Between the two nearest pixels along each axis.
    case linear
    /// Through the four nearest pixels along each axis, as OpenCV with a = -0.75.
    case cubic
    /// The mean of the area that a pixel covers; linear where the picture grows.
    case area
  }

  public var width: Int
  public var height: Int
  public var method: Method

  public init(width: Int, height: Int, method: Method) {
    precondition(width > 0 && height > 0, "\(width)x\(height)")
    self.width = width
    self.height = height
    self.method = method
  }

  public static let descriptor = OperatorDescriptor(
    name: "resize", summary: "another size",
    parameters: [
      Parameter("size", .size(1...65535), "width and height of the result"),
      Parameter("method", .choice(Method.allCases.map(\.rawValue)), default: "linear", "how"),
    ],
    formats: [.u8, .u16], tolerance: .levels(1),
    conformanceCases: Method.allCases.flatMap { method in
      ["40x30", "17x70", "130x9", "3x3", "32x8"].map { "--size \($0) --method \(method.rawValue)" }
    },
    benchmarkCases: [
      BenchmarkCase("resize-half", "--size 1224x1024"),
      BenchmarkCase("resize-area-third", "--size 816x683 --method area"),
      BenchmarkCase("resize-linear-0.7", "--size 1714x1434"),
      BenchmarkCase("resize-cubic-0.7", "--size 1714x1434 --method cubic"),
      BenchmarkCase("resize-nearest-0.7", "--size 1714x1434 --method nearest"),
    ])

  public init(_ values: ParameterValues) {
    let size = values.size("size")
    self.init(
      width: size.width, height: size.height, method: Method(rawValue: values.text("method"))!)
  }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(format: inputs[0].format, width: width, height: height)
  }

  /// OpenCV's number of the method.
  public var openCVParameters: [Double] { [Double(Method.allCases.firstIndex(of: method)!)] }

  private func axes(_ source: RasterLayout) -> (x: ResizeAxis, y: ResizeAxis) {
    // The area's mean is for pictures that shrink along both axes.
    let shrinks = width <= source.width && height <= source.height
    let method: ResizeAxis.Method =
      switch method {
      case .nearest: .nearest
      case .linear: .linear
      case .cubic: .cubic
      case .area: shrinks ? .area : .areaGrowing
      }
    return (
      ResizeAxis(method, from: source.width, to: width),
      ResizeAxis(method, from: source.height, to: height)
    )
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    let axes = axes(inputs.first.layout)
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let columns = (0..<width).map { axes.x.parts($0) }
      let rows = (0..<height).map { axes.y.parts($0) }
      output!.pixels(as: P.self).fill { x, y in
        var sum = 0.0
        for (j, v) in rows[y] {
          for (i, u) in columns[x] { sum += u * v * source[i, j].real }
        }
        return sum
      }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.place
    inputs.asUnsigned(
      u8: { s, _ in
        run(s, output!.pixels(as: UInt8.self), machine, halve: kernels.halve8, weigh: kernels.weigh4_8)
      },
      u16: { s, _ in
        run(
          s, output!.pixels(as: UInt16.self), machine, halve: kernels.halve16,
          weigh: kernels.weigh4_16)
      })
    return []
  }

  private func run<P: GreyPixel & FixedWidthInteger>(
    _ source: ImageView<P>, _ target: MutableImageView<P>, _ machine: Machine,
    halve: (UnsafePointer<P>, UnsafePointer<P>, UnsafeMutablePointer<P>, Int) -> Void,
    weigh: (
      UnsafePointer<UnsafeRawPointer>, UnsafePointer<Float>, Int, UnsafeMutablePointer<P>, Int
    ) -> Void
  ) {
    if width == source.width && height == source.height {
      target.copyPixels(from: source.raster)
      return
    }
    if method == .linear || method == .area, source.width == 2 * width, source.height == 2 * height {
      machine.inBands(of: height) { rows, _ in
        source.withRows { pixels in
          for y in rows { halve(pixels[2 * y], pixels[2 * y + 1], target.row(y), width) }
        }
      }
      return
    }
    let axes = axes(source.raster.layout)
    machine.inBands(of: height) { band, workspace in
      source.withRows { pixels in
        if method == .nearest {
          let places = workspace.take(width, of: Int32.self)
          for x in 0..<width { places[x] = Int32(axes.x.first(x)) }
          for y in band {
            let row = pixels[axes.y.first(y)], out = target.row(y)
            for x in 0..<width { out[x] = row[Int(places[x])] }
          }
        } else {
          weighed(pixels, target, band, axes, workspace, weigh)
        }
      }
    }
  }

  /// Rows of the source are resized along x once and kept in a ring for as long as rows of the
  /// result are made of them.
  private func weighed<P: GreyPixel & FixedWidthInteger>(
    _ pixels: PixelRows<P>, _ target: MutableImageView<P>, _ band: Range<Int>,
    _ axes: (x: ResizeAxis, y: ResizeAxis), _ workspace: Workspace,
    _ weigh: (
      UnsafePointer<UnsafeRawPointer>, UnsafePointer<Float>, Int, UnsafeMutablePointer<P>, Int
    ) -> Void
  ) {
    let tapsX = axes.x.taps, tapsY = axes.y.taps
    let places = workspace.take(width * tapsX, of: Int32.self)
    let weights = workspace.take(width * tapsX, of: Float.self)
    for x in 0..<width {
      axes.x.each(x) { i, place, weight in
        places[i * width + x] = Int32(place)
        weights[i * width + x] = Float(weight)
      }
    }
    let stride = width + 64
    let ring = workspace.take(tapsY * stride, of: Float.self)
    let held = workspace.take(tapsY, of: Int.self)
    held.update(repeating: -1, count: tapsY)
    let rows = workspace.take(tapsY, of: UnsafeRawPointer.self)
    let rowWeights = workspace.take(tapsY, of: Float.self)
    let out = workspace.take(width, of: P.self)
    func resized(_ y: Int) -> UnsafeMutablePointer<Float> {
      let slot = y % tapsY
      let line = ring + slot * stride
      if held[slot] == y { return line }
      held[slot] = y
      let row = pixels[y]
      for x in 0..<width { line[x] = Float(row[Int(places[x])]) * weights[x] }
      for i in 1..<max(tapsX, 1) {
        let place = places + i * width, weight = weights + i * width
        for x in 0..<width { line[x] += Float(row[Int(place[x])]) * weight[x] }
      }
      return line
    }
    for y in band {
      var count = 0
      axes.y.each(y) { _, place, weight in
        guard weight != 0 else { return }
        rows[count] = UnsafeRawPointer(resized(place))
        rowWeights[count] = Float(weight)
        count += 1
      }
      weigh(rows, rowWeights, count, out, width)
      target.row(y).update(from: out, count: width)
    }
  }
}

/// Which pixels of a line, and with which weights, a pixel of the resized line is made of.
struct ResizeAxis {
  enum Method { case nearest, linear, cubic, area, areaGrowing }
  let method: Method
  let from: Int
  let to: Int
  private let scale: Double

  init(_ method: Method, from: Int, to: Int) {
    self.method = method
    self.from = from
    self.to = to
    // As OpenCV computes it: the last bit decides where a pixel's place is nearly whole.
    scale = 1 / (Double(to) / Double(from))
  }

  /// At most so many pixels count.
  var taps: Int {
    switch method {
    case .nearest: 1
    case .linear, .areaGrowing: 2
    case .cubic: 4
    case .area: Int(scale.rounded(.up)) + 1
    }
  }

  /// The first pixel that counts.
  func first(_ x: Int) -> Int {
    var place = 0
    each(x) { i, p, _ in if i == 0 { place = p } }
    return place
  }

  func parts(_ x: Int) -> [(Int, Double)] {
    var parts: [(Int, Double)] = []
    each(x) { _, place, weight in if weight != 0 { parts.append((place, weight)) } }
    return parts
  }

  /// Hands out `taps` pixels and weights; those that do not count have the weight 0.
  func each(_ x: Int, _ body: (_ index: Int, _ place: Int, _ weight: Double) -> Void) {
    func inside(_ place: Int) -> Int { min(max(place, 0), from - 1) }
    switch method {
    case .nearest:
      body(0, inside(Int((Double(x) * scale).rounded(.down))), 1)
    case .linear, .areaGrowing:
      var place: Int, part: Double
      if method == .linear {
        let position = (Double(x) + 0.5) * scale - 0.5
        place = Int(position.rounded(.down))
        part = position - Double(place)
      } else {
        place = Int((Double(x) * scale).rounded(.down))
        part = Double(Float(Double(x + 1) - Double(place + 1) * (Double(to) / Double(from))))
        part = part <= 0 ? 0 : part - part.rounded(.down)
      }
      if place < 0 { (place, part) = (0, 0) }
      if place >= from - 1 { (place, part) = (from - 1, 0) }
      body(0, place, 1 - part)
      body(1, inside(place + 1), part)
    case .cubic:
      let position = (Double(x) + 0.5) * scale - 0.5
      let place = Int(position.rounded(.down))
      let weights = cubicWeights(position - Double(place))
      body(0, inside(place - 1), weights.0)
      body(1, inside(place), weights.1)
      body(2, inside(place + 1), weights.2)
      body(3, inside(place + 2), weights.3)
    case .area:
      let begin = Double(x) * scale, end = min(Double(x + 1) * scale, Double(from))
      let first = Int(begin.rounded(.down))
      for i in 0..<taps {
        let place = first + i
        let covered = min(Double(place + 1), end) - max(Double(place), begin)
        // What is covered by less than a thousandth does not count, as with OpenCV.
        body(i, inside(place), covered > 1e-3 && place < from ? covered / (end - begin) : 0)
      }
    }
  }
}

/// Weights of the four pixels around a place that lies `t` behind the second, with a = -0.75.
func cubicWeights(_ t: Double) -> (Double, Double, Double, Double) {
  let a = -0.75
  func near(_ d: Double) -> Double { ((a + 2) * d - (a + 3)) * d * d + 1 }
  func far(_ d: Double) -> Double { ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
  let w0 = far(t + 1), w1 = near(t), w2 = near(1 - t)
  return (w0, w1, w2, 1 - w0 - w1 - w2)
}
