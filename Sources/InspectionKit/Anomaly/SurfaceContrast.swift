import VisionImage

/// A surface with the light taken out: the logarithm of its brightness against its surroundings, so
/// that exposure and slow shading do not matter.
struct SurfaceContrast {
  /// Against the surroundings of about twenty pixels, a quarter of the logarithm a step.
  let local: FloatPlane

  init(_ picture: ImageView<UInt8>, reduction: Int) {
    let small = FloatPlane(averaging: picture, by: reduction)
    // Glare says nothing: it is cut off and has no part in the surroundings.
    let ceiling = small.bright(share: 0.1)
    let table = (0..<1024).map { Float(FixedMath.log(Double($0) / 4 + 8)) }
    var level = small
    var weight = FloatPlane(width: small.width, height: small.height)
    level.update { level in
      weight.update { weight in
        for i in 0..<small.values.count {
          weight[i] = level[i] >= 250 ? 0.001 : 1
          level[i] = table[Int(min(level[i], ceiling) * 4)]
        }
      }
    }
    let surroundings = level.zipped(weight, *).smoothedWidely(sigma: 20)
      .zipped(weight.smoothedWidely(sigma: 20), /)
    local = level.zipped(surroundings) { min(max(($0 - $1) * 4, -8), 6) }
  }
}

extension FloatPlane {
  /// The level that this share of the pixels passes; from a histogram of whole levels.
  fileprivate func bright(share: Double) -> Float {
    var bins = [Int](repeating: 0, count: 256)
    for value in values { bins[Int(value)] += 1 }
    var left = Int(share * Double(values.count))
    for level in (1..<256).reversed() {
      left -= bins[level]
      if left < 0 { return Float(level) }
    }
    return 0
  }
}
