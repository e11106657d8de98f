import CVectors
import VisionKernelsABI

var windowKernels: window_kernels {
  window_kernels(
    row_sums8: { rowSums8($0, $1, $2, $3) },
    row_sums16: { rowSums16($0, $1, $2, $3) },
    slide_sums8: { sums, entering, leaving, out, count, scale in
      let factor = vf32_splat(scale)
      let half = vf32_splat(0.5)
      eachPaddedRegister(count, lanes: lanes32) { x in
        let change = vu32_sub(vu32_load_u16(entering + x), vu32_load_u16(leaving + x))
        let sum = vu32_add(vu32_load(sums + x), change)
        vu32_store(sums + x, sum)
        vu32_store_u8(out + x, scaled(sum, factor, half))
      }
    },
    slide_sums16: { sums, entering, leaving, out, count, scale in
      let factor = vf32_splat(scale)
      let half = vf32_splat(0.5)
      eachPaddedRegister(count, lanes: lanes32) { x in
        let change = vu32_sub(vu32_load(entering + x), vu32_load(leaving + x))
        let sum = vu32_add(vu32_load(sums + x), change)
        vu32_store(sums + x, sum)
        // Sums past 2^31 do not fit a signed conversion; one bit less costs less than one level.
        let real = vf32_from_s32(vs32_from_u32(vu32_shift_right(sum, 1)))
        let level = vf32_add(vf32_mul(real, vf32_add(factor, factor)), half)
        vu32_store_u16(out + x, vu32_from_s32(vs32_from_f32(level)))
      }
    },
    add_sums8: { addSums8($0, $1, $2) },
    add_sums16: { addSums16($0, $1, $2) },
    weigh_rows8: { weighRows8($0, $1, $2, $3, $4) },
    weigh_window8: { weighWindow8($0, $1, $2, $3, $4) },
    binomial_rows8: { binomialRows8($0, $1, $2, $3) },
    binomial_window8: { binomialWindow8($0, $1, $2, $3) },
    weigh_rows16: { rows, weights, taps, out, count in
      eachRegister(count, lanes: lanes32) { x in
        var sum = vf32_splat(0)
        for i in 0..<taps {
          let pixels = vf32_load_u16(rows[i] + 2 * x)
          sum = vf32_add(sum, vf32_mul(pixels, vf32_splat(weights[i])))
        }
        vf32_store(out + x, sum)
      }
    },
    weigh_window16: { source, weights, taps, out, count in
      let half = vf32_splat(0.5)
      eachRegister(count, lanes: lanes32) { x in
        var sum = half
        for i in 0..<taps {
          sum = vf32_add(sum, vf32_mul(vf32_load(source + x + i), vf32_splat(weights[i])))
        }
        vu32_store_u16(out + x, vu32_from_s32(vs32_from_f32(sum)))
      }
    })
}

/// sum * factor rounded to nearest, halves up. Sums lie below 2^24 where the pixels are 8 bits.
@inline(__always)
private func scaled(_ sum: vu32, _ factor: vf32, _ half: vf32) -> vu32 {
  let real = vf32_from_s32(vs32_from_u32(sum))
  return vu32_from_s32(vs32_from_f32(vf32_add(vf32_mul(real, factor), half)))
}

// The first window is summed directly, every other by what enters and what leaves: the running sum
// of these changes. Sums on the way may wrap; the windows' sums do not as long as they fit.

@inline(__always)
private func rowSums8(_ source: u8_row, _ out: MutU16, _ count: Int, _ size: Int) {
  var first: UInt16 = 0
  for i in 0..<size { first &+= UInt16(truncatingIfNeeded: source[i]) }
  var carry = vu16_splat(first)
  out[0] = first
  var x = 0
  while x + 1 < count {
    let change = vu16_sub(vu16_load_u8(source + x + size), vu16_load_u8(source + x))
    let sums = vu16_add(vu16_running_sum(change), carry)
    vu16_store(out + x + 1, sums)
    carry = vu16_splat_last(sums)
    x += lanes16
  }
}

@inline(__always)
private func rowSums16(_ source: u16_row, _ out: MutU32, _ count: Int, _ size: Int) {
  var first: UInt32 = 0
  for i in 0..<size { first &+= UInt32(truncatingIfNeeded: source[i]) }
  var carry = vu32_splat(first)
  out[0] = first
  var x = 0
  while x + 1 < count {
    let change = vu32_sub(vu32_load_u16(source + x + size), vu32_load_u16(source + x))
    let sums = vu32_add(vu32_running_sum(change), carry)
    vu32_store(out + x + 1, sums)
    carry = vu32_splat_last(sums)
    x += lanes32
  }
}

// Functions of their own: in closures as short as these the compiler calls the primitives.

@inline(never)
private func addSums8(_ sums: MutU32, _ entering: u16_row, _ count: Int) {
  eachPaddedRegister(count, lanes: lanes32) { x in
    vu32_store(sums + x, vu32_add(vu32_load(sums + x), vu32_load_u16(entering + x)))
  }
}

@inline(never)
private func addSums16(_ sums: MutU32, _ entering: u32_row, _ count: Int) {
  eachPaddedRegister(count, lanes: lanes32) { x in
    vu32_store(sums + x, vu32_add(vu32_load(sums + x), vu32_load(entering + x)))
  }
}
