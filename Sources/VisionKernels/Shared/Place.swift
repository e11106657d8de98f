import CVectors
import VisionKernelsABI

var placeKernels: place_kernels {
  place_kernels(
    reverse8: { source, out, count in for x in 0..<count { out[x] = source[count - 1 - x] } },
    reverse16: { source, out, count in for x in 0..<count { out[x] = source[count - 1 - x] } },
    transpose8: { source, stride, out, outStride, blocks, down, far in
      for i in 0..<blocks {
        transpose_tile_u8(source + 16 * i, stride, out + 16 * i * outStride, outStride, down, far)
      }
    },
    transpose16: { source, stride, out, outStride, blocks, down, far in
      for i in 0..<blocks {
        transpose_tile_u16(source + 16 * i, stride, out + 8 * i * outStride, outStride, down, far)
      }
    },
    halve8: { upper, lower, out, count in
      eachWhole(count, lanes: lanes16) { x in
        // Two neighbours lie in one 16-bit lane.
        let a = vu16_load(upper + 2 * x), b = vu16_load(lower + 2 * x)
        let low = vu16_splat(0xff)
        let left = vu16_add(vu16_and(a, low), vu16_and(b, low))
        let right = vu16_add(vu16_shift_right(a, 8), vu16_shift_right(b, 8))
        let sum = vu16_add(vu16_add(left, right), vu16_splat(2))
        vu16_store_u8(out + x, vu16_shift_right(sum, 2))
      } rest: { x in
        let sum = UInt16(upper[2 * x]) + UInt16(upper[2 * x + 1]) + UInt16(lower[2 * x])
        out[x] = UInt8(truncatingIfNeeded: (sum + UInt16(lower[2 * x + 1]) + 2) >> 2)
      }
    },
    halve16: { upper, lower, out, count in
      eachWhole(count, lanes: lanes32) { x in
        let a = vu32_load(upper + 2 * x), b = vu32_load(lower + 2 * x)
        let low = vu32_splat(0xffff)
        let left = vu32_add(vu32_and(a, low), vu32_and(b, low))
        let right = vu32_add(vu32_shift_right(a, 16), vu32_shift_right(b, 16))
        let sum = vu32_add(vu32_add(left, right), vu32_splat(2))
        vu32_store_u16(out + x, vu32_shift_right(sum, 2))
      } rest: { x in
        let sum = UInt32(upper[2 * x]) + UInt32(upper[2 * x + 1]) + UInt32(lower[2 * x])
        out[x] = UInt16(truncatingIfNeeded: (sum + UInt32(lower[2 * x + 1]) + 2) >> 2)
      }
    },
    pyramid_rows8: { rows, out, count in
      eachRegister(count, lanes: lanes16) { x in
        let outer = vu16_add(vu16_load_u8(rows[0] + x), vu16_load_u8(rows[4] + x))
        let middle = vu16_load_u8(rows[2] + x)
        let inner = vu16_add(
          vu16_add(vu16_load_u8(rows[1] + x), vu16_load_u8(rows[3] + x)), middle)
        let sum = vu16_add(outer, vu16_shift_left(inner, 2))
        vu16_store(out + x, vu16_add(sum, vu16_shift_left(middle, 1)))
      }
    },
    pyramid_rows16: { rows, out, count in
      eachRegister(count, lanes: lanes32) { x in
        let outer = vu32_add(vu32_load_u16(rows[0] + 2 * x), vu32_load_u16(rows[4] + 2 * x))
        let middle = vu32_load_u16(rows[2] + 2 * x)
        let inner = vu32_add(
          vu32_add(vu32_load_u16(rows[1] + 2 * x), vu32_load_u16(rows[3] + 2 * x)), middle)
        let sum = vu32_add(outer, vu32_mul(inner, vu32_splat(4)))
        vu32_store(out + x, vu32_add(sum, vu32_add(middle, middle)))
      }
    },
    pyramid_window8: { source, out, count in
      // Sums of a column are at most 255 * 16, so pairs of them are weighed as signed numbers.
      let first = vs16_from_u32(vu32_splat(1 | 4 << 16))
      let second = vs16_from_u32(vu32_splat(6 | 4 << 16))
      let third = vs16_from_u32(vu32_splat(1))
      let half = vs32_splat(128)
      eachRegister(count, lanes: lanes32) { x in
        let p = source + 2 * x
        let sum = vs32_add(
          vs32_add(vs16_dot_pairs(vs16_load(p), first), vs16_dot_pairs(vs16_load(p + 2), second)),
          vs32_add(vs16_dot_pairs(vs16_load(p + 4), third), half))
        vu32_store_u8(out + x, vu32_from_s32(vs32_shift_right(sum, 8)))
      }
    },
    pyramid_window16: { source, out, count in
      for x in 0..<count {
        let p = source + 2 * x
        let sum = p[0] &+ p[4] &+ 4 &* (p[1] &+ p[3]) &+ 6 &* p[2]
        out[x] = UInt16(truncatingIfNeeded: (sum &+ 128) >> 8)
      }
    },
    mix_levels8: { upper, lower, out, count, upperPart, lowerPart in
      let parts = vu32_splat(
        UInt32(UInt16(bitPattern: upperPart)) | UInt32(UInt16(bitPattern: lowerPart)) << 16)
      let half = vs32_splat(64)
      eachRegister(count, lanes: lanes16) { x in
        let a = vs16_load_u8(upper + x), b = vs16_load_u8(lower + x)
        let low = vs16_dot_pairs(vs16_interleave_low(a, b), vs16_from_u32(parts))
        let high = vs16_dot_pairs(vs16_interleave_high(a, b), vs16_from_u32(parts))
        vs16_store(
          out + x,
          vs32_pack_s16(
            vs32_shift_right(vs32_add(low, half), 7), vs32_shift_right(vs32_add(high, half), 7)))
      }
    },
    mix_pairs8: { source, places, parts, out, count, work in
      let half = vs32_splat(1 << 20)
      eachChunk(count) { begin, size in
        eachQuad(size) { i in
          quad_fetch(source, places + (begin &+ i), 2, work + i)
        } rest: { i in
          let place = UnsafeRawPointer(source + Int(places[begin &+ i]))
          work[i] = place.loadUnaligned(as: UInt32.self)
        }
        eachPaddedRegister(size, lanes: lanes32) { x in
          let pairs = vs16_from_u32(vu32_load(work + x))
          let sum = vs16_dot_pairs(pairs, vs16_from_u32(vu32_load(parts + begin + x)))
          vu32_store_u8(out + begin + x, vu32_from_s32(vs32_shift_right(vs32_add(sum, half), 21)))
        }
      }
    },
    mix_spans8: { source, places, weights, span, work, out, count in
      eachChunk(count) { begin, size in
        mixSpans(source, places + begin, weights + begin * span, span, work, size)
        eachPaddedRegister(size, lanes: lanes32) { x in
          vu32_store_u8(out + begin + x, rounded(vf32_load(work + x), 255))
        }
      }
    },
    mix_spans16: { source, places, weights, span, work, out, count in
      eachChunk(count) { begin, size in
        mixSpans(source, places + begin, weights + begin * span, span, work, size)
        eachPaddedRegister(size, lanes: lanes32) { x in
          vu32_store_u16(out + begin + x, rounded(vf32_load(work + x), 65535))
        }
      }
    },
    weigh_columns8: { rows, weights, taps, out, count in
      eachRegister(count, lanes: lanes32) { x in
        vf32_store(out + x, weighed(rows, weights, taps) { vf32_load_u8($0 + x) })
      }
    },
    weigh_columns16: { rows, weights, taps, out, count in
      eachRegister(count, lanes: lanes32) { x in
        vf32_store(out + x, weighed(rows, weights, taps) { vf32_load_u16($0 + 2 * x) })
      }
    },
    weigh4_8: { rows, weights, taps, out, count in
      eachRegister(count, lanes: lanes32) { x in
        vu32_store_u8(out + x, rounded(weighed(rows, weights, taps) { vf32_load($0 + 4 * x) }, 255))
      }
    },
    ramp: { out, count, start, step in
      // Each from the start: what was added up would depend on the register's width.
      eachPaddedRegister(count, lanes: lanes32) { x in
        let column = vs32_add(vs32_counting(), vs32_splat(Int32(truncatingIfNeeded: x)))
        let part = vf32_mul(vf32_from_s32(column), vf32_splat(step))
        vf32_store(out + x, vf32_add(vf32_splat(start), part))
      }
    },
    divide: { values, divisors, count in
      eachPaddedRegister(count, lanes: lanes32) { x in
        let divisor = vf32_load(divisors + x)
        let quotient = vf32_div(vf32_load(values + x), divisor)
        let isZero = vf32_equal(divisor, vf32_splat(0))
        vf32_store(values + x, vf32_select(isZero, vf32_splat(0), quotient))
      }
    },
    sample_linear8: { source, stride, width, height, xs, ys, out, count, flags, work in
      sampleLinear8(source, stride, width, height, xs, ys, out, count, flags, work)
    },
    sample_linear16: { source, stride, width, height, xs, ys, out, count, flags, work in
      sampleLinear16(source, stride, width, height, xs, ys, out, count, flags, work)
    },
    sample_cubic8: { source, stride, width, height, xs, ys, out, count, flags, work in
      sampleCubic8(source, stride, width, height, xs, ys, out, count, flags, work)
    },
    sample_cubic16: { source, stride, width, height, xs, ys, out, count, flags, work in
      sampleCubic16(source, stride, width, height, xs, ys, out, count, flags, work)
    })
}

@inline(__always)
private func weighed(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ weights: f32_row, _ taps: Int,
  _ load: (UnsafeRawPointer) -> vf32
) -> vf32 {
  var sum = vf32_mul(load(rows[0]), vf32_splat(weights[0]))
  for i in 1..<taps { sum = vf32_add(sum, vf32_mul(load(rows[i]), vf32_splat(weights[i]))) }
  return sum
}

@inline(__always)
private func eachChunk(_ count: Int, _ body: (_ begin: Int, _ size: Int) -> Void) {
  var begin = 0
  while begin < count {
    body(begin, count - begin < chunk ? count - begin : chunk)
    begin &+= chunk
  }
}

@inline(__always)
func eachQuad(_ count: Int, _ four: (Int) -> Void, rest: (Int) -> Void) {
  var i = 0
  while i &+ 4 <= count {
    four(i)
    i &+= 4
  }
  while i < count {
    rest(i)
    i &+= 1
  }
}

@inline(__always)
private func mixSpans(
  _ source: f32_row, _ places: UnsafePointer<Int32>, _ weights: f32_row, _ span: Int,
  _ out: UnsafeMutablePointer<Float>, _ count: Int
) {
  for i in 0..<count {
    let from = source + Int(places[i]), weights = weights + i &* span
    var sum = vquad_mul(vquad_load(from), vquad_load(weights))
    var k = 4
    while k < span {
      sum = vquad_add(sum, vquad_mul(vquad_load(from + k), vquad_load(weights + k)))
      k &+= 4
    }
    out[i] = vquad_sum(sum)
  }
}

/// Pixels at a time: what is stored one by one has left the store buffer when it is loaded by the
/// register, and everything stays in the first-level cache.
private let chunk = 256
/// Pixels that share a flag.
let flagged = 16

/// Which pixels of a chunk have all their neighbours inside, `around` of them beside the nearest four,
/// and where the one to the upper left of these is. A flag stands for 16 pixels whatever a register
/// holds: a pixel is computed in the same way on every instruction set.
@inline(__always)
func findPlaces(
  _ xs: f32_row, _ ys: f32_row, _ count: Int, _ stride: Int, _ pixelBytes: Int32, _ width: Int,
  _ height: Int, around: Int, _ places: UnsafeMutablePointer<Int32>, _ flags: MutU8,
  whole: (vf32) -> vs32
) {
  // Places are rounded to 1/256 of a pixel; what may be rounded up to the last pixel is left out.
  let right = vf32_splat(Float(width - 1 - around) - 0.01)
  let bottom = vf32_splat(Float(height - 1 - around) - 0.01)
  let least = vf32_splat(Float(around))
  let step = vs32_splat(Int32(truncatingIfNeeded: stride)), size = vs32_splat(pixelBytes)
  eachPaddedRegister(count, lanes: lanes32) { x in
    let px = vf32_load(xs + x), py = vf32_load(ys + x)
    let outside = vs32_or(
      vs32_or(vf32_greater(least, px), vf32_greater(least, py)),
      vs32_or(vf32_notLess(px, right), vf32_notLess(py, bottom)))
    // What follows the last pixel has no say.
    let counted = vs32_greater(vs32_splat(Int32(truncatingIfNeeded: count &- x)), vs32_counting())
    let flag: UInt8 = vs32_any(vs32_and(outside, counted)) != 0 ? 1 : 0
    flags[x / flagged] = x % flagged == 0 ? flag : flags[x / flagged] | flag
    // Places fit in 32 bits: images have at most 2^31 bytes where this is called. Those outside are
    // never looked at.
    vs32_store(places + x, vs32_add(vs32_mul(whole(py), step), vs32_mul(whole(px), size)))
  }
}

/// For every pixel the two pairs of neighbours are fetched one by one (no instruction does that
/// faster on all processors); everything before and after is done for a register of them. Sixteen
/// of which a pixel has neighbours outside the image are left out and flagged.
@inline(__always)
private func sampleLinear8(
  _ source: u8_row, _ stride: Int, _ width: Int, _ height: Int, _ xs: f32_row, _ ys: f32_row,
  _ out: MutU8, _ count: Int, _ flags: MutU8, _ work: MutU32
) {
  let places = UnsafeMutableRawPointer(work).assumingMemoryBound(to: Int32.self)
  let pairs = UnsafeMutableRawPointer(work + chunk).assumingMemoryBound(to: UInt32.self)
  let one = vs32_splat(256)
  var begin = 0
  while begin < count {
    let size = count - begin < chunk ? count - begin : chunk
    let flags = flags + begin / flagged
    findPlaces(xs + begin, ys + begin, size, stride, 1, width, height, around: 0, places, flags) {
      vs32_shift_right(parts($0), 8)
    }
    eachPaddedRegister(size, lanes: lanes32) { x in
      if flags[x / flagged] == 0 {
        for i in 0..<(size &- x < lanes32 ? size &- x : lanes32) {
          let p = UnsafeRawPointer(source + Int(places[x &+ i]))
          let upper = UInt32(p.loadUnaligned(as: UInt16.self))
          let lower = UInt32((p + stride).loadUnaligned(as: UInt16.self))
          pairs[x &+ i] = upper | lower << 16
        }
      }
    }
    eachPaddedRegister(size, lanes: lanes32) { x in
      if flags[x / flagged] != 0 { return }
      let fx = vs32_and(parts(vf32_load(xs + begin + x)), vs32_splat(0xff))
      let fy = vs32_and(parts(vf32_load(ys + begin + x)), vs32_splat(0xff))
      // The weights of a pair as two 16-bit numbers: 256 - f and f.
      let across = vs16_from_s32(vs32_add(vs32_sub(one, fx), vs32_shift_left(fx, 16)))
      let down = vs16_from_s32(vs32_add(vs32_sub(one, fy), vs32_shift_left(fy, 16)))
      let four = vu32_load(pairs + x)
      let low = vu32_splat(0x00ff)
      let a = vs16_dot_pairs(spread(vu32_and(four, low), vu32_shift_right(four, 8)), across)
      let b = vs16_dot_pairs(
        spread(vu32_and(vu32_shift_right(four, 16), low), vu32_shift_right(four, 24)), across)
      // At most 255 * 256; halved they fit a signed 16-bit number.
      let both = vs16_from_s32(
        vs32_add(vs32_shift_right(a, 1), vs32_shift_left(vs32_shift_right(b, 1), 16)))
      let sum = vs32_add(vs16_dot_pairs(both, down), vs32_splat(1 << 14))
      vu32_store_u8(out + begin + x, vu32_from_s32(vs32_shift_right(sum, 15)))
    }
    begin &+= chunk
  }
}

/// Two bytes as the two 16-bit halves of a lane; of the second the low byte counts.
@inline(__always)
private func spread(_ first: vu32, _ second: vu32) -> vs16 {
  vs16_from_u32(
    vu32_or(first, vu32_mul(vu32_and(second, vu32_splat(0xff)), vu32_splat(65536))))
}

/// A place in whole parts of 1/256 of a pixel.
@inline(__always)
private func parts(_ place: vf32) -> vs32 {
  vs32_from_f32(vf32_add(vf32_mul(place, vf32_splat(256)), vf32_splat(0.5)))
}

@inline(__always)
private func sampleLinear16(
  _ source: u8_row, _ stride: Int, _ width: Int, _ height: Int, _ xs: f32_row, _ ys: f32_row,
  _ out: MutU16, _ count: Int, _ flags: MutU8, _ work: MutU32
) {
  let places = UnsafeMutableRawPointer(work).assumingMemoryBound(to: Int32.self)
  let upper = work + chunk, lower = work + 2 * chunk
  var begin = 0
  while begin < count {
    let size = count - begin < chunk ? count - begin : chunk
    let flags = flags + begin / flagged
    findPlaces(xs + begin, ys + begin, size, stride, 2, width, height, around: 0, places, flags) {
      vs32_from_f32($0)
    }
    eachPaddedRegister(size, lanes: lanes32) { x in
      if flags[x / flagged] == 0 {
        for i in 0..<(size &- x < lanes32 ? size &- x : lanes32) {
          let p = UnsafeRawPointer(source + Int(places[x &+ i]))
          upper[x &+ i] = p.loadUnaligned(as: UInt32.self)
          lower[x &+ i] = (p + stride).loadUnaligned(as: UInt32.self)
        }
      }
    }
    eachPaddedRegister(size, lanes: lanes32) { x in
      if flags[x / flagged] != 0 { return }
      let px = vf32_load(xs + begin + x), py = vf32_load(ys + begin + x)
      let fx = vf32_sub(px, vf32_from_s32(vs32_from_f32(px)))
      let fy = vf32_sub(py, vf32_from_s32(vs32_from_f32(py)))
      let a = mixPair(vu32_load(upper + x), fx), b = mixPair(vu32_load(lower + x), fx)
      let level = vf32_add(a, vf32_mul(vf32_sub(b, a), fy))
      vu32_store_u16(out + begin + x, rounded(level, 65535))
    }
    begin &+= chunk
  }
}

/// Between the low and the high 16 bits of a lane.
@inline(__always)
private func mixPair(_ pair: vu32, _ part: vf32) -> vf32 {
  let low = vf32_from_s32(vs32_from_u32(vu32_and(pair, vu32_splat(0xffff))))
  let high = vf32_from_s32(vs32_from_u32(vu32_shift_right(pair, 16)))
  return vf32_add(low, vf32_mul(vf32_sub(high, low), part))
}
