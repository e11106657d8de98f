import CVectors
import VisionKernelsABI

/// Blocks of 8 x 8 pixels of patterns with a bit a pixel, held against each other.
let patternKernels = pattern_kernels(
  unlike: { part, part_stride, other, other_stride, shift, rows, counts, words in
    // In halves of words; the parts of two of them in two steps, so that a shift by nothing takes
    // nothing of the second.
    let part = UnsafeRawPointer(part)
    let other = UnsafeRawPointer(other) + (shift >> 5) * 4
    let down = Int32(truncatingIfNeeded: shift & 31), up = 31 &- down
    let pairs = vu32_splat(0x5555_5555), fours = vu32_splat(0x3333_3333)
    let bytes = vu32_splat(0x0f0f_0f0f)
    eachPaddedRegister(words * 8, lanes: lanes8) { x in
      var sum = vu32_splat(0), here = part + x, there = other + x
      for _ in 0..<rows {
        let low = vu32_shift_right(vu32_load(there), down)
        let high = vu32_shift_left(vu32_shift_left(vu32_load(there + 4), 1), up)
        var v = vu32_xor(vu32_load(here), vu32_or(low, high))
        v = vu32_sub(v, vu32_and(vu32_shift_right(v, 1), pairs))
        v = vu32_add(vu32_and(v, fours), vu32_and(vu32_shift_right(v, 2), fours))
        sum = vu32_add(sum, vu32_and(vu32_add(v, vu32_shift_right(v, 4)), bytes))
        here += part_stride * 8
        there += other_stride * 8
      }
      vu32_store(counts + x, sum)
    }
  },
  gather: { counts, span, out, count in addSpans(counts, span, out, count) },
  choose: { sums, entering, leaving, least, choices, number, count in
    let numbers = vu16_splat(number)
    eachPaddedRegister(count, lanes: lanes16) { x in
      let sum = vu16_add(vu16_load(sums + x), vu16_load(entering + x))
      let best = vu16_load(least + x), isLess = vu16_greater(best, sum)
      vu16_store(choices + x, vu16_select(isLess, numbers, vu16_load(choices + x)))
      vu16_store(least + x, vu16_min(sum, best))
      vu16_store(sums + x, vu16_sub(sum, vu16_load(leaving + x)))
    }
  })

/// A function of its own: in the C entry point of so short a closure no vector primitive is inlined.
@inline(never)
private func addSpans(
  _ counts: UnsafePointer<UInt8>, _ span: Int, _ out: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  eachPaddedRegister(count, lanes: lanes16) { x in
    var sum = vu16_splat(0)
    for i in 0..<span { sum = vu16_add(sum, vu16_load_u8(counts + x + i)) }
    vu16_store(out + x, sum)
  }
}
