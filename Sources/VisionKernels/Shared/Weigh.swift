import CVectors

// The two passes of a weighted window on 8-bit pixels. The usual numbers of taps get code of their
// own, in which the loop over the taps is gone and the weights stay in registers.

/// Calls `body` with the number of taps as a constant where it is a usual one.
@inline(__always)
private func withTaps(_ taps: Int, _ body: (Int) -> Void) {
  switch taps {
  case 3: body(3)
  case 5: body(5)
  case 7: body(7)
  case 9: body(9)
  default: body(taps)
  }
}

/// Weights add up to 256 and pixels are at most 255, so the sum fits in 16 bits; it is stored 32768
/// lower, as the signed number that the second pass wants.
@inline(__always)
func weighRows8(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ weights: UnsafePointer<UInt16>, _ taps: Int,
  _ out: MutU16, _ count: Int
) {
  withTaps(taps) { taps in
    let half = taps / 2
    let bias = vu16_splat(0x8000)
    eachRegister(count, lanes: lanes16) { x in
      let middle = vu16_mul(vu16_load_u8(rows[half] + x), vu16_splat(weights[half]))
      var sum = vu16_add(bias, middle)
      for i in 0..<half {
        let pair = vu16_add(vu16_load_u8(rows[i] + x), vu16_load_u8(rows[taps - 1 - i] + x))
        sum = vu16_add(sum, vu16_mul(pair, vu16_splat(weights[i])))
      }
      vu16_store(out + x, sum)
    }
  }
}

/// Two neighbours are weighed by one instruction. What the first pass took away, 32768 times the
/// weights' sum of 256, comes back with the half that rounds.
@inline(__always)
func weighWindow8(
  _ source: UnsafePointer<UInt16>, _ weights: UnsafePointer<UInt16>, _ taps: Int, _ out: MutU8,
  _ count: Int
) {
  let bias = vs32_splat(32768 * 256 + 32768)
  let zero = vs16_splat(0)
  withTaps(taps) { taps in
    eachRegister(count, lanes: lanes16) { x in
      var low = bias, high = bias
      for i in 0..<taps / 2 {
        let both = UInt32(weights[2 * i]) | UInt32(weights[2 * i + 1]) << 16
        let pair = vs16_from_u32(vu32_splat(both))
        let a = vs16_load(source + x + 2 * i)
        let b = vs16_load(source + x + 2 * i + 1)
        low = vs32_add(low, vs16_dot_pairs(vs16_interleave_low(a, b), pair))
        high = vs32_add(high, vs16_dot_pairs(vs16_interleave_high(a, b), pair))
      }
      // The number of taps is odd.
      let pair = vs16_from_u32(vu32_splat(UInt32(weights[taps - 1])))
      let a = vs16_load(source + x + taps - 1)
      low = vs32_add(low, vs16_dot_pairs(vs16_interleave_low(a, zero), pair))
      high = vs32_add(high, vs16_dot_pairs(vs16_interleave_high(a, zero), pair))
      let pixels = vs32_pack_u16(vs32_shift_right(low, 16), vs32_shift_right(high, 16))
      vu16_store_u8(out + x, pixels)
    }
  }
}

// Windows of 1 2 1 and 1 4 6 4 1 need no multiplication, and all sums fit in 16 bits: at most
// 255 * 16 * 16 + 128.

@inline(__always)
private func binomial(_ taps: Int, _ at: (Int) -> vu16) -> vu16 {
  if taps == 3 {
    return vu16_add(vu16_add(at(0), at(2)), vu16_shift_left(at(1), 1))
  }
  let outer = vu16_add(at(0), at(4))
  let middle = at(2)
  let inner = vu16_add(vu16_add(at(1), at(3)), middle)
  return vu16_add(vu16_add(outer, vu16_shift_left(inner, 2)), vu16_shift_left(middle, 1))
}

@inline(__always)
func binomialRows8(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ taps: Int, _ out: MutU16, _ count: Int
) {
  func pass(_ taps: Int) {
    eachRegister(count, lanes: lanes16) { x in
      vu16_store(out + x, binomial(taps) { vu16_load_u8(rows[$0] + x) })
    }
  }
  if taps == 3 { pass(3) } else { pass(5) }
}

@inline(__always)
func binomialWindow8(
  _ source: UnsafePointer<UInt16>, _ taps: Int, _ out: MutU8, _ count: Int
) {
  func pass(_ taps: Int, _ shift: Int32) {
    let half = vu16_splat(UInt16(1) << UInt16(shift - 1))
    eachRegister(count, lanes: lanes16) { x in
      let sum = binomial(taps) { vu16_load(source + x + $0) }
      vu16_store_u8(out + x, vu16_shift_right(vu16_add(sum, half), shift))
    }
  }
  if taps == 3 { pass(3, 4) } else { pass(5, 8) }
}
