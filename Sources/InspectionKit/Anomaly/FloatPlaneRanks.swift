import VisionImage

extension FloatPlane {
  /// The mean of the largest share of the values.
  func topMean(share: Double) -> Float {
    let count = max(1, Int((share * Double(values.count)).rounded()))
    // Each of the `count` largest maxima of blocks stands for one value at least as large, so that
    // nothing below the least of them is needed.
    var candidates = values
    let blocks = blockMaxima
    if blocks.count > 2 * count {
      var parted = blocks
      parted.part(at: blocks.count - count)
      let least = parted[blocks.count - count]
      candidates = []
      for (block, largest) in blocks.enumerated() where largest >= least {
        let first = block * Self.block
        for value in values[first..<min(first + Self.block, values.count)] where value >= least {
          candidates.append(value)
        }
      }
    }
    candidates.part(at: candidates.count - count)
    // In order, so that the sum has the same bits however they came to lie.
    return candidates.suffix(count).sorted(by: >).reduce(0, +) / Float(count)
  }

  private static let block = 16

  /// The largest value of every sixteen.
  private var blockMaxima: [Float] {
    let count = (values.count + Self.block - 1) / Self.block
    return [Float](unsafeUninitializedCapacity: count) { maxima, filled in
      read { values in
        for block in 0..<count {
          let first = block * Self.block, last = min(first + Self.block, self.values.count)
          var largest = values[first]
          for i in first + 1..<max(last, first + 1) { largest = max(largest, values[i]) }
          maxima[block] = largest
        }
      }
      filled = count
    }
  }

  func quantile(_ q: Double) -> Float { values.quantile(q) }
}

extension [Float] {
  /// The value that this share of them is below.
  func quantile(_ q: Double) -> Float {
    var parted = self
    let place = Swift.min(parted.count - 1, Int(q * Double(parted.count)))
    parted.part(at: place)
    return parted[place]
  }
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
