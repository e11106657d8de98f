import CVectors
import VisionKernelsABI

/// Large windows by counting (Perreault and Hébert 2007): every column keeps how often each level
/// occurs in it, the window's counts gain a column and lose one. Levels are counted in 16 groups
/// and one by one; of the latter only the group in which the median lies is kept up to date. Time
/// does not depend on the window's size.
func countedMedians8(
  _ columns: u16_row, _ size: Int, _ work: MutU16, _ reached: UnsafeMutablePointer<Int>, _ out: MutU8,
  _ count: Int
) {
  let columnSize = 16 + 256
  let half = UInt16(truncatingIfNeeded: size &* size / 2)
  var groups = counters_zero()
  for i in 0..<size - 1 { groups = counters_add(groups, counters_load(columns + i * columnSize)) }
  for group in 0..<16 { reached[group] = -size }
  for x in 0..<count {
    groups = counters_add(groups, counters_load(columns + (x + size - 1) * columnSize))
    let group = counters_passing(groups, half)
    let place = 16 + 16 * group.index
    let window = work + 16 * group.index
    var from = reached[group.index]
    var levels: counters
    if 2 * (x - from) >= size {
      levels = counters_zero()
      for i in x..<x + size {
        levels = counters_add(levels, counters_load(columns + i * columnSize + place))
      }
    } else {
      levels = counters_load(window)
      while from < x {
        let leaving = columns + from * columnSize + place
        levels = counters_add(levels, counters_load(leaving + size * columnSize))
        levels = counters_sub(levels, counters_load(leaving))
        from += 1
      }
    }
    counters_store(window, levels)
    reached[group.index] = x
    let level = counters_passing(levels, half &- group.below)
    out[x] = UInt8(truncatingIfNeeded: 16 * group.index + level.index)
    groups = counters_sub(groups, counters_load(columns + x * columnSize))
  }
}
