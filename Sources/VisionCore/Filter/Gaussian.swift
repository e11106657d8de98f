import Configuration
import VisionImage
import VisionKernelsABI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Smoothing with a bell curve: the separable sum of w(i) w(j) in(x + i, y + j).
///
/// w(i) is exp(-i² / 2 sigma²), made to add up to 1, in whole 256ths for 8-bit images and whole
/// 65536ths for 16-bit ones (see `GaussianWeights`), so that results are the same on every machine.
public struct Gaussian: Operator {
  public var size: Int
  public var sigma: Double
  public var border: Border

  /// `size` is odd; a `sigma` of 0 follows from the size.
  public init(size: Int, sigma: Double = 0, border: Border) {
    precondition(size % 2 == 1 && (1...255).contains(size), "a Gaussian of size \(size)")
    self.size = size
    self.sigma = sigma
    self.border = border
  }

  public static let descriptor = OperatorDescriptor(
    name: "gaussian", summary: "smoothing with a bell curve",
    parameters: [
      Parameter("size", .odd(1...255), "the window's width and height in pixels"),
      Parameter("sigma", .real(0...1000), default: 0, "the curve's width; 0: from the size"),
      Border.parameter(default: "reflect101"),
    ],
    formats: [.u8, .u16, .f32], tolerance: .levels(1),
    conformanceCases: [
      "--size 1", "--size 3", "--size 5", "--size 7", "--size 5 --sigma 1.1", "--size 9",
      "--size 31 --sigma 4", "--size 15 --sigma 0.3", "--size 7 --sigma 20",
      "--size 5 --border replicate", "--size 9 --border reflect", "--size 5 --border black",
    ],
    benchmarkCases: [
      BenchmarkCase("gaussian-5", "--size 5"),
      BenchmarkCase("gaussian-5-s1.1", "--size 5 --sigma 1.1"),
      BenchmarkCase("gaussian-15", "--size 15"),
    ])

  public init(_ values: ParameterValues) {
    self.init(
      size: values.whole("size"), sigma: values.real("sigma"),
      border: Border(named: values.text("border")))
  }

  public var openCVParameters: [Double] { [Double(size), sigma, border.openCVCode] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>) {
      let parts = P.bitWidth == 8 ? 256 : 65536
      let weights = GaussianWeights.whole(size: size, sigma: sigma, parts: parts)
      let radius = size / 2
      // Rows first, kept as exact sums, so that the definition of a large window stays bearable.
      let rows = (-radius..<source.height + radius).map { y in
        (0..<source.width).map { x in
          (0..<size).reduce(0.0) {
            $0 + Double(weights[$1]) * source.real(x + $1 - radius, y, border)
          }
        }
      }
      let unit = Double(parts) * Double(parts)
      output!.pixels(as: P.self).fill { x, y in
        let sum = (0..<size).reduce(0.0) { $0 + Double(weights[$1]) * rows[y + $1][x] }
        return (sum / unit + 0.5).rounded(.down)
      }
    }
    func defineReal(_ source: ImageView<Float>) {
      var weights = [Double](repeating: 0, count: size)
      GaussianWeights.writeReal(size: size, sigma: sigma) { weights[$0] = $1 }
      let radius = size / 2
      let rows = (-radius..<source.height + radius).map { y in
        (0..<source.width).map { x in
          (0..<size).reduce(0.0) { $0 + weights[$1] * source.real(x + $1 - radius, y, border) }
        }
      }
      output!.pixels(as: Float.self).fill { x, y in
        (0..<size).reduce(0.0) { $0 + weights[$1] * rows[y + $1][x] }
      }
    }
    inputs.asGrey(
      u8: { s, _ in define(s) }, u16: { s, _ in define(s) }, f32: { s, _ in defineReal(s) })
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.window
    let size = size
    if let source = ImageView<Float>(inputs.first) {
      machine.workspace.scope { workspace in
        let weights = workspace.take(size, of: Float.self)
        GaussianWeights.writeReal(size: size, sigma: sigma) { weights[$0] = Float($1) }
        RealWindow(
          width: size, height: size, left: size / 2, top: size / 2, border: border,
          column: weights, row: weights
        ).run(source, output!.pixels(as: Float.self), machine)
      }
      return []
    }
    if inputs.first.format == .u8, sigma <= 0, size == 3 || size == 5 {
      inputs.asUnsigned(
        u8: { s, _ in
          convolve(
            s, output!.pixels(as: UInt8.self), machine,
            outside: { UInt16($0) << UInt16(size - 1) },
            rows: { kernels.binomial_rows8($0, size, $1, $2) },
            window: { kernels.binomial_window8($0, size, $1, $2) })
        }, u16: { _, _ in })
      return []
    }
    machine.workspace.scope { workspace in
      inputs.asUnsigned(
        u8: { s, _ in
          let weights = workspace.take(size, of: UInt16.self)
          GaussianWeights.write(size: size, sigma: sigma, parts: 256) { weights[$0] = UInt16($1) }
          convolve(
            s, output!.pixels(as: UInt8.self), machine,
            // As a signed number 32768 lower, see the kernel.
            outside: { UInt16($0) * 256 ^ 0x8000 },
            rows: { kernels.weigh_rows8($0, weights, size, $1, $2) },
            window: { kernels.weigh_window8($0, weights, size, $1, $2) })
        },
        u16: { s, _ in
          let weights = workspace.take(size, of: Float.self)
          GaussianWeights.write(size: size, sigma: sigma, parts: 65536) {
            weights[$0] = Float($1) / 65536
          }
          convolve(
            s, output!.pixels(as: UInt16.self), machine, outside: { Float($0) },
            rows: { kernels.weigh_rows16($0, weights, size, $1, $2) },
            window: { kernels.weigh_window16($0, weights, size, $1, $2) })
        })
    }
    return []
  }

  /// Columns first, straight from the image into one row of sums; then along that row, which is
  /// still in the first-level cache. `outside` is the column sum of a constant border.
  private func convolve<P: GreyPixel, Sum: GreyPixel>(
    _ source: ImageView<P>, _ target: MutableImageView<P>, _ machine: Machine,
    outside: (P) -> Sum,
    rows weighRows: (UnsafePointer<UnsafeRawPointer>, UnsafeMutablePointer<Sum>, Int) -> Void,
    window weighWindow: (UnsafePointer<Sum>, UnsafeMutablePointer<P>, Int) -> Void
  ) {
    let radius = size / 2
    let count = target.width
    let constant: P = if case .constant(let value) = border { P(saturating: value) } else { .zero }
    machine.inBands(of: target.height) { band, workspace in
      source.withRows { pixels in
        let taps = workspace.take(size, of: UnsafeRawPointer.self)
        let sums = workspace.take(count + 2 * radius, of: Sum.self)
        let outsideRow = workspace.take(count, of: P.self)
        outsideRow.update(repeating: constant, count: count)
        let far = FarRows(pixels, height: source.height, target, machine, workspace)
        for y in band {
          far.ask(y + radius + 2)
          for i in 0..<size {
            let inside = border.source(y + i - radius, length: source.height)
            taps[i] = inside.map { UnsafeRawPointer(pixels[$0]) } ?? UnsafeRawPointer(outsideRow)
          }
          weighRows(taps, sums + radius, count)
          PaddedRows<Sum>.padEnds(sums, radius, count, radius, border, outside(constant))
          far.write(y) { weighWindow(sums, $0, count) }
        }
      }
    }
  }
}
