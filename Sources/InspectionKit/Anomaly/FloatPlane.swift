import VisionImage

/// A picture of single-precision numbers, rows without gaps; what the learned methods compute with.
/// Sums are taken in a fixed order, so that the same picture gives the same bits everywhere.
struct FloatPlane: Sendable, Equatable {
  let width: Int
  let height: Int
  var values: [Float]

  /// A register may be read past the last value of planes that have this much room behind it.
  static let slack = 16

  init(width: Int, height: Int, repeating value: Float = 0) {
    self.width = width
    self.height = height
    values = [Float](repeating: value, count: width * height)
  }

  /// A plane of which whoever asks for it writes every value.
  init(uninitializedWidth width: Int, height: Int) {
    self.width = width
    self.height = height
    values = [Float](unsafeUninitializedCapacity: width * height + Self.slack) { $1 = width * height }
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
    self.init(
      uninitializedWidth: max(1, view.width / factor), height: max(1, view.height / factor))
    let (columns, rowCount) = (min(factor, view.width), min(factor, view.height))
    let share = 1 / Float(columns * rowCount)
    let width = width, height = height
    var sums = [UInt32](repeating: 0, count: width * columns)
    view.withRows { rows in
      values.withUnsafeMutableBufferPointer { out in
        sums.withUnsafeMutableBufferPointer { sums in
          for y in 0..<height {
            sums.update(repeating: 0)
            for v in 0..<rowCount {
              let row = rows[y * factor + v]
              for x in 0..<sums.count { sums[x] &+= UInt32(row[x]) }
            }
            let target = out.baseAddress! + y * width
            for x in 0..<width {
              var sum: UInt32 = 0
              for u in 0..<columns { sum &+= sums[x * columns + u] }
              target[x] = Float(sum) * share
            }
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
    var out = FloatPlane(uninitializedWidth: width, height: height)
    out.update { out in
      read { values in
        other.read { other in
          for i in 0..<width * height { out[i] = body(values[i], other[i]) }
        }
      }
    }
    return out
  }

  var transposed: FloatPlane {
    var out = FloatPlane(uninitializedWidth: height, height: width)
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
    var out = FloatPlane(
      uninitializedWidth: width + 2 * margin, height: height + 2 * margin)
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

  /// Means of squares of `factor` values; what is left over at the right and below is dropped.
  func pooled(by factor: Int) -> FloatPlane {
    var out = FloatPlane(uninitializedWidth: width / factor, height: height / factor)
    let share = 1 / Float(factor * factor), used = out.width * factor, outWidth = out.width
    var sums = [Float](repeating: 0, count: used)
    sums.withUnsafeMutableBufferPointer { sums in
      out.update { out in
        read { values in
          for y in 0..<height / factor {
            sums.update(repeating: 0)
            for v in 0..<factor {
              let row = values + (y * factor + v) * width
              for x in 0..<used { sums[x] += row[x] }
            }
            for x in 0..<outWidth {
              var sum: Float = 0
              for u in 0..<factor { sum += sums[x * factor + u] }
              out[y * outWidth + x] = sum * share
            }
          }
        }
      }
    }
    return out
  }

  /// Drawn `factor` times as large, linearly between the middles of squares.
  func enlarged(by factor: Int, width: Int, height: Int) -> FloatPlane {
    if factor == 1 && width == self.width && height == self.height { return self }
    var out = FloatPlane(uninitializedWidth: width, height: height)
    /// The square that a pixel lies in or behind, and how far on towards the next.
    func place(_ i: Int) -> (square: Int, share: Float) {
      let doubled = 2 * i + 1 - factor
      let square = (doubled + 2 * factor) / (2 * factor) - 1
      return (square, Float(doubled - 2 * factor * square) / Float(2 * factor))
    }
    let sourceWidth = self.width, lastRow = self.height - 1
    let columns = (0..<factor).map { place($0) }
    // A square more on either side, so that the first and the last pixels lie between two.
    let count = max(sourceWidth, width / factor + 1) + 2
    var mixed = [Float](repeating: 0, count: count)
    mixed.withUnsafeMutableBufferPointer { mixed in
      out.update { out in
        read { values in
          for y in 0..<height {
            let row = place(y)
            let upper = values + min(max(row.square, 0), lastRow) * sourceWidth
            let lower = values + min(row.square + 1, lastRow) * sourceWidth
            let inner = mixed.baseAddress! + 1
            for x in 0..<sourceWidth { inner[x] = upper[x] + (lower[x] - upper[x]) * row.share }
            mixed[0] = inner[0]
            for x in sourceWidth..<count - 1 { inner[x] = inner[sourceWidth - 1] }
            let target = out + y * width
            for (u, column) in columns.enumerated() {
              let from = inner + column.square
              var i = 0
              for x in stride(from: u, to: width, by: factor) {
                target[x] = from[i] + (from[i + 1] - from[i]) * column.share
                i += 1
              }
            }
          }
        }
      }
    }
    return out
  }
}
