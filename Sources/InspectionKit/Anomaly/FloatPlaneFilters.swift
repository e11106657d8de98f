/// The filters of planes, on the kernels of one engine.
extension FloatPlane {
  /// Sums of neighbours, each with its weight; beyond the edges the outermost values go on.
  func weighed(_ taps: [PlaneTap], _ engine: PlaneEngine) -> FloatPlane {
    let margin = taps.reduce(0) { max($0, max(abs($1.x), abs($1.y))) }
    let around = padded(by: margin), stride = around.width
    let offsets = taps.map { $0.y * stride + $0.x }, weights = taps.map(\.weight)
    var out = FloatPlane(uninitializedWidth: width, height: height)
    let width = width, height = height
    out.update { out in
      around.read { around in
        for y in 0..<height {
          engine.kernels.weigh(
            around + ((y + margin) * stride + margin), offsets, weights, taps.count,
            out + y * width, width)
        }
      }
    }
    return out
  }

  /// Smoothed by a Gaussian; beyond the edges the outermost pixels go on.
  func smoothed(sigma: Float, _ engine: PlaneEngine) -> FloatPlane {
    let weights = Self.gaussian(sigma)
    return weighedDown(weights, engine).weighedAcross(weights, engine)
  }

  /// Every row smoothed by a Gaussian.
  func smoothedAcross(sigma: Float, _ engine: PlaneEngine) -> FloatPlane {
    weighedAcross(Self.gaussian(sigma), engine)
  }

  /// The mean over the square of `2 radius + 1` pixels.
  func boxed(radius: Int, _ engine: PlaneEngine) -> FloatPlane {
    boxedDown(radius: radius, engine).boxedAcross(radius: radius)
  }

  /// The mean of the column from `radius` above to `radius` below.
  func boxedDown(radius: Int, _ engine: PlaneEngine) -> FloatPlane {
    var out = FloatPlane(uninitializedWidth: width, height: height)
    let share = 1 / Float(2 * radius + 1), last = height - 1, width = width
    var sums = [Float](repeating: 0, count: width)
    out.update { out in
      read { values in
        for y in -radius...radius {
          let row = values + min(max(y, 0), last) * width
          for x in 0..<width { sums[x] += row[x] }
        }
        for y in 0...last {
          engine.kernels.slide(
            &sums, values + min(y + radius + 1, last) * width, values + max(y - radius, 0) * width,
            out + y * width, width, share)
        }
      }
    }
    return out
  }

  /// The mean of the row from `radius` to the left to `radius` to the right.
  func boxedAcross(radius: Int) -> FloatPlane {
    var out = FloatPlane(uninitializedWidth: width, height: height)
    let share = 1 / Float(2 * radius + 1), last = width - 1, width = width, height = height
    out.update { out in
      read { values in
        for y in 0..<height {
          let row = values + y * width, target = out + y * width
          var sum: Float = 0
          for x in -radius...radius { sum += row[min(max(x, 0), last)] }
          for x in 0...last {
            target[x] = sum * share
            sum += row[min(x + radius + 1, last)] - row[max(x - radius, 0)]
          }
        }
      }
    }
    return out
  }

  private func weighedDown(_ weights: [Float], _ engine: PlaneEngine) -> FloatPlane {
    var out = FloatPlane(uninitializedWidth: width, height: height)
    let radius = weights.count / 2, width = width, height = height
    var offsets = [Int](repeating: 0, count: weights.count)
    out.update { out in
      read { values in
        for y in 0..<height {
          for i in offsets.indices { offsets[i] = min(max(y + i - radius, 0), height - 1) * width }
          engine.kernels.weigh(values, offsets, weights, weights.count, out + y * width, width)
        }
      }
    }
    return out
  }

  private func weighedAcross(_ weights: [Float], _ engine: PlaneEngine) -> FloatPlane {
    var out = FloatPlane(uninitializedWidth: width, height: height)
    let radius = weights.count / 2, width = width, height = height
    let offsets = weights.indices.map { $0 }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width + 2 * radius) { memory in
      let padded = memory.baseAddress!
      out.update { out in
        read { values in
          for y in 0..<height {
            let row = values + y * width
            for x in 0..<radius {
              padded[x] = row[0]
              padded[radius + width + x] = row[width - 1]
            }
            (padded + radius).update(from: row, count: width)
            engine.kernels.weigh(padded, offsets, weights, weights.count, out + y * width, width)
          }
        }
      }
    }
    return out
  }

  private static func gaussian(_ sigma: Float) -> [Float] {
    let radius = max(1, Int((3 * sigma).rounded(.up)))
    var weights = (-radius...radius).map { n in
      Float(FixedMath.exp(-Double(n * n) / (2 * Double(sigma) * Double(sigma))))
    }
    let sum = weights.reduce(0, +)
    for i in weights.indices { weights[i] /= sum }
    return weights
  }
}

/// A neighbour and what it weighs.
struct PlaneTap {
  let x: Int
  let y: Int
  let weight: Float
}
