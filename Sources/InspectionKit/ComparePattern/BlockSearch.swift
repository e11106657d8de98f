/// For every block of 8 x 8 pixels the cheapest of what was offered: unlike pixels around it, and a
/// charge.
struct BlockSearch {
  static let block = 8
  let columns: Int
  let rows: Int
  /// Which offer is the cheapest for each, by the order in which they came.
  private var choices: [UInt16]

  private let part: Bitmap
  private let engine: PatternEngine
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
  /// From one row of blocks to the next: whole registers of any instruction set.
  private let stride: Int

  init(_ part: Bitmap, reach: Int, _ engine: PatternEngine) {
    precondition((1...15).contains(reach), "a reach of \(reach) blocks")
    self.part = part
    self.engine = engine
    self.reach = reach
    columns = part.words * 8
    rows = (part.height + Self.block - 1) / Self.block
    stride = (columns + 63) / 64 * 64
    choices = [UInt16](repeating: 0, count: stride * rows)
    least = [UInt16](repeating: .max, count: stride * rows)
    counts = [UInt8](repeating: 0, count: stride + 2 * reach + 64)
    lines = [UInt16](repeating: 0, count: stride * (rows + 2 * reach))
    sums = [UInt16](repeating: 0, count: stride)
  }

  /// The offer, by its number from 0, that is the cheapest for a block.
  func choice(_ bx: Int, _ by: Int) -> Int { Int(choices[by * stride + bx]) }

  /// Holds the part against the reference at this shift.
  mutating func offer(_ reference: Bitmap, shift: (x: Int, y: Int), charge: Int) {
    let number = offers
    offers += 1
    countLines(reference, shift)
    let columns = columns, rows = rows, reach = reach, stride = stride
    lines.withUnsafeBufferPointer { lines in
      sums.withUnsafeMutableBufferPointer { sums in
        let lines = lines.baseAddress!, sums = sums.baseAddress!
        for x in 0..<columns { sums[x] = UInt16(charge) }
        for y in 0..<2 * reach {
          for x in 0..<columns { sums[x] &+= lines[y * stride + x] }
        }
        least.withUnsafeMutableBufferPointer { least in
          choices.withUnsafeMutableBufferPointer { choices in
            for y in 0..<rows {
              engine.kernels.choose(
                sums, lines + (y + 2 * reach) * stride, lines + y * stride,
                least.baseAddress! + y * stride, choices.baseAddress! + y * stride, number, columns)
            }
          }
        }
      }
    }
  }

  /// For every block the unlike pixels of it and its neighbours in the row.
  private mutating func countLines(_ reference: Bitmap, _ shift: (x: Int, y: Int)) {
    precondition(
      abs(shift.y) <= reference.margin - Self.block && abs(shift.x) <= reference.margin - 64,
      "a shift by \(shift)")
    let words = part.words, columns = columns, reach = reach, stride = stride
    lines.withUnsafeMutableBufferPointer { lines in
      counts.withUnsafeMutableBufferPointer { counts in
        let counts = counts.baseAddress!
        for by in 0..<rows {
          let top = by * Self.block
          engine.kernels.unlike(
            part.row(top), part.stride, reference.row(top + shift.y) + (shift.x >> 6),
            reference.stride, shift.x & 63, min(Self.block, part.height - top), counts + reach, words)
          // What was counted past the last word is no block.
          (counts + reach + columns).update(repeating: 0, count: reach)
          engine.kernels.gather(
            counts, 2 * reach + 1, lines.baseAddress! + (by + reach) * stride, columns)
        }
      }
    }
  }
}
