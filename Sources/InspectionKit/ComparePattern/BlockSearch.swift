/// For every block of 8 x 8 pixels the cheapest of what was offered: unlike pixels around it, and a
/// charge.
///
/// A block's difference is a byte, those of eight blocks are one word; all blocks are done at once.
struct BlockSearch {
  static let block = 8
  let columns: Int
  let rows: Int
  /// Which offer is the cheapest for each, by the order in which they came.
  private var choices: [UInt16]

  private let part: Bitmap
  private var offers: UInt16 = 0
  private var least: [UInt16]
  /// Unlike pixels of every block, then of it with its neighbours to the left and right; with room of
  /// `reach` on every side.
  private var counts: [UInt8]
  private var lines: [UInt16]
  private var sums: [UInt16]

  /// Blocks on either side of one that are looked at with it; up to 15 their unlike pixels fit a
  /// word of 16 bits.
  private let reach: Int

  init(_ part: Bitmap, reach: Int) {
    precondition((1...15).contains(reach), "a reach of \(reach) blocks")
    self.part = part
    self.reach = reach
    columns = part.words * 8
    rows = (part.height + Self.block - 1) / Self.block
    choices = [UInt16](repeating: 0, count: columns * rows)
    least = [UInt16](repeating: .max, count: columns * rows)
    counts = [UInt8](repeating: 0, count: columns + 2 * reach + 8)
    lines = [UInt16](repeating: 0, count: columns * (rows + 2 * reach))
    sums = [UInt16](repeating: 0, count: columns)
  }

  /// The offer, by its number from 0, that is the cheapest for a block.
  func choice(_ bx: Int, _ by: Int) -> Int { Int(choices[by * columns + bx]) }

  /// Holds the part against the reference at this shift.
  mutating func offer(_ reference: Bitmap, shift: (x: Int, y: Int), charge: Int) {
    let number = offers
    offers += 1
    countLines(reference, shift)
    let columns = columns, rows = rows, reach = reach
    lines.withUnsafeBufferPointer { lines in
      sums.withUnsafeMutableBufferPointer { sums in
        let sums = sums.baseAddress!
        for x in 0..<columns { sums[x] = UInt16(charge) }
        for y in -reach..<reach {
          let line = lines.baseAddress! + (y + reach) * columns
          for x in 0..<columns { sums[x] &+= line[x] }
        }
        least.withUnsafeMutableBufferPointer { least in
          choices.withUnsafeMutableBufferPointer { choices in
            for y in 0..<rows {
              let new = lines.baseAddress! + (y + 2 * reach) * columns
              let old = lines.baseAddress! + y * columns
              let best = least.baseAddress! + y * columns, chosen = choices.baseAddress! + y * columns
              for x in 0..<columns {
                let sum = sums[x] &+ new[x]
                chosen[x] = sum < best[x] ? number : chosen[x]
                best[x] = min(best[x], sum)
                sums[x] = sum &- old[x]
              }
            }
          }
        }
      }
    }
  }

  /// For every block the unlike pixels of it and its neighbours in the row.
  private mutating func countLines(_ reference: Bitmap, _ shift: (x: Int, y: Int)) {
    let words = part.words, columns = columns, reach = reach
    let lowest = -reference.margin, highest = reference.height + reference.margin - 1
    lines.withUnsafeMutableBufferPointer { lines in
      counts.withUnsafeMutableBufferPointer { counts in
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { sums in
          let sums = sums.baseAddress!
          for by in 0..<rows {
            for i in 0..<words { sums[i] = 0 }
            for y in by * Self.block..<min(part.height, (by + 1) * Self.block) {
              let row = min(max(y + shift.y, lowest), highest)
              Self.addUnlike(
                part.row(y), reference.row(row) + (shift.x >> 6),
                bits: UInt64(truncatingIfNeeded: shift.x & 63), to: sums, words)
            }
            let bytes = UnsafeMutableRawPointer(counts.baseAddress! + reach)
            for i in 0..<words { bytes.storeBytes(of: sums[i], toByteOffset: i * 8, as: UInt64.self) }
            let count = counts.baseAddress!, line = lines.baseAddress! + (by + reach) * columns
            var near: UInt16 = 0
            for x in 0..<2 * reach { near &+= UInt16(count[x]) }
            for x in 0..<columns {
              near &+= UInt16(count[x + 2 * reach])
              line[x] = near
              near &-= UInt16(count[x])
            }
          }
        }
      }
    }
  }

  /// Adds to every byte of the sums how many of its eight pixels differ; at most 64 after eight rows.
  @inline(__always)
  private static func addUnlike(
    _ part: UnsafePointer<UInt64>, _ reference: UnsafePointer<UInt64>, bits: UInt64,
    to sums: UnsafeMutablePointer<UInt64>, _ words: Int
  ) {
    for i in 0..<words {
      let other = reference[i] &>> bits | (reference[i + 1] &<< 1) &<< (63 &- bits)
      var v = part[i] ^ other
      v = v &- (v &>> 1 & 0x5555_5555_5555_5555)
      v = (v & 0x3333_3333_3333_3333) &+ (v &>> 2 & 0x3333_3333_3333_3333)
      sums[i] &+= (v &+ v &>> 4) & 0x0f0f_0f0f_0f0f_0f0f
    }
  }
}
