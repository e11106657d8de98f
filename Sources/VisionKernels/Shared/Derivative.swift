import CVectors
import VisionKernelsABI

var derivativeKernels: derivative_kernels {
  derivative_kernels(
    rows8: { rows, weights, taps, out, count in
      if taps == 3 {
        derivativeRows(rows, weights, 3, out, count)
      } else {
        derivativeRows(rows, weights, taps, out, count)
      }
    },
    window: { derivativeWindow($0, $1, $2, $3, $4, $5, $6) },
    window3: { source, weights, out, count in
      let w0 = vs16_splat(weights[0]), w1 = vs16_splat(weights[1]), w2 = vs16_splat(weights[2])
      let bias = vs16_splat(.min)
      eachRegister(count, lanes: lanes16) { x in
        let left = vs16_mul(vs16_load(source + x), w0)
        let middle = vs16_mul(vs16_load(source + x + 1), w1)
        let right = vs16_mul(vs16_load(source + x + 2), w2)
        vs16_store(out + x, vs16_xor(vs16_add(vs16_add(left, middle), right), bias))
      }
    },
    sobel_rows8: { above, here, below, smooth, slope, count in
      eachRegister(count, lanes: lanes16) { x in
        let a = vs16_load_u8(above + x), b = vs16_load_u8(here + x), c = vs16_load_u8(below + x)
        vs16_store(smooth + x, vs16_add(vs16_add(a, c), vs16_add(b, b)))
        vs16_store(slope + x, vs16_sub(c, a))
      }
    },
    gradient_window8: { smooth, slope, out, count in
      let top = vu16_splat(255)
      eachRegister(count, lanes: lanes16) { x in
        let (dx, dy) = sobel(smooth + x, slope + x)
        let sum = vu16_from_s16(vs16_add(vs16_abs(dx), vs16_abs(dy)))
        vu16_store_u8(out + x, vu16_min(sum, top))
      }
    },
    sobel_window: { smooth, slope, dx, dy, sum, count in
      eachPaddedRegister(count, lanes: lanes16) { x in
        let (across, down) = sobel(smooth + x, slope + x)
        vs16_store(dx + x, across)
        vs16_store(dy + x, down)
        vs16_store(sum + x, vs16_add(vs16_abs(across), vs16_abs(down)))
      }
    },
    suppress: { suppress($0, $1, $2, $3, $4, $5, $6, $7, $8) })
}

@inline(__always)
private func sobel(
  _ smooth: UnsafePointer<Int16>, _ slope: UnsafePointer<Int16>
) -> (dx: vs16, dy: vs16) {
  let dx = vs16_sub(vs16_load(smooth + 2), vs16_load(smooth))
  let middle = vs16_load(slope + 1)
  let dy = vs16_add(
    vs16_add(vs16_load(slope), vs16_load(slope + 2)), vs16_add(middle, middle))
  return (dx, dy)
}

@inline(__always)
private func derivativeRows(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ weights: UnsafePointer<Int16>, _ taps: Int,
  _ out: UnsafeMutablePointer<Int16>, _ count: Int
) {
  eachRegister(count, lanes: lanes16) { x in
    var sum = vs16_splat(0)
    for i in 0..<taps {
      sum = vs16_add(sum, vs16_mul(vs16_load_u8(rows[i] + x), vs16_splat(weights[i])))
    }
    vs16_store(out + x, sum)
  }
}

/// One weight of the first row and one of the second are one instruction.
@inline(__always)
private func derivativeWindow(
  _ a: UnsafePointer<Int16>, _ b: UnsafePointer<Int16>, _ first: UnsafePointer<Int16>,
  _ second: UnsafePointer<Int16>, _ taps: Int, _ out: MutU16, _ count: Int
) {
  let bias = vs16_splat(.min)
  eachRegister(count, lanes: lanes16) { x in
    var low = vs32_splat(0), high = vs32_splat(0)
    for i in 0..<taps {
      let both =
        UInt32(UInt16(bitPattern: first[i])) | UInt32(UInt16(bitPattern: second[i])) << 16
      let pair = vs16_from_u32(vu32_splat(both))
      let p = vs16_load(a + x + i), q = vs16_load(b + x + i)
      low = vs32_add(low, vs16_dot_pairs(vs16_interleave_low(p, q), pair))
      high = vs32_add(high, vs16_dot_pairs(vs16_interleave_high(p, q), pair))
    }
    vs16_store(out + x, vs16_xor(vs32_pack_s16(low, high), bias))
  }
}

/// The direction of the slope is told by whole numbers: with f = floor(|dx| tan 22.5 degrees), in
/// 15-bit parts 13573, the slope is flat where |dy| <= f (and |dx| > 0), steep where
/// |dy| > 2 |dx| + f, for tan 67.5 = 2 + tan 22.5; 13573 |dx| is never a whole number of parts.
@inline(__always)
private func suppress(
  _ dx: UnsafePointer<Int16>, _ dy: UnsafePointer<Int16>, _ above: u16_row, _ here: u16_row,
  _ below: u16_row, _ out: MutU8, _ count: Int, _ low: UInt16, _ high: UInt16
) {
  let tangent = vu16_splat(13573)
  let lowest = vu16_splat(low), certain = vu16_splat(high)
  let zero = vs16_splat(0)
  let one = vu16_splat(1)
  eachPaddedRegister(count, lanes: lanes16) { x in
    let sum = vu16_load(here + x + 1)
    let candidate = greater(sum, lowest)
    let across = vs16_load(dx + x), down = vs16_load(dy + x)
    let wide = vu16_from_s16(vs16_abs(across)), tall = vu16_from_s16(vs16_abs(down))
    let double = vu16_add(wide, wide)
    let limit = vu16_mul_high(double, tangent)
    let flat = vu16_and(atLeast(limit, tall), greater(wide, vu16_splat(0)))
    let steep = greater(tall, vu16_add(double, limit))
    let left = vu16_load(here + x), right = vu16_load(here + x + 2)
    let up = vu16_load(above + x + 1), under = vu16_load(below + x + 1)
    // Rising where the slopes have one sign: across the edge then lie upper left and lower right.
    let opposite = vu16_from_s16(vs16_greater(zero, vs16_xor(across, down)))
    let first = vu16_select(opposite, vu16_load(above + x + 2), vu16_load(above + x))
    let second = vu16_select(opposite, vu16_load(below + x), vu16_load(below + x + 2))
    let keepFlat = vu16_and(greater(sum, left), atLeast(sum, right))
    let keepSteep = vu16_and(greater(sum, up), atLeast(sum, under))
    let keepSlanting = vu16_and(greater(sum, first), greater(sum, second))
    let kept = vu16_select(flat, keepFlat, vu16_select(steep, keepSteep, keepSlanting))
    let edge = vu16_and(kept, candidate)
    let sure = vu16_and(edge, greater(sum, certain))
    vu16_store_u8(out + x, vu16_add(vu16_and(edge, one), vu16_and(sure, one)))
  }
}

/// Sums lie below 2^15, so that the comparison of signed numbers, which all processors have, does.
@inline(__always)
private func greater(_ a: vu16, _ b: vu16) -> vu16 {
  vu16_from_s16(vs16_greater(vs16_from_u16(a), vs16_from_u16(b)))
}

@inline(__always)
private func atLeast(_ a: vu16, _ b: vu16) -> vu16 {
  vu16_xor(greater(b, a), vu16_splat(0xffff))
}
