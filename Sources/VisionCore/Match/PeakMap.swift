/// The best pose at every place of a coarse picture, and how good it is. Turns of one sector compete
/// for a place; those of different sectors do not, so that at this coarseness a wrong turn does not
/// hide the right one.
struct PeakMap {
  let columns: Int
  let rows: Int
  /// Numbers from row to row; kernels write up to 64 past the last column.
  let stride: Int
  private let sectors: Int
  private let turns: Int
  private var best: [Float]
  private var winners: [Int32]

  init(columns: Int, rows: Int, turns: Int, sectors most: Int) {
    self.columns = columns
    self.rows = rows
    self.turns = turns
    stride = (columns + 63) / 64 * 64 + 64
    sectors = min(turns, most)
    best = [Float](repeating: -2, count: sectors * rows * stride)
    winners = [Int32](repeating: 0, count: sectors * rows * stride)
  }

  /// The scores and the poses of the sector that a turn belongs to.
  mutating func withSector<R>(
    of turn: Int, _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Int32>) -> R
  ) -> R {
    let start = turn * sectors / turns * rows * stride
    return best.withUnsafeMutableBufferPointer { best in
      winners.withUnsafeMutableBufferPointer { winners in
        body(best.baseAddress! + start, winners.baseAddress! + start)
      }
    }
  }

  struct Peak {
    let x: Int
    let y: Int
    let pose: Int
    let score: Float
  }

  /// The `limit` best places that are the best among their neighbours, best first.
  func peaks(atLeast least: Float, limit: Int) -> [Peak] {
    var found: [Peak] = []
    best.withUnsafeBufferPointer { best in
      for sector in 0..<sectors {
        let map = best.baseAddress! + sector * rows * stride
        for y in 0..<rows {
          for x in 0..<columns where map[y * stride + x] >= least && isPeak(x, y, map) {
            let at = y * stride + x
            let pose = Int(winners[sector * rows * stride + at])
            found.append(Peak(x: x, y: y, pose: pose, score: map[at]))
          }
        }
      }
    }
    let order = found.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }
    return order.prefix(limit).map(\.element)
  }

  /// Of equal neighbours the first is the peak.
  private func isPeak(_ x: Int, _ y: Int, _ map: UnsafePointer<Float>) -> Bool {
    let score = map[y * stride + x]
    for j in max(0, y - 1)...min(rows - 1, y + 1) {
      for i in max(0, x - 1)...min(columns - 1, x + 1) {
        let other = map[j * stride + i]
        if other > score || (other == score && (j, i) < (y, x)) { return false }
      }
    }
    return true
  }
}
