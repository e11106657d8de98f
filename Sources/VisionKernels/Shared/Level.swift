import CVectors
import VisionKernelsABI

var levelKernels: level_kernels {
  level_kernels(
    look_up8: { lookUp8($0, $1, $2, $3) },
    look_up16: { source, out, count, table in
      for x in 0..<count { out[x] = table[Int(source[x])] }
    },
    invert: { source, out, bytes in for x in 0..<bytes { out[x] = ~source[x] } },
    multiply8: { a, b, out, count, scale in
      let factor = vf32_splat(scale)
      eachWhole(count, lanes: lanes32) { x in
        let product = vf32_mul(vf32_mul(factor, vf32_load_u8(a + x)), vf32_load_u8(b + x))
        vu32_store_u8(out + x, rounded(product, 255))
      } rest: { x in
        out[x] = UInt8(truncatingIfNeeded: rounded(scale * Float(a[x]) * Float(b[x]), 255))
      }
    },
    multiply16: { a, b, out, count, scale in
      let factor = vf32_splat(scale)
      eachWhole(count, lanes: lanes32) { x in
        let product = vf32_mul(vf32_mul(factor, vf32_load_u16(a + x)), vf32_load_u16(b + x))
        vu32_store_u16(out + x, rounded(product, 65535))
      } rest: { x in
        out[x] = UInt16(truncatingIfNeeded: rounded(scale * Float(a[x]) * Float(b[x]), 65535))
      }
    },
    compare8: { a, b, out, count, margin, above, otherwise in
      let m = Int16(truncatingIfNeeded: margin)
      for x in 0..<count {
        let difference = Int16(truncatingIfNeeded: a[x]) &- Int16(truncatingIfNeeded: b[x])
        out[x] = difference > m ? above : otherwise
      }
    },
    fetch8: { source, out, count, table in
      for x in 0..<count { out[x] = table[Int(source[x])] }
    },
    join_pairs: { low, high, out, count in
      for x in 0..<count {
        out[x] = UInt32(truncatingIfNeeded: low[x]) | UInt32(truncatingIfNeeded: high[x]) &<< 16
      }
    },
    mix_pairs8: { pairs, weights, out, count in
      let half = vs32_splat(1 << 14)
      eachPaddedRegister(count, lanes: lanes32) { x in
        let sum = vs16_dot_pairs(vs16_load(pairs + x), vs16_load(weights + x))
        vu32_store_u8(out + x, vu32_from_s32(vs32_shift_right(vs32_add(sum, half), 15)))
      }
    })
}

/// Whole registers, then pixel by pixel: for rows that are written where something else may stand
/// behind them, or read in place.
@inline(__always)
func eachWhole(_ count: Int, lanes: Int, _ body: (Int) -> Void, rest: (Int) -> Void) {
  var x = 0
  while x + lanes <= count {
    body(x)
    x += lanes
  }
  while x < count {
    rest(x)
    x += 1
  }
}

// Adding and taking away 1.5 * 2^23 rounds to the nearest whole number, halves to even, as the
// processor does in its usual mode; right for numbers up to 2^22.
@inline(__always) private var magic: Float { 12_582_912 }

@inline(__always)
func rounded(_ value: vf32, _ top: Float) -> vu32 {
  let limited = vf32_min(vf32_max(value, vf32_splat(0)), vf32_splat(top))
  let near = vf32_sub(vf32_add(limited, vf32_splat(magic)), vf32_splat(magic))
  return vu32_from_s32(vs32_from_f32(near))
}

@inline(__always)
func rounded(_ value: Float, _ top: Float) -> Int32 {
  let limited = value > 0 ? (value < top ? value : top) : 0
  return Int32((limited + magic) - magic)
}

/// A table of 256 bytes is 16 registers of 16; each answers for the pixels whose upper half byte is
/// its own. Taking that away leaves 0...15 for these and something larger for all others, for which
/// the look-up gives zero.
@inline(__always)
private func lookUp8(_ source: u8_row, _ out: MutU8, _ count: Int, _ table: u8_row) {
  if count < lanes8 {
    for x in 0..<count { out[x] = table[Int(source[x])] }
    return
  }
  let t0 = vu8_repeat_16(table), t1 = vu8_repeat_16(table + 16)
  let t2 = vu8_repeat_16(table + 32), t3 = vu8_repeat_16(table + 48)
  let t4 = vu8_repeat_16(table + 64), t5 = vu8_repeat_16(table + 80)
  let t6 = vu8_repeat_16(table + 96), t7 = vu8_repeat_16(table + 112)
  let t8 = vu8_repeat_16(table + 128), t9 = vu8_repeat_16(table + 144)
  let t10 = vu8_repeat_16(table + 160), t11 = vu8_repeat_16(table + 176)
  let t12 = vu8_repeat_16(table + 192), t13 = vu8_repeat_16(table + 208)
  let t14 = vu8_repeat_16(table + 224), t15 = vu8_repeat_16(table + 240)
  let high = vu8_splat(0x70)
  @inline(__always) func part(_ v: vu8, _ t: vu8, _ i: UInt8) -> vu8 {
    vu8_look_up(t, vu8_add_saturating(vu8_xor(v, vu8_splat(i &* 16)), high))
  }
  // In place is allowed, so the last register may not be looked up twice.
  @inline(__always) func looked(_ v: vu8) -> vu8 {
    let a = vu8_or(vu8_or(part(v, t0, 0), part(v, t1, 1)), vu8_or(part(v, t2, 2), part(v, t3, 3)))
    let b = vu8_or(vu8_or(part(v, t4, 4), part(v, t5, 5)), vu8_or(part(v, t6, 6), part(v, t7, 7)))
    let c = vu8_or(vu8_or(part(v, t8, 8), part(v, t9, 9)), vu8_or(part(v, t10, 10), part(v, t11, 11)))
    let d = vu8_or(
      vu8_or(part(v, t12, 12), part(v, t13, 13)), vu8_or(part(v, t14, 14), part(v, t15, 15)))
    return vu8_or(vu8_or(a, b), vu8_or(c, d))
  }
  eachWhole(count, lanes: lanes8) { x in
    vu8_store(out + x, looked(vu8_load(source + x)))
  } rest: { x in
    out[x] = table[Int(source[x])]
  }
}
