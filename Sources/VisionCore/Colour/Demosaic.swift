import Configuration
import VisionImage

/// Colour from a sensor behind a mosaic of colour filters: what a pixel has not seen is the mean of
/// its neighbours that have. The outermost pixels are copies of those beside them.
public struct Demosaic: Operator {
  /// The colours of the upper left 2 x 2 pixels, row by row.
  public enum Pattern: String, Sendable, CaseIterable {
    case rggb = "RGGB"
    case grbg = "GRBG"
    case gbrg = "GBRG"
    case bggr = "BGGR"

    /// Where in the 2 x 2 pixels red is; blue is opposite.
    var red: (x: Int, y: Int) {
      switch self {
      case .rggb: (0, 0)
      case .grbg: (1, 0)
      case .gbrg: (0, 1)
      case .bggr: (1, 1)
      }
    }
  }

  /// Of which neighbours a green that was not seen is the mean.
  public enum Method: String, Sendable, CaseIterable {
    /// Of all four.
    case bilinear
    /// Of the two on either side, or above and below, that differ less: along an edge, not across it.
    case edgeAware = "edge-aware"
  }

  public var pattern: Pattern
  public var method: Method

  public init(_ pattern: Pattern, method: Method = .bilinear) {
    self.pattern = pattern
    self.method = method
  }

  public static let descriptor = OperatorDescriptor(
    name: "demosaic", summary: "colour from a sensor behind a Bayer mosaic",
    parameters: [
      Parameter(
        "pattern", .choice(Pattern.allCases.map(\.rawValue)), default: "RGGB",
        "the colours of the upper left 2 x 2 pixels"),
      Parameter(
        "method", .choice(Method.allCases.map(\.rawValue)), default: "bilinear",
        "of which neighbours a missing green is the mean"),
    ],
    formats: [.u8, .u16], tolerance: .levels(1),
    conformanceCases: Pattern.allCases.flatMap { pattern in
      Method.allCases.map { "--pattern \(pattern.rawValue) --method \($0.rawValue)" }
    },
    benchmarkCases: [
      BenchmarkCase("demosaic", ""), BenchmarkCase("demosaic-edge-aware", "--method edge-aware"),
    ])

  public init(_ values: ParameterValues) {
    self.init(
      Pattern(rawValue: values.text("pattern"))!, method: Method(rawValue: values.text("method"))!)
  }
  public var openCVParameters: [Double] {
    [
      Double(Pattern.allCases.firstIndex(of: pattern)!), Double(Method.allCases.firstIndex(of: method)!),
    ]
  }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(
      format: inputs[0].format == .u8 ? .rgb8 : .rgb16, width: inputs[0].width,
      height: inputs[0].height)
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    let red = pattern.red
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let width = source.width, height = source.height
      let target = output!.pixels(as: RGB<P>.self)
      for y in 0..<height {
        for x in 0..<width {
          // Without neighbours on all sides there is nothing to say.
          guard width > 2, height > 2 else {
            target.row(y)[x] = .zero
            continue
          }
          let u = min(max(x, 1), width - 2), v = min(max(y, 1), height - 2)
          func mean(_ places: [(Int, Int)]) -> P {
            let sum = places.reduce(0) { $0 + Int(source[u + $1.0, v + $1.1]) }
            return P((sum + places.count / 2) / places.count)
          }
          let beside = [(-1, 0), (1, 0)], around = [(0, -1), (0, 1)]
          let corners = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
          let here = source[u, v]
          func difference(_ a: (Int, Int), _ b: (Int, Int)) -> Int {
            abs(Int(source[u + a.0, v + a.1]) - Int(source[u + b.0, v + b.1]))
          }
          let goesDown = difference((-1, 0), (1, 0)) > difference((0, -1), (0, 1))
          let greens = method == .bilinear ? beside + around : goesDown ? around : beside
          let isRedColumn = u % 2 == red.x, isRedRow = v % 2 == red.y
          target.row(y)[x] =
            switch (isRedColumn, isRedRow) {
            case (true, true): RGB(red: here, green: mean(greens), blue: mean(corners))
            case (false, false): RGB(red: mean(corners), green: mean(greens), blue: here)
            case (false, true): RGB(red: mean(beside), green: here, blue: mean(around))
            case (true, false): RGB(red: mean(around), green: here, blue: mean(beside))
            }
        }
      }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let red = pattern.red
    func run<P: GreyPixel & FixedWidthInteger>(
      _ source: ImageView<P>,
      _ fill: (
        UnsafePointer<P>, UnsafePointer<P>, UnsafePointer<P>, UnsafeMutablePointer<P>, Int, Int, Int
      ) -> Void
    ) {
      let width = source.width, height = source.height
      let target = output!.pixels(as: RGB<P>.self)
      func samples(_ y: Int) -> UnsafeMutablePointer<P> {
        UnsafeMutableRawPointer(target.row(y)).assumingMemoryBound(to: P.self)
      }
      guard width > 2, height > 2 else {
        for y in 0..<height { samples(y).update(repeating: 0, count: 3 * width) }
        return
      }
      source.withRows { pixels in
        machine.inBands(of: height - 2) { band, workspace in
          let far = FarRows(pixels, height: height, target, machine, workspace)
          for y in band.lowerBound + 1..<band.upperBound + 1 {
            let isRedRow = y % 2 == red.y
            let first = isRedRow ? red.x : 1 - red.x
            far.ask(y + 3)
            far.write(y) { row in
              let out = UnsafeMutableRawPointer(row).assumingMemoryBound(to: P.self)
              fill(pixels[y - 1], pixels[y], pixels[y + 1], out, width, first, isRedRow ? 0 : 1)
              for i in 0..<3 {
                out[i] = out[3 + i]
                out[3 * (width - 1) + i] = out[3 * (width - 2) + i]
              }
            }
          }
        }
      }
      samples(0).update(from: samples(1), count: 3 * width)
      samples(height - 1).update(from: samples(height - 2), count: 3 * width)
    }
    let kernels = machine.kernels.colour
    let isAware = method == .edgeAware
    inputs.asUnsigned(
      u8: { source, _ in
        run(source, isAware ? kernels.demosaic_along_edges8 : kernels.demosaic8)
      },
      u16: { source, _ in
        run(source, isAware ? kernels.demosaic_along_edges16 : kernels.demosaic16)
      })
    return []
  }
}
