import CVectors
import VisionKernelsABI

var rankKernels: rank_kernels {
  rank_kernels(
    sort_columns8: { rows, size, out, stride, count in
      if size == 3 {
        sortColumns3(rows, out, stride, count, lanes: lanes8) { vu8_load($0) } store: {
          vu8_store($0, $1)
        } least: { vu8_min($0, $1) } most: { vu8_max($0, $1) }
      } else {
        sortColumns5(rows, out, stride, count, lanes: lanes8) { vu8_load($0) } store: {
          vu8_store($0, $1)
        } least: { vu8_min($0, $1) } most: { vu8_max($0, $1) }
      }
    },
    sort_columns16: { rows, size, out, stride, count in
      if size == 3 {
        sortColumns3(rows, out, stride, count, lanes: lanes16) { vu16_load($0) } store: {
          vu16_store($0, $1)
        } least: { vu16_min($0, $1) } most: { vu16_max($0, $1) }
      } else {
        sortColumns5(rows, out, stride, count, lanes: lanes16) { vu16_load($0) } store: {
          vu16_store($0, $1)
        } least: { vu16_min($0, $1) } most: { vu16_max($0, $1) }
      }
    },
    median_window8: { columns, size, stride, out, count in
      if size == 3 {
        median3(columns, stride, out, count, lanes: lanes8) { vu8_load($0) } store: {
          vu8_store($0, $1)
        } least: { vu8_min($0, $1) } most: { vu8_max($0, $1) }
      } else {
        median5(columns, stride, out, count, lanes: lanes8) { vu8_load($0) } store: {
          vu8_store($0, $1)
        } least: { vu8_min($0, $1) } most: { vu8_max($0, $1) }
      }
    },
    median_window16: { columns, size, stride, out, count in
      if size == 3 {
        median3(columns, stride, out, count, lanes: lanes16) { vu16_load($0) } store: {
          vu16_store($0, $1)
        } least: { vu16_min($0, $1) } most: { vu16_max($0, $1) }
      } else {
        median5(columns, stride, out, count, lanes: lanes16) { vu16_load($0) } store: {
          vu16_store($0, $1)
        } least: { vu16_min($0, $1) } most: { vu16_max($0, $1) }
      }
    },
    median3_rows8: { rows, upper, lower, count in
      median3Rows(rows, upper, lower, count, lanes: lanes8) { vu8_load($0) } store: {
        vu8_store($0, $1)
      } least: { vu8_min($0, $1) } most: { vu8_max($0, $1) }
    },
    median3_rows16: { rows, upper, lower, count in
      median3Rows(rows, upper, lower, count, lanes: lanes16) { vu16_load($0) } store: {
        vu16_store($0, $1)
      } least: { vu16_min($0, $1) } most: { vu16_max($0, $1) }
    },
    counted_medians8: { countedMedians8($0, $1, $2, $3, $4, $5) },
    bilateral8: { bilateral8($0, $1, $2, $3, $4, $5, $6) },
    interleave8: { first, second, out, count in
      eachPaddedRegister(count, lanes: lanes16) { x in
        let high = vs16_shift_left(vs16_load_u8(second + x), 8)
        vs16_store(out + 2 * x, vs16_or(vs16_load_u8(first + x), high))
      }
    },
    bilateral_pairs8: { bilateralPairs8($0, $1, $2, $3, $4, $5, $6, $7, $8) })
}

@inline(__always)
private func sortColumns3<P, V>(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ out: UnsafeMutablePointer<P>, _ stride: Int,
  _ count: Int, lanes: Int, _ load: (UnsafeRawPointer) -> V,
  store: (UnsafeMutableRawPointer, V) -> Void, least: (V, V) -> V, most: (V, V) -> V
) {
  let size = MemoryLayout<P>.stride
  let low = out, middle = out + stride, high = out + 2 * stride
  eachRegister(count, lanes: lanes) { x in
    let a = load(rows[0] + x * size), b = load(rows[1] + x * size), c = load(rows[2] + x * size)
    let small = least(b, c), large = most(b, c)
    store(low + x, least(a, small))
    store(high + x, most(a, large))
    store(middle + x, most(small, least(a, large)))
  }
}

/// Columns of three are sorted once and serve three windows: the median of nine is the median of
/// the greatest least, the middle middle and the least greatest of the three columns.
@inline(__always)
private func median3<P, V>(
  _ columns: UnsafePointer<P>, _ stride: Int, _ out: UnsafeMutablePointer<P>, _ count: Int,
  lanes: Int, _ load: (UnsafeRawPointer) -> V, store: (UnsafeMutableRawPointer, V) -> Void,
  least: (V, V) -> V, most: (V, V) -> V
) {
  let low = columns, middle = columns + stride, high = columns + 2 * stride
  eachRegister(count, lanes: lanes) { x in
    let bottom = most(most(load(low + x), load(low + x + 1)), load(low + x + 2))
    let top = least(least(load(high + x), load(high + x + 1)), load(high + x + 2))
    let a = load(middle + x), b = load(middle + x + 1), c = load(middle + x + 2)
    let centre = most(least(a, b), least(most(a, b), c))
    store(
      out + x, most(least(bottom, centre), least(most(bottom, centre), top)))
  }
}

/// Two rows at a time share the order of the two rows between; columns are sorted anew for each of
/// the three places that they have in a window, which costs less than to store and fetch them.
@inline(__always)
private func median3Rows<P, V>(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ upper: UnsafeMutablePointer<P>,
  _ lower: UnsafeMutablePointer<P>, _ count: Int, lanes: Int, _ load: (UnsafeRawPointer) -> V,
  store: (UnsafeMutableRawPointer, V) -> Void, least: (V, V) -> V, most: (V, V) -> V
) {
  let size = MemoryLayout<P>.stride
  let (first, second, third, fourth) = (rows[0], rows[1], rows[2], rows[3])
  /// The column sorted with the row above the two, and with the one below them.
  @inline(__always) func columns(_ at: Int) -> (above: (V, V, V), below: (V, V, V)) {
    let b = load(second + at), c = load(third + at)
    let small = least(b, c), large = most(b, c)
    let a = load(first + at), d = load(fourth + at)
    return (
      (least(a, small), most(small, least(a, large)), most(a, large)),
      (least(d, small), most(small, least(d, large)), most(d, large))
    )
  }
  @inline(__always) func median(_ p: (V, V, V), _ q: (V, V, V), _ r: (V, V, V)) -> V {
    let bottom = most(most(p.0, q.0), r.0), top = least(least(p.2, q.2), r.2)
    let centre = most(least(p.1, q.1), least(most(p.1, q.1), r.1))
    return most(least(bottom, centre), least(most(bottom, centre), top))
  }
  eachRegister(count - 2, lanes: lanes) { x in
    let p = columns(x * size), q = columns((x + 1) * size), r = columns((x + 2) * size)
    store(upper + x + 1, median(p.above, q.above, r.above))
    store(lower + x + 1, median(p.below, q.below, r.below))
  }
}

@inline(__always)
private func sortColumns5<P, V>(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ out: UnsafeMutablePointer<P>, _ stride: Int,
  _ count: Int, lanes: Int, _ load: (UnsafeRawPointer) -> V,
  store: (UnsafeMutableRawPointer, V) -> Void, least: (V, V) -> V, most: (V, V) -> V
) {
  @inline(__always) func order(_ a: inout V, _ b: inout V) {
    let small = least(a, b)
    b = most(a, b)
    a = small
  }
  let size = MemoryLayout<P>.stride
  eachRegister(count, lanes: lanes) { x in
    var a = load(rows[0] + x * size), b = load(rows[1] + x * size), c = load(rows[2] + x * size)
    var d = load(rows[3] + x * size), e = load(rows[4] + x * size)
    order(&a, &b)
    order(&d, &e)
    order(&c, &e)
    order(&c, &d)
    order(&a, &d)
    order(&a, &c)
    order(&b, &e)
    order(&b, &d)
    order(&b, &c)
    store(out + x, a)
    store(out + stride + x, b)
    store(out + 2 * stride + x, c)
    store(out + 3 * stride + x, d)
    store(out + 4 * stride + x, e)
  }
}

/// Columns of five are sorted once and serve five windows. Of a window whose columns are sorted the
/// rows are sorted as far as needed: with both sorted, the element in row i and column j has at
/// least (i + 1)(j + 1) - 1 others below it, which leaves 13 that can be the median of 25.
@inline(__always)
private func median5<P, V>(
  _ columns: UnsafePointer<P>, _ stride: Int, _ out: UnsafeMutablePointer<P>, _ count: Int,
  lanes: Int, _ load: (UnsafeRawPointer) -> V, store: (UnsafeMutableRawPointer, V) -> Void,
  least: (V, V) -> V, most: (V, V) -> V
) {
  @inline(__always) func order(_ a: inout V, _ b: inout V) {
    let small = least(a, b)
    b = most(a, b)
    a = small
  }
  eachRegister(count, lanes: lanes) { x in
    @inline(__always) func row(_ i: Int) -> (V, V, V, V, V) {
      let p = columns + i * stride + x
      return (load(p), load(p + 1), load(p + 2), load(p + 3), load(p + 4))
    }
    // The two largest of the first row.
    var (a0, a1, a2, a3, a4) = row(0)
    order(&a0, &a1)
    order(&a2, &a3)
    let a = most(a1, a3)
    let nextA = most(least(a1, a3), most(a0, a2))
    a3 = most(nextA, least(a, a4))
    a4 = most(a, a4)
    // The three largest of the second: the least goes twice.
    var (b0, b1, b2, b3, b4) = row(1)
    order(&b0, &b1)
    order(&b2, &b3)
    order(&b0, &b2)
    b4 = most(b0, b4)
    order(&b1, &b3)
    order(&b1, &b2)
    b4 = most(b1, b4)
    // The middle three of the third: the least and the greatest go.
    var (c0, c1, c2, c3, c4) = row(2)
    order(&c0, &c1)
    order(&c2, &c3)
    order(&c0, &c2)
    order(&c1, &c3)
    c3 = least(c3, most(c0, c4))
    // The three least of the fourth.
    var (d0, d1, d2, d3, d4) = row(3)
    order(&d0, &d1)
    order(&d2, &d3)
    order(&d1, &d3)
    d4 = least(d3, d4)
    order(&d0, &d2)
    order(&d1, &d2)
    d4 = least(d2, d4)
    // The two least of the fifth.
    var (e0, e1, e2, e3, e4) = row(4)
    order(&e0, &e1)
    order(&e2, &e3)
    let e = least(e0, e2)
    let nextE = least(most(e0, e2), least(e1, e3))
    e1 = least(nextE, most(e, e4))
    e0 = least(e, e4)
    store(
      out + x,
      medianOf13(
        (a3, a4, b2, b3, b4, c1, c2, c3, d0, d1, d4, e0, e1), least: least, most: most))
  }
}

/// The seventh of 13: from any eight of them neither the least nor the greatest can be the median,
/// so both are dropped and the next comes in, until one is left.
@inline(__always)
private func medianOf13<V>(
  _ v: (V, V, V, V, V, V, V, V, V, V, V, V, V), least: (V, V) -> V, most: (V, V) -> V
) -> V {
  @inline(__always) func order(_ a: inout V, _ b: inout V) {
    let small = least(a, b)
    b = most(a, b)
    a = small
  }
  var (a, b, c, d, e, f, g, h) = (v.0, v.1, v.2, v.3, v.4, v.5, v.6, v.7)
  // Eight: the least comes to a, the greatest to h.
  order(&a, &b)
  order(&c, &d)
  order(&e, &f)
  order(&g, &h)
  order(&a, &c)
  order(&e, &g)
  order(&a, &e)
  order(&b, &d)
  order(&f, &h)
  order(&d, &h)
  a = v.8
  // Seven: b ... g and a.
  order(&a, &b)
  order(&c, &d)
  order(&e, &f)
  order(&a, &c)
  order(&a, &e)
  order(&a, &g)
  order(&b, &d)
  order(&d, &f)
  order(&f, &g)
  // a least, g greatest: gone.
  a = v.9
  // Six: a b c d e f.
  order(&a, &b)
  order(&c, &d)
  order(&e, &f)
  order(&a, &c)
  order(&a, &e)
  order(&b, &f)
  order(&d, &f)
  a = v.10
  // Five: a b c d e.
  order(&a, &b)
  order(&c, &d)
  order(&a, &c)
  order(&a, &e)
  order(&b, &d)
  order(&e, &d)
  a = v.11
  // Four: a b c e.
  order(&a, &b)
  order(&c, &e)
  a = most(a, c)
  e = least(b, e)
  // Three left: two of these four are gone, and the last comes in.
  return most(least(a, e), least(most(a, e), v.12))
}

/// exp2 of a number from -126 to 0: the whole part goes into the exponent, the rest through a
/// polynomial that is right to 1e-4.
@inline(__always)
private func exp2(_ value: vf32) -> vf32 {
  let limited = vf32_max(value, vf32_splat(-126))
  // Adding 1.5 * 2^23 leaves the nearest whole number in the low bits.
  let shifted = vf32_add(limited, vf32_splat(12_582_912))
  let part = vf32_sub(limited, vf32_sub(shifted, vf32_splat(12_582_912)))
  var power = vf32_add(vf32_mul(part, vf32_splat(0.055828)), vf32_splat(0.240227))
  power = vf32_add(vf32_mul(power, part), vf32_splat(0.693147))
  power = vf32_add(vf32_mul(power, part), vf32_splat(1))
  return vf32_from_bits(
    vs32_add(vf32_bits(power), vs32_shift_left(vf32_bits(shifted), 23)))
}

@inline(__always)
private func bilateral8(
  _ source: u8_row, _ offsets: UnsafePointer<Int>, _ distances: f32_row, _ neighbours: Int,
  _ colour: Float, _ out: MutU8, _ count: Int
) {
  let factor = vf32_splat(colour)
  eachPaddedRegister(count, lanes: lanes32) { x in
    let here = vf32_load_u8(source + x)
    var weights = vf32_splat(1)
    // Differences are summed: of pixels near each other they are small numbers.
    var sum = vf32_splat(0)
    for i in 0..<neighbours {
      let difference = vf32_sub(vf32_load_u8(source + x + offsets[i]), here)
      let power = vf32_add(
        vf32_mul(vf32_mul(difference, difference), factor), vf32_splat(distances[i]))
      let weight = exp2(power)
      weights = vf32_add(weights, weight)
      sum = vf32_add(sum, vf32_mul(weight, difference))
    }
    let level = vf32_add(here, vf32_div(sum, weights))
    vu32_store_u8(out + x, rounded(level, 255))
  }
}

/// exp(-16 y) as a fraction of 2^16, y as a fraction of 2^16: a parabola that is exp(-y) nearly
/// enough, to the 16th by squaring. Whatever it errs, an average of levels errs by less than 0.6.
@inline(__always)
private func powerOf16(_ y: vu16) -> vu16 {
  let bend = vu16_sub(vu16_splat(64_684), vu16_mul_high(y, vu16_splat(26_738)))
  var power = vu16_sub(vu16_splat(65_535), vu16_mul_high(y, bend))
  for _ in 0..<4 { power = vu16_mul_high(power, power) }
  return power
}

@inline(__always)
private func bilateralPairs8(
  _ here: u8_row, _ offsets: UnsafePointer<Int>, _ weights: u32_row, _ pairs: Int, _ most: UInt16,
  _ scale: UInt16, _ slope: UInt16, _ out: MutU8, _ count: Int
) {
  let most = vu16_splat(most), scale = vu16_splat(scale), slope = vu16_splat(slope)
  let ones = vs16_splat(1)
  eachPaddedRegister(count, lanes: lanes32) { x in
    let level = vs16_load_u8(here + 2 * x)
    // 256 neighbours of weight 32767 and level 255 fit in 31 bits.
    var weight = vs32_splat(0), sum = vs32_splat(0)
    for i in 0..<pairs {
      let levels = vs16_load_u8(here + 2 * x + offsets[i])
      let difference = vu16_min(vu16_from_s16(vs16_abs(vs16_sub(levels, level))), most)
      let square = vu16_mul(vu16_mul(difference, scale), difference)
      let likeness = powerOf16(vu16_mul_high(square, slope))
      let share = vs16_from_u16(
        vu16_mul_high(likeness, vu16_from_u32(vu32_splat(weights[i]))))
      weight = vs32_add(weight, vs16_dot_pairs(share, ones))
      sum = vs32_add(sum, vs16_dot_pairs(share, levels))
    }
    vu32_store_u8(out + x, rounded(vf32_div(vf32_from_s32(sum), vf32_from_s32(weight)), 255))
  }
}
