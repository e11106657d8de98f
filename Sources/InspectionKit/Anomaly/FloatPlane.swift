import VisionImage

/// A picture of single-precision numbers, rows without gaps; what the learned methods compute with.
/// Sums are taken in a fixed order, so that the same picture gives the same bits everywhere.
struct FloatPlane: Sendable, Equatable {
  let width: Int
  let height: Int
  var values: [Float]

  init(width: Int, height: Int, repeating value: Float = 0) {
    self.width = width
    self.height = height
    values = [Float](repeating: value, count: width * height)
  }

  init(width: Int, height: Int, values: [Float]) {
    precondition(values.count == width * height, "\(values.count) values for \(width)x\(height)")
    self.width = width
    self.height = height
    self.values = values
  }

  subscript(x: Int, y: Int) -> Float {
    get { values[y * width + x] }
    set { values[y * width + x] = newValue }
  }

  /// Means of squares of `factor` pixels; what is left over at the right and below is dropped.
  init(averaging view: ImageView<UInt8>, by factor: Int) {
    self.init(width: max(1, view.width / factor), height: max(1, view.height / factor))
    let (columns, rowCount) = (min(factor, view.width), min(factor, view.height))
    let share = 1 / Float(columns * rowCount)
    view.withRows { rows in
      values.withUnsafeMutableBufferPointer { out in
        for y in 0..<height {
          for x in 0..<width {
            var sum = 0
            for v in 0..<rowCount {
              for u in 0..<columns { sum += Int(rows[y * factor + v][x * factor + u]) }
            }
            out[y * width + x] = Float(sum) * share
          }
        }
      }
    }
  }

  /// Calls with the addresses of the values; for loops that must be fast.
  mutating func update(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    values.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
  }

  func read<R>(_ body: (UnsafePointer<Float>) -> R) -> R {
    values.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  func map(_ body: (Float) -> Float) -> FloatPlane {
    FloatPlane(width: width, height: height, values: values.map(body))
  }

  func zipped(_ other: FloatPlane, _ body: (Float, Float) -> Float) -> FloatPlane {
    precondition(width == other.width && height == other.height, "planes of two sizes")
    var out = self
    out.update { out in
      other.read { other in
        for i in 0..<width * height { out[i] = body(out[i], other[i]) }
      }
    }
    return out
  }

  var transposed: FloatPlane {
    var out = FloatPlane(width: height, height: width)
    out.update { out in
      read { values in
        // Blocks stay in the cache on both sides.
        for top in stride(from: 0, to: height, by: 16) {
          for left in stride(from: 0, to: width, by: 16) {
            for y in top..<min(top + 16, height) {
              for x in left..<min(left + 16, width) { out[x * height + y] = values[y * width + x] }
            }
          }
        }
      }
    }
    return out
  }

  /// A copy with the outermost pixels repeated all around.
  func padded(by margin: Int) -> FloatPlane {
    var out = FloatPlane(width: width + 2 * margin, height: height + 2 * margin)
    let outWidth = out.width, outHeight = out.height
    out.update { out in
      read { values in
        for y in 0..<outHeight {
          let row = values + min(max(y - margin, 0), height - 1) * width
          let target = out + y * outWidth
          (target + margin).update(from: row, count: width)
          for x in 0..<margin {
            target[x] = row[0]
            target[margin + width + x] = row[width - 1]
          }
        }
      }
    }
    return out
  }

  /// Smoothed by a Gaussian; beyond the edges the outermost pixels go on.
  func smoothed(sigma: Float) -> FloatPlane {
    let weights = Self.gaussian(sigma)
    return filteredDown(weights).transposed.filteredDown(weights).transposed
  }

  /// Three box filters in a row, which is a Gaussian for what is wide: the cost does not depend on it.
  func smoothedWidely(sigma: Float) -> FloatPlane {
    let size = Int((4 * sigma * sigma + 1).squareRoot().rounded()) | 1
    func down(_ plane: FloatPlane) -> FloatPlane {
      (0..<3).reduce(plane) { plane, _ in plane.boxedDown(radius: size / 2) }
    }
    return down(down(self).transposed).transposed
  }

  /// The mean over the square of `2 radius + 1` pixels.
  func boxed(radius: Int) -> FloatPlane {
    boxedDown(radius: radius).transposed.boxedDown(radius: radius).transposed
  }

  /// The mean of the column from `radius` above to `radius` below.
  func boxedDown(radius: Int) -> FloatPlane {
    var out = FloatPlane(width: width, height: height)
    let share = 1 / Float(2 * radius + 1), last = height - 1
    var sums = [Float](repeating: 0, count: width)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums.baseAddress!
      out.update { out in
        read { values in
          for y in -radius...radius {
            let row = values + min(max(y, 0), last) * width
            for x in 0..<width { sums[x] += row[x] }
          }
          for y in 0..<height {
            let target = out + y * width
            let old = values + max(y - radius, 0) * width
            let new = values + min(y + radius + 1, last) * width
            for x in 0..<width {
              target[x] = sums[x] * share
              sums[x] += new[x] - old[x]
            }
          }
        }
      }
    }
    return out
  }

  private func filteredDown(_ weights: [Float]) -> FloatPlane {
    var out = FloatPlane(width: width, height: height)
    let radius = weights.count / 2
    out.update { out in
      read { values in
        for y in 0..<height {
          let target = out + y * width
          for (i, weight) in weights.enumerated() {
            let row = values + min(max(y + i - radius, 0), height - 1) * width
            for x in 0..<width { target[x] += weight * row[x] }
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

  /// The mean of the largest share of the values.
  func topMean(share: Double) -> Float {
    let count = max(1, Int((share * Double(values.count)).rounded()))
    var parted = values
    parted.part(at: parted.count - count)
    // In order, so that the sum has the same bits however they came to lie.
    return parted.suffix(count).sorted(by: >).reduce(0, +) / Float(count)
  }

  func quantile(_ q: Double) -> Float {
    var parted = values
    let place = min(parted.count - 1, Int(q * Double(parted.count)))
    parted.part(at: place)
    return parted[place]
  }
}

extension [Float] {
  /// Puts at `place` what would be there in order, with what is not larger before it and what is not
  /// smaller behind (Hoare's selection).
  fileprivate mutating func part(at place: Int) {
    withUnsafeMutableBufferPointer { values in
      var low = 0, high = values.count - 1
      while low < high {
        let pivot = values[low + (high - low) / 2]
        var i = low, j = high
        while i <= j {
          while values[i] < pivot { i += 1 }
          while pivot < values[j] { j -= 1 }
          if i <= j {
            values.swapAt(i, j)
            i += 1
            j -= 1
          }
        }
        if place <= j {
          high = j
        } else if place >= i {
          low = i
        } else {
          return
        }
      }
    }
  }
}
