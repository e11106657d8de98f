import VisionImage

/// Brings the reference of a pattern to where the part shows it: one shift of the whole, then a field
/// of small shifts that follows every net, with lines grown or shrunk where the part's are.
///
/// All on bit pictures in blocks of 8 x 8 pixels: a block's difference is a byte, eight of them are
/// one word, and the best of a hundred shifts is found for every block at once.
struct PatternRegistration {
  private static let block = 8
  /// Shifts of the whole that are looked for, in pixels; a multiple of 4.
  let range: Int

  struct Fit {
    /// The reference as it would lie under the part.
    let reference: Bitmap
    /// Where there is a reference at all.
    let known: Bitmap
  }

  func fit(_ reference: Bitmap, to part: Bitmap) -> Fit {
    let shift = wholeShift(reference, part)
    let coarse = field(reference.halved, part.halved, around: (shift.x / 2, shift.y / 2))
    return rebuild(reference, part, shift, coarse)
  }

  // MARK: The whole

  private func wholeShift(_ reference: Bitmap, _ part: Bitmap) -> (x: Int, y: Int) {
    let small = (reference.halved.halved, part.halved.halved)
    let reach = range / 4
    let rough = Self.bestShift(small.0, small.1, around: (0, 0), reach: reach, towardsZero: 0.02)
    return Self.bestShift(
      reference, part, around: (rough.x * 4, rough.y * 4), reach: 4, towardsZero: 0)
  }

  /// The shift with the least share of unlike pixels where both overlap.
  private static func bestShift(
    _ reference: Bitmap, _ part: Bitmap, around centre: (x: Int, y: Int), reach: Int,
    towardsZero: Double
  ) -> (x: Int, y: Int) {
    var best = centre
    var least = Double.infinity
    for dy in centre.y - reach...centre.y + reach {
      for dx in centre.x - reach...centre.x + reach {
        let columns = max(0, -dx)..<min(part.width, reference.width - dx)
        let rows = max(0, -dy)..<min(part.height, reference.height - dy)
        guard columns.count * 2 > part.width, rows.count * 2 > part.height else { continue }
        let first = columns.lowerBound >> 6, last = (columns.upperBound - 1) >> 6
        var unlike = 0
        for y in rows {
          let p = part.row(y), r = reference.row(y + dy)
          for i in first...last {
            var word = p[i] ^ Bitmap.word(r, i, shift: dx)
            if i == first { word &= .max << UInt64(columns.lowerBound & 63) }
            if i == last { word &= .max >> UInt64(63 - (columns.upperBound - 1) & 63) }
            unlike += word.nonzeroBitCount
          }
        }
        let share = Double(unlike) / Double(rows.count * columns.count)
        let cost = share + towardsZero * Double(abs(dx) + abs(dy)) / Double(reach + 1) * 0.1
        if cost < least {
          least = cost
          best = (dx, dy)
        }
      }
    }
    return best
  }

  // MARK: The field

  /// Small shifts, a pair a block.
  private struct Field {
    let columns: Int
    let rows: Int
    var dx: [Int8]
    var dy: [Int8]
    var growth: [Int8]

    init(_ picture: Bitmap) {
      columns = picture.words * 8
      rows = (picture.height + block - 1) / block
      dx = [Int8](repeating: 0, count: columns * rows)
      dy = dx
      growth = dx
    }
  }

  /// At half the size, shifts of up to 5 pixels around that of the whole.
  private func field(
    _ reference: Bitmap, _ part: Bitmap, around centre: (x: Int, y: Int)
  ) -> Field {
    var field = Field(part)
    var search = BlockSearch(part)
    for dy in -5...5 {
      for dx in -5...5 {
        search.offer(
          reference, shift: (centre.x + dx, centre.y + dy), charge: 2 * (abs(dx) + abs(dy))
        ) {
          field.dx[$0] = Int8(dx)
          field.dy[$0] = Int8(dy)
        }
      }
    }
    return field
  }

  /// At full size: the reference as the coarse field has it, moved by up to 2 pixels more and with
  /// lines grown or shrunk by up to 2.
  private func rebuild(
    _ reference: Bitmap, _ part: Bitmap, _ shift: (x: Int, y: Int), _ coarse: Field
  ) -> Fit {
    var field = Field(part)
    let once = (reference.shrunk(square: true), reference.grown(square: true))
    let variants = [
      once.0.shrunk(square: false), once.0, reference, once.1, once.1.grown(square: false),
    ].map { variant in
      assembled(part) { bx, by in
        let place = min(by / 2, coarse.rows - 1) * coarse.columns + bx / 2
        let dx = shift.x + 2 * Int(coarse.dx[place]), dy = shift.y + 2 * Int(coarse.dy[place])
        return (variant, dx, dy)
      }
    }
    var search = BlockSearch(part)
    for growth in [0, -1, 1, -2, 2] {
      for dy in -2...2 {
        for dx in -2...2 {
          search.offer(
            variants[growth + 2], shift: (dx, dy), charge: 6 * (abs(dx) + abs(dy) + abs(growth))
          ) {
            field.dx[$0] = Int8(dx)
            field.dy[$0] = Int8(dy)
            field.growth[$0] = Int8(growth)
          }
        }
      }
    }
    let rebuilt = assembled(part) { bx, by in
      let place = by * field.columns + bx
      return (variants[Int(field.growth[place]) + 2], Int(field.dx[place]), Int(field.dy[place]))
    }
    let known = Bitmap(width: part.width, height: part.height)
    let all = Bitmap(width: reference.width, height: reference.height)
    all.fill { _, _ in .max }
    known.fill { y, i in
      let row = y + shift.y
      return row < 0 || row >= all.height ? 0 : Bitmap.word(all.row(row), i, shift: shift.x)
    }
    return Fit(reference: rebuilt, known: known)
  }

  /// A picture of which every block is taken from somewhere.
  private func assembled(
    _ part: Bitmap, _ source: (_ bx: Int, _ by: Int) -> (Bitmap, Int, Int)
  ) -> Bitmap {
    let out = Bitmap(width: part.width, height: part.height)
    let limit = Bitmap.margin - 2
    for by in 0..<(part.height + Self.block - 1) / Self.block {
      for bx in 0..<(part.width + Self.block - 1) / Self.block {
        let (picture, dx, dy) = source(bx, by)
        let x = bx * Self.block + dx
        guard x > -limit, x < picture.width + limit else { continue }
        for y in by * Self.block..<min(part.height, (by + 1) * Self.block) {
          guard y + dy >= -limit, y + dy < picture.height + limit else { continue }
          let byte = Bitmap.word(picture.row(y + dy), 0, shift: x) & 0xff
          out.row(y)[bx >> 3] |= byte << UInt64((bx & 7) * 8)
        }
      }
    }
    out.fill { y, i in out.row(y)[i] }
    return out
  }
}

/// For every block the cheapest of what was offered: unlike pixels around it, and a charge.
private struct BlockSearch {
  private let part: Bitmap
  private let columns: Int
  private let rows: Int
  private var counts: [UInt8]
  private var lines: [UInt16]
  private var sums: [UInt16]
  private var least: [UInt16]

  /// Blocks on either side of one that are looked at with it: 5 x 5 together.
  private static let reach = 2

  init(_ part: Bitmap) {
    self.part = part
    columns = part.words * 8
    rows = (part.height + 7) / 8
    counts = [UInt8](repeating: 0, count: columns * rows)
    lines = [UInt16](repeating: 0, count: columns * rows)
    sums = [UInt16](repeating: 0, count: columns)
    least = [UInt16](repeating: .max, count: columns * rows)
  }

  /// `take` is called for every block for which this is the cheapest so far.
  mutating func offer(
    _ reference: Bitmap, shift: (x: Int, y: Int), charge: Int, take: (Int) -> Void
  ) {
    countUnlike(reference, shift)
    let columns = columns, rows = rows, reach = Self.reach
    counts.withUnsafeBufferPointer { counts in
      lines.withUnsafeMutableBufferPointer { lines in
        for y in 0..<rows {
          let count = counts.baseAddress! + y * columns, line = lines.baseAddress! + y * columns
          for x in 0..<columns {
            var sum: UInt16 = 0
            for i in max(0, x - reach)...min(columns - 1, x + reach) { sum &+= UInt16(count[i]) }
            line[x] = sum
          }
        }
        sums.withUnsafeMutableBufferPointer { sums in
          least.withUnsafeMutableBufferPointer { least in
            for y in 0..<rows {
              for x in 0..<columns { sums[x] = UInt16(charge) }
              for i in max(0, y - reach)...min(rows - 1, y + reach) {
                let line = lines.baseAddress! + i * columns
                for x in 0..<columns { sums[x] &+= line[x] }
              }
              let best = least.baseAddress! + y * columns
              for x in 0..<columns where sums[x] < best[x] {
                best[x] = sums[x]
                take(y * columns + x)
              }
            }
          }
        }
      }
    }
  }

  /// Unlike pixels of every block: a byte each, at most 64.
  private mutating func countUnlike(_ reference: Bitmap, _ shift: (x: Int, y: Int)) {
    let words = part.words
    let lowest = -Bitmap.margin + 1, highest = reference.height + Bitmap.margin - 1
    counts.withUnsafeMutableBytes { bytes in
      for by in 0..<rows {
        let out = bytes.baseAddress! + by * columns
        for i in 0..<words {
          var sum: UInt64 = 0
          for y in by * 8..<min(part.height, by * 8 + 8) {
            let row = min(max(y + shift.y, lowest), highest)
            var v = part.row(y)[i] ^ Bitmap.word(reference.row(row), i, shift: shift.x)
            v = v &- (v >> 1 & 0x5555_5555_5555_5555)
            v = (v & 0x3333_3333_3333_3333) &+ (v >> 2 & 0x3333_3333_3333_3333)
            sum &+= (v &+ v >> 4) & 0x0f0f_0f0f_0f0f_0f0f
          }
          out.storeBytes(of: sum, toByteOffset: i * 8, as: UInt64.self)
        }
      }
    }
  }
}
