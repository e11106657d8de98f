import Configuration
import VisionImage

/// Threshold at the value that parts the histogram into the two most compact classes (Otsu 1979).
public struct Otsu: Operator {
  public var maximum: Double
  public var kind: Threshold.Kind

  public init(maximum: Double, kind: Threshold.Kind) {
    self.maximum = maximum
    self.kind = kind
  }

  public static let descriptor = OperatorDescriptor(
    name: "otsu", summary: "threshold at the value that parts the histogram best",
    parameters: [Threshold.maximumParameter, Threshold.kindParameter],
    formats: [.u8, .u16], tolerance: .exact,
    conformanceCases: Threshold.Kind.allCases.map { "--type \($0.rawValue)" },
    benchmarkCases: [BenchmarkCase("otsu", "")])

  public init(_ values: ParameterValues) {
    self.init(
      maximum: values.real("max"), kind: Threshold.Kind(rawValue: values.text("type"))!)
  }

  public var openCVParameters: [Double] { [maximum, Double(kind.code)] }
  public func answer(_ numbers: [Double]) -> JSONObject { ["value": .integer(Int(numbers[0]))] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    let counts = inputs.asUnsigned(
      u8: { s, _ in Histogram.countSlowly(s, inputs.region) },
      u16: { s, _ in Histogram.countSlowly(s, inputs.region) })
    let value = counts.withUnsafeBufferPointer { Self.bestThreshold($0) }
    _ = Threshold(value: value, maximum: maximum, kind: kind).reference(inputs, into: output)
    return [value]
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let value = machine.workspace.scope { workspace in
      Self.bestThreshold(Histogram.count(inputs, machine, workspace))
    }
    _ = Threshold(value: value, maximum: maximum, kind: kind)
      .native(inputs, into: output, on: machine)
    return [value]
  }

  /// The level with the largest variance between the classes "up to it" and "above it", the first
  /// one of equals. The means are updated level by level in the order that OpenCV uses: with flat
  /// histograms the last bit decides which of two equal levels wins.
  static func bestThreshold(_ counts: UnsafeBufferPointer<UInt32>) -> Double {
    var total = 0.0, weighted = 0.0
    for (level, count) in counts.enumerated() {
      total += Double(count)
      weighted += Double(level) * Double(count)
    }
    let scale = 1 / total
    let mean = weighted * scale
    var share = 0.0, lowerMean = 0.0
    var best = 0.0, bestLevel = 0
    for (level, count) in counts.enumerated() {
      let part = Double(count) * scale
      lowerMean *= share
      share += part
      let rest = 1 - share
      if min(share, rest) < Double(Float.ulpOfOne) || max(share, rest) > 1 - Double(Float.ulpOfOne) {
        continue
      }
      lowerMean = (lowerMean + Double(level) * part) / share
      let upperMean = (mean - share * lowerMean) / rest
      let variance = share * rest * (lowerMean - upperMean) * (lowerMean - upperMean)
      if variance > best {
        best = variance
        bestLevel = level
      }
    }
    return Double(bestLevel)
  }
}
