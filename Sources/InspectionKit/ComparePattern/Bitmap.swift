import VisionImage

/// A picture of two levels, 64 pixels a word, bit 0 the leftmost. Around it lies a margin, of zeros
/// where nobody asked for other, so that it can be read shifted without asking where it ends.
final class Bitmap {
  let width: Int
  let height: Int
  /// Words of a row.
  let words: Int
  /// Rows and columns around the picture that may be read.
  let margin: Int
  /// Words from one row to the next.
  let stride: Int
  private let base: UnsafeMutablePointer<UInt64>
  private let first: UnsafeMutablePointer<UInt64>

  /// Room for every shift that registration looks at.
  static let wideMargin = 128
  /// Room for neighbours.
  static let narrowMargin = 16

  init(width: Int, height: Int, margin: Int = narrowMargin) {
    self.width = width
    self.height = height
    self.margin = margin
    words = (width + 63) / 64
    let side = (margin + 63) / 64
    stride = words + 2 * side + 1
    let count = stride * (height + 2 * margin)
    base = .allocate(capacity: count)
    base.update(repeating: 0, count: count)
    first = base + (margin * stride + side)
  }

  deinit { base.deallocate() }

  @inline(__always)
  func row(_ y: Int) -> UnsafeMutablePointer<UInt64> { first + y * stride }

  /// Bits of the last word that are pixels.
  private var lastMask: UInt64 { width % 64 == 0 ? .max : (1 << UInt64(width % 64)) - 1 }

  /// Clears the bits of the last word that are no pixels.
  func cutRight() {
    let lastMask = lastMask
    for y in 0..<height { row(y)[words - 1] &= lastMask }
  }

  /// Sets every word to what `body` says; it gets the row and the word's place in it.
  @inline(__always)
  func fill(_ body: (_ y: Int, _ word: Int) -> UInt64) {
    let lastMask = lastMask
    for y in 0..<height {
      let row = row(y)
      for i in 0..<words { row[i] = body(y, i) }
      row[words - 1] &= lastMask
    }
  }

  /// Lets the outermost pixels go on into the margin.
  func extendEdges() {
    let side = (margin + 63) / 64, bits = UInt64(width - 1) & 63
    for y in 0..<height {
      let row = row(y)
      for i in 1...side { row[-i] = row[0] & 1 == 1 ? .max : 0 }
      let isSet = row[words - 1] >> bits & 1 == 1
      if isSet { row[words - 1] |= ~lastMask }
      for i in 0..<side { row[words + i] = isSet ? .max : 0 }
    }
    for y in 1...margin {
      (row(-y) - side).update(from: row(0) - side, count: words + 2 * side)
      (row(height - 1 + y) - side).update(from: row(height - 1) - side, count: words + 2 * side)
    }
  }

  /// The pixels above the threshold, or those that are not.
  func set(from view: ImageView<UInt8>, above threshold: UInt8, inverted: Bool) {
    let flip: UInt64 = inverted ? .max : 0
    let level = SIMD16<UInt8>(repeating: threshold)
    let bits = SIMD16<UInt8>(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128)
    view.withRows { rows in
      fill { y, i in
        let pixels = rows[y] + 64 * i
        let count = min(64, width - 64 * i)
        var word: UInt64 = 0
        var x = 0
        while x + 16 <= count {
          let sixteen = UnsafeRawPointer(pixels + x).loadUnaligned(as: SIMD16<UInt8>.self)
          let set = SIMD16<UInt8>(repeating: 0).replacing(with: bits, where: sixteen .> level)
          let pair = UInt64(set.lowHalf.wrappedSum()) | UInt64(set.highHalf.wrappedSum()) << 8
          word |= pair << UInt64(x)
          x += 16
        }
        while x < count {
          word |= (pixels[x] > threshold ? 1 : 0) << UInt64(x)
          x += 1
        }
        return word ^ flip
      }
    }
  }

  /// The word of which bit 0 is `shift` pixels right of where the word begins.
  @inline(__always)
  static func word(_ row: UnsafeMutablePointer<UInt64>, _ i: Int, shift: Int) -> UInt64 {
    let place = row + (i + (shift >> 6))
    let bits = UInt64(truncatingIfNeeded: shift & 63)
    // In two steps, so that a shift by 64 comes out as nothing.
    return place[0] &>> bits | (place[1] &<< 1) &<< (63 &- bits)
  }

  /// Everything within one pixel sideways, up or down, and at the corners where `square`.
  func grown(square: Bool) -> Bitmap {
    let out = Bitmap(width: width, height: height, margin: margin)
    out.fill { y, i in
      let above = row(y - 1), here = row(y), below = row(y + 1)
      let column = above[i] | here[i] | below[i]
      if square {
        return column | Self.beside(above, i) | Self.beside(here, i) | Self.beside(below, i)
      }
      return column | Self.beside(here, i)
    }
    return out
  }

  @inline(__always)
  private static func beside(_ row: UnsafeMutablePointer<UInt64>, _ i: Int) -> UInt64 {
    word(row, i, shift: -1) | word(row, i, shift: 1)
  }

  var inverted: Bitmap {
    let out = Bitmap(width: width, height: height, margin: margin)
    out.fill { y, i in ~row(y)[i] }
    return out
  }

  /// The opposite of growing; what lies outside the picture does not eat into it.
  func shrunk(square: Bool) -> Bitmap { inverted.grown(square: square).inverted }

  func opened(square: Bool) -> Bitmap { shrunk(square: square).grown(square: square) }

  /// Grown without closing gaps that are hardly wider than that: lines that lie close stay two.
  func grownKeepingGaps(square: Bool) -> Bitmap {
    let grown = grown(square: square)
    let wideGaps = grown.inverted.grown(square: square)
    let out = Bitmap(width: width, height: height, margin: margin)
    out.fill { y, i in grown.row(y)[i] & (row(y)[i] | wideGaps.row(y)[i]) }
    return out
  }

  /// Shrunk without losing lines that are hardly wider than that.
  func shrunkKeepingLines(square: Bool) -> Bitmap {
    inverted.grownKeepingGaps(square: square).inverted
  }

  /// What is left of squares of 2 x 2 pixels.
  var openedByTwo: Bitmap {
    let corners = Bitmap(width: width, height: height, margin: margin)
    corners.fill { y, i in
      let here = row(y), below = row(y + 1)
      return here[i] & Self.word(here, i, shift: 1) & below[i] & Self.word(below, i, shift: 1)
    }
    let out = Bitmap(width: width, height: height, margin: margin)
    out.fill { y, i in
      let above = corners.row(y - 1), here = corners.row(y)
      return here[i] | Self.word(here, i, shift: -1) | above[i] | Self.word(above, i, shift: -1)
    }
    return out
  }

  func and(_ other: Bitmap) -> Bitmap {
    let out = Bitmap(width: width, height: height, margin: margin)
    out.fill { y, i in row(y)[i] & other.row(y)[i] }
    return out
  }

  func or(_ other: Bitmap) -> Bitmap {
    let out = Bitmap(width: width, height: height, margin: margin)
    out.fill { y, i in row(y)[i] | other.row(y)[i] }
    return out
  }

  /// A piece of the picture; what lies outside it is not set.
  func cropped(to box: PixelRect) -> Bitmap {
    let out = Bitmap(width: box.width, height: box.height)
    out.fill { y, i in
      let v = y + box.y
      return v < 0 || v >= height ? 0 : Self.word(row(v), i, shift: box.x)
    }
    return out
  }

  func without(_ other: Bitmap) -> Bitmap {
    let out = Bitmap(width: width, height: height, margin: margin)
    out.fill { y, i in row(y)[i] & ~other.row(y)[i] }
    return out
  }

  /// Half the size: set where at least two of four pixels are.
  var halved: Bitmap {
    let out = Bitmap(width: max(1, width / 2), height: max(1, height / 2), margin: margin)
    for y in 0..<out.height {
      let upper = row(2 * y), lower = row(2 * y + 1), target = out.row(y)
      for i in 0..<out.words {
        let low = Self.pairs(upper[2 * i], lower[2 * i])
        let high = 2 * i + 1 < words ? Self.pairs(upper[2 * i + 1], lower[2 * i + 1]) : 0
        target[i] = low | high << 32
      }
    }
    out.cutRight()
    return out
  }

  /// A bit for every two columns of two rows: whether at least two of the four are set.
  @inline(__always)
  private static func pairs(_ upper: UInt64, _ lower: UInt64) -> UInt64 {
    let a = upper, b = upper >> 1, c = lower, d = lower >> 1
    let set = (a & b) | (c & d) | ((a | b) & (c | d))
    var even = set & 0x5555_5555_5555_5555
    even = (even | even >> 1) & 0x3333_3333_3333_3333
    even = (even | even >> 2) & 0x0f0f_0f0f_0f0f_0f0f
    even = (even | even >> 4) & 0x00ff_00ff_00ff_00ff
    even = (even | even >> 8) & 0x0000_ffff_0000_ffff
    return (even | even >> 16) & 0x0000_0000_ffff_ffff
  }

  func isSet(_ x: Int, _ y: Int) -> Bool { row(y)[x >> 6] >> UInt64(x & 63) & 1 == 1 }
}
