import VisionImage

/// A surface with the light taken out: the logarithm of its brightness against its surroundings, so
/// that exposure and slow shading do not matter.
struct SurfaceContrast {
  /// Against the surroundings of about twenty pixels, a quarter of the logarithm a step.
  let local: FloatPlane
  let glare: Glare

  /// Pixels of the plane to one of the surroundings, which are too broad to need more.
  private static let coarseness = 4
  private static let table = (0..<1024).map { Float(FixedMath.log(Double($0) / 4 + 8)) }

  init(_ picture: ImageView<UInt8>, reduction: Int, _ engine: PlaneEngine) {
    let small = FloatPlane(averaging: picture, by: reduction)
    // Glare says nothing: it is cut off and has no part in the surroundings.
    let ceiling = small.bright(share: 0.1)
    let table = Self.table, step = Self.coarseness, width = small.width, height = small.height
    var level = small
    var sums = FloatPlane(width: (width + step - 1) / step, height: (height + step - 1) / step)
    var weights = sums
    let coarseWidth = sums.width
    level.update { level in
      sums.update { sums in
        weights.update { weights in
          for y in 0..<height {
            let row = level + y * width, coarse = y / step * coarseWidth
            for x in 0..<width {
              let weight: Float = row[x] >= 250 ? 0.001 : 1
              row[x] = table[Int(min(row[x], ceiling) * 4)]
              sums[coarse + x / step] += row[x] * weight
              weights[coarse + x / step] += weight
            }
          }
        }
      }
    }
    glare = Glare(weights: weights, cell: step, width: width, height: height)
    let sigma = 20 / Float(step)
    let surroundings = sums.smoothed(sigma: sigma, engine)
      .zipped(weights.smoothed(sigma: sigma, engine), /)
    local = level.zipped(surroundings.enlarged(by: step, width: width, height: height)) {
      min(max(($0 - $1) * 4, -8), 6)
    }
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
