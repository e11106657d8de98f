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
    formats: [.u8, .u16, .f32], tolerance: .levels(1),
    // OpenCV has places of single precision.
    openCVTolerance: { _, format in format == .f32 ? .within(255 * 5e-5) : .levels(1) },
    conformanceCases: Method.allCases.flatMap { method in
      ["40x30", "17x70", "130x9", "3x3", "32x8", "1x11"].map { "--size \($0) --method \(method.rawValue)" }
    },
    benchmarkCases: [
      benchmarkCase("resize-half", 1.0 / 2, .linear),
      benchmarkCase("resize-area-third", 1.0 / 3, .area),
      benchmarkCase("resize-linear-0.7", 0.7, .linear),
      benchmarkCase("resize-cubic-0.7", 0.7, .cubic),
      benchmarkCase("resize-nearest-0.7", 0.7, .nearest),
    ])

  private static func benchmarkCase(_ name: String, _ share: Double, _ method: Method) -> BenchmarkCase {
    BenchmarkCase(name) { width, height in
      let size = [width, height].map { String(max(1, Int((Double($0) * share).rounded()))) }
      return "--size \(size[0])x\(size[1]) --method \(method.rawValue)"
    }
  }

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
    func define<P: GreyPixel>(_ source: ImageView<P>, _: ImageView<P>?) {
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
    inputs.asGrey(u8: define, u16: define, f32: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.place
    inputs.asGrey(
      u8: { source, _ in
        run(
          source, output!.pixels(as: UInt8.self), machine, halve: kernels.halve8,
          weigh: kernels.weigh_columns8, mix: kernels.mix_spans8)
      },
      u16: { source, _ in
        run(
          source, output!.pixels(as: UInt16.self), machine, halve: kernels.halve16,
          weigh: kernels.weigh_columns16, mix: kernels.mix_spans16)
      },
      f32: { source, _ in
        let axes = axes(source.raster.layout)
        RealResize(x: axes.x, y: axes.y).run(source, output!.pixels(as: Float.self), machine)
      })
    return []
  }

  private func run<P: GreyPixel & FixedWidthInteger>(
    _ source: ImageView<P>, _ target: MutableImageView<P>, _ machine: Machine,
    halve: (UnsafePointer<P>, UnsafePointer<P>, UnsafeMutablePointer<P>, Int) -> Void,
    weigh: ResizeLines<P>.Weigh, mix: ResizeLines<P>.Mix
  ) {
    if width == source.width && height == source.height {
      target.copyPixels(from: source.raster)
      return
    }
    if method == .linear || method == .area, source.width == 2 * width, source.height == 2 * height {
      machine.inBands(of: height) { rows, workspace in
        source.withRows { pixels in
          let far = FarRows(pixels, height: source.height, target, machine, workspace)
          for y in rows {
            far.ask(2 * y + 4..<2 * y + 6)
            far.write(y) { halve(pixels[2 * y], pixels[2 * y + 1], $0, width) }
          }
        }
      }
      return
    }
    let axes = axes(source.raster.layout)
    machine.inBands(of: height) { band, workspace in
      source.withRows { pixels in
        let lines = ResizeLines(
          pixels: pixels, target: target, sourceWidth: source.width, axes: axes,
          far: FarRows(pixels, height: source.height, target, machine, workspace),
          workspace: workspace)
        if method == .nearest {
          lines.nearest(band)
        } else if axes.x.isLinear, let bytes = lines as? ResizeLines<UInt8> {
          bytes.linear(band, machine.kernels)
        } else {
          lines.weighed(band, weigh, mix)
        }
      }
    }
  }
}
