import Configuration
import VisionImage

/// Threshold at the mean around each pixel, less a constant: for uneven light.
public struct Adaptive: Operator {
  public enum Method: String, Sendable, CaseIterable { case mean, gaussian }

  public var method: Method
  public var size: Int
  public var constant: Double
  public var isInverted: Bool
  public var maximum: Double

  public init(
    method: Method, size: Int, constant: Double, isInverted: Bool = false, maximum: Double = 255
  ) {
    precondition(size % 2 == 1 && (3...255).contains(size), "an adaptive threshold of size \(size)")
    self.method = method
    self.size = size
    self.constant = constant
    self.isInverted = isInverted
    self.maximum = maximum
  }

  public static let descriptor = OperatorDescriptor(
    name: "adaptive", summary: "threshold at the mean around each pixel, for uneven light",
    parameters: [
      Parameter("method", .choice(Method.allCases.map(\.rawValue)), default: "mean", "which mean"),
      Parameter("size", .odd(3...255), default: 31, "the window's size in pixels"),
      Parameter("c", .real(-255...255), default: 5, "levels taken from the mean"),
      Parameter("type", .choice(["binary", "binary-inv"]), default: "binary", "what is set"),
      Parameter("max", .real(0...255), default: 255, "the level that is set"),
    ],
    formats: [.u8], tolerance: .share(0.999, levels: 0),
    conformanceCases: [
      "", "--size 3 --c 0", "--size 15 --c -3.5", "--size 7 --c 2.5 --type binary-inv --max 9",
      "--method gaussian", "--method gaussian --size 5 --c 0", "--size 101 --c 1",
    ],
    benchmarkCases: [
      BenchmarkCase("adaptive-mean-31", "--size 31"),
      BenchmarkCase("adaptive-gaussian-31", "--method gaussian --size 31"),
    ])

  public init(_ values: ParameterValues) {
    self.init(
      method: Method(rawValue: values.text("method"))!, size: values.whole("size"),
      constant: values.real("c"), isInverted: values.text("type") == "binary-inv",
      maximum: values.real("max"))
  }

  public var openCVParameters: [Double] {
    [method == .mean ? 0 : 1, Double(size), constant, isInverted ? 1 : 0, maximum]
  }

  /// The pixel is set where pixel - mean is above this; whole, as OpenCV has it.
  private var margin: Int {
    -Int(isInverted ? constant.rounded(.down) : constant.rounded(.up))
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    var mean = Raster(format: .u8, width: source.width, height: source.height)
    mean.withMutableView { mean in
      switch method {
      case .mean:
        _ = Box(width: size, height: size, border: .replicate).reference(inputs, into: mean)
      case .gaussian:
        _ = smooth.reference(inputs, into: mean)
      }
    }
    let means = ImageView<UInt8>(mean.view)!
    output!.pixels(as: UInt8.self).fill { x, y in
      let isAbove = Int(source[x, y]) - Int(means[x, y]) > margin
      return isAbove != isInverted ? maximum : 0
    }
    return []
  }

  private var smooth: PreciseGaussian { PreciseGaussian(size: size) }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let target = output!.pixels(as: UInt8.self)
    let kernels = machine.kernels
    let level = UInt8(saturating: maximum)
    // Row by row on the means, while they are in the cache.
    func compare(
      _ y: Int, _ means: UnsafePointer<UInt8>, _ pixels: PixelRows<UInt8>, _ far: FarRows<UInt8>
    ) {
      far.write(y) {
        kernels.level.compare8(
          pixels[y], means, $0, target.width, margin, isInverted ? 0 : level, isInverted ? level : 0)
      }
    }
    switch method {
    case .mean:
      source.withRows { pixels in
        Box(width: size, height: size, border: .replicate)
          .slide8(source, target, machine) { compare($0, $1, pixels, $2) }
      }
    case .gaussian:
      source.withRows { pixels in
        smooth.slide(source, target, machine) { compare($0, $1, pixels, $2) }
      }
    }
    return []
  }
}

/// A Gaussian of single precision, rounded at the end only: what the adaptive threshold asks for.
struct PreciseGaussian {
  let size: Int

  /// Hands out weights that add up to 1.
  private func writeWeights(_ store: (Int, Float) -> Void) {
    // One part in 2^24 is as fine as single precision is.
    GaussianWeights.write(size: size, sigma: 0, parts: 1 << 24) { store($0, Float($1) / Float(1 << 24)) }
  }

  func reference(_ inputs: OperatorInputs, into output: MutableRasterView) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    var weights = [Float](repeating: 0, count: size)
    writeWeights { weights[$0] = $1 }
    let radius = size / 2
    let rows = (-radius..<source.height + radius).map { y in
      (0..<source.width).map { x in
        (0..<size).reduce(0.0) {
          $0 + Double(weights[$1]) * source.real(x + $1 - radius, y, .replicate)
        }
      }
    }
    output.pixels(as: UInt8.self).fill { x, y in
      (0..<size).reduce(0.0) { $0 + Double(weights[$1]) * rows[y + $1][x] }
    }
    return []
  }

  /// Calls `body` with every row of means.
  func slide(
    _ source: ImageView<UInt8>, _ target: MutableImageView<UInt8>, _ machine: Machine,
    _ body: (_ y: Int, _ means: UnsafePointer<UInt8>, _ far: FarRows<UInt8>) -> Void
  ) {
    let kernels = machine.kernels.place
    let radius = size / 2
    let count = source.width
    machine.inBands(of: source.height) { band, workspace in
      let weights = workspace.take(size, of: Float.self)
      writeWeights { weights[$0] = $1 }
      let taps = workspace.take(size, of: UnsafeRawPointer.self)
      let sums = workspace.take(count + 2 * radius, of: Float.self)
      let means = workspace.take(count, of: UInt8.self)
      source.withRows { pixels in
        let far = FarRows(pixels, height: source.height, target, machine, workspace)
        for y in band {
          far.ask(y + radius + 2)
          for i in 0..<size {
            let row = min(max(y + i - radius, 0), source.height - 1)
            taps[i] = UnsafeRawPointer(pixels[row])
          }
          kernels.weigh_columns8(taps, weights, size, sums + radius, count)
          PaddedRows<Float>.padEnds(sums, radius, count, radius, .replicate, 0)
          for i in 0..<size { taps[i] = UnsafeRawPointer(sums + i) }
          kernels.weigh4_8(taps, weights, size, means, count)
          body(y, means, far)
        }
      }
    }
  }
}
