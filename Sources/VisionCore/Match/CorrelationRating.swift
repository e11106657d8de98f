import VisionImage
import VisionKernelsABI

/// What a pose is worth: the correlation over points spread evenly over the template. (A fit looks at
/// the steepest ones only, which agree less where one part covers another.)
struct CorrelationRating: Sendable {
  private let count: Int
  private let padded: Int
  private let xs: [Float]
  private let ys: [Float]
  private let values: [Double]
  /// How far the points reach from the centre.
  private let halfWidth: Double
  private let halfHeight: Double

  /// Of about `limit` points.
  init(_ template: TemplateLevel, limit: Int) {
    let grey = template.fitted()
    let inset = template.inset
    let area = Double(template.width * template.height) / Double(limit)
    let step = max(1, Int(area.squareRoot().rounded(.up)))
    var xs: [Float] = [], ys: [Float] = [], values: [Double] = []
    for y in stride(from: inset, to: template.height - inset, by: step) {
      for x in stride(from: inset, to: template.width - inset, by: step)
      where template.counts(x, y, inset: inset) {
        xs.append(Float(Double(x) - template.centre.x))
        ys.append(Float(Double(y) - template.centre.y))
        values.append(grey[x, y])
      }
    }
    count = values.count
    halfWidth = template.centre.x
    halfHeight = template.centre.y
    padded = (count + 15) / 16 * 16
    // Kernels read whole registers: points that lie outside every picture.
    let rest = [Float](repeating: 1e9, count: padded - count + 48)
    self.xs = xs + rest
    self.ys = ys + rest
    self.values = values
  }

  /// A tenth of the template's contrast is the least: fainter, any ground has something like it.
  private static let leastGain = 0.1

  func area(at pose: Similarity) -> PixelRect {
    pose.area(halfWidth: halfWidth, halfHeight: halfHeight)
  }

  /// The correlation times the share of the points that the picture shows; 0 where it has too little
  /// contrast.
  func score(
    _ pose: Similarity, _ part: PicturePart, _ kernels: correlate_kernels
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: padded + 48) { levels in
      let levels = levels.baseAddress!
      _ = part.sample(pose, xs, ys, into: levels, padded, kernels)
      var seen = 0.0, sum = 0.0, squares = 0.0, value = 0.0, power = 0.0, product = 0.0
      for i in 0..<count where levels[i] >= 0 {
        let level = Double(levels[i])
        seen += 1
        sum += level
        squares += level * level
        value += values[i]
        power += values[i] * values[i]
        product += level * values[i]
      }
      guard seen > 0 else { return 0 }
      power -= value * value / seen
      let variance = squares - sum * sum / seen
      guard variance > Alignment.leastVariance * seen, power > 0 else { return 0 }
      let shared = product - sum * value / seen
      guard abs(shared) >= Self.leastGain * power else { return 0 }
      return shared / (power * variance).squareRoot() * seen / Double(count)
    }
  }
}
