import CVectors
import VisionKernelsABI

var runKernels: run_kernels {
  run_kernels(
    find8: { source, count, threshold, dark, ends in
      findRuns(source, count, dark, ends) { bits_above8($0, threshold) }
    },
    find16: { source, count, threshold, dark, ends in
      findRuns(source, count, dark, ends) { bits_above16($0, threshold) }
    })
}

/// 64 pixels at a time as bits. A bit that differs from the one before it is an end of a run; most
/// words of most pictures have none.
@inline(__always)
private func findRuns<P>(
  _ source: UnsafePointer<P>, _ count: Int, _ dark: Int, _ ends: UnsafeMutablePointer<Int32>,
  _ bitsAbove: (UnsafePointer<P>) -> UInt64
) -> Int {
  let flip: UInt64 = dark == 0 ? 0 : ~0
  var found = 0
  var last: UInt64 = 0
  @inline(__always) func take(_ word: UInt64, at x: Int) {
    var changes = word ^ (word << 1 | last)
    last = word >> 63
    while changes != 0 {
      ends[found] = Int32(truncatingIfNeeded: x &+ changes.trailingZeroBitCount)
      found &+= 1
      changes &= changes &- 1
    }
  }
  var x = 0
  while x &+ 64 <= count {
    take(bitsAbove(source + x) ^ flip, at: x)
    x &+= 64
  }
  if x < count {
    let rest = count &- x
    // The last register ends with the row; only rows shorter than one are read past their end.
    let back = count < 64 ? 0 : 64 &- rest
    let word = (bitsAbove(source + x - back) ^ flip) >> UInt64(truncatingIfNeeded: back)
    take(word & (~0 >> UInt64(truncatingIfNeeded: 64 &- rest)), at: x)
  }
  if last != 0 {
    ends[found] = Int32(truncatingIfNeeded: count)
    found &+= 1
  }
  return found
}
