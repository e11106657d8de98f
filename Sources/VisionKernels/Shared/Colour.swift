import CVectors
import VisionKernelsABI

var colourKernels: colour_kernels {
  colour_kernels(
    gray8: { source, out, count in
      eachWhole(count, lanes: lanes8) { x in
        let p = source + 3 * x
        vu8_store(
          out + x,
          brightness(vu8_load_channel(p, 0), vu8_load_channel(p, 1), vu8_load_channel(p, 2)))
      } rest: { x in
        let p = source + 3 * x
        let sum = 9798 &* UInt32(p[0]) &+ 19235 &* UInt32(p[1]) &+ 3735 &* UInt32(p[2])
        out[x] = UInt8(truncatingIfNeeded: (sum &+ 16384) >> 15)
      }
    },
    demosaic8: { above, here, below, out, count, first, swap in
      demosaic8(above, here, below, out, count, first, swap, alongEdges: false)
    },
    demosaic16: { above, here, below, out, count, first, swap in
      demosaic16(above, here, below, out, count, first, swap, alongEdges: false)
    },
    demosaic_along_edges8: { above, here, below, out, count, first, swap in
      demosaic8(above, here, below, out, count, first, swap, alongEdges: true)
    },
    demosaic_along_edges16: { above, here, below, out, count, first, swap in
      demosaic16(above, here, below, out, count, first, swap, alongEdges: true)
    },
    hsv8: { hsvRow8($0, $1, $2, $3, $4, $5) },
    lab8: { labRow8($0, $1, $2, $3, $4, $5, $6) })
}

/// 0.299 red + 0.587 green + 0.114 blue in 15-bit parts; pixels with even and odd numbers by turns.
@inline(__always)
private func brightness(_ red: vu8, _ green: vu8, _ blue: vu8) -> vu8 {
  let pairRG = vs16_from_u32(vu32_splat(9798 | 19235 << 16))
  let pairB1 = vs16_from_u32(vu32_splat(3735 | 16384 << 16))
  let one = vs16_splat(1)
  @inline(__always) func weighed(_ red: vu16, _ green: vu16, _ blue: vu16) -> vu16 {
    let r = vs16_from_u16(red), g = vs16_from_u16(green), b = vs16_from_u16(blue)
    let low = vs32_add(
      vs16_dot_pairs(vs16_interleave_low(r, g), pairRG),
      vs16_dot_pairs(vs16_interleave_low(b, one), pairB1))
    let high = vs32_add(
      vs16_dot_pairs(vs16_interleave_high(r, g), pairRG),
      vs16_dot_pairs(vs16_interleave_high(b, one), pairB1))
    return vs32_pack_u16(vs32_shift_right(low, 15), vs32_shift_right(high, 15))
  }
  let red = vu16_from_u8(red), green = vu16_from_u8(green), blue = vu16_from_u8(blue)
  let low = vu16_splat(0xff)
  let even = weighed(vu16_and(red, low), vu16_and(green, low), vu16_and(blue, low))
  let odd = weighed(
    vu16_shift_right(red, 8), vu16_shift_right(green, 8), vu16_shift_right(blue, 8))
  return vu8_from_u16(vu16_or(even, vu16_shift_left(odd, 8)))
}

@inline(__always)
private func demosaic8(
  _ above: u8_row, _ here: u8_row, _ below: u8_row, _ out: MutU8, _ count: Int, _ first: Int,
  _ swap: Int, alongEdges: Bool
) {
  @inline(__always) func distance(_ a: vu8, _ b: vu8) -> vu8 { vu8_sub(vu8_max(a, b), vu8_min(a, b)) }
  demosaic(
    above, here, below, out, count, first, swap, alongEdges: alongEdges, lanes: lanes8,
    mask: vu8_from_u16(vu16_splat(first == 1 ? 0x00ff : 0xff00)), one: vu8_splat(1),
    load: { vu8_load($0) }, average: { vu8_average($0, $1) }, xor: { vu8_xor($0, $1) },
    or: { vu8_or($0, $1) }, and: { vu8_and($0, $1) }, sub: { vu8_sub($0, $1) },
    select: { vu8_select($0, $1, $2) },
    differMore: { vu8_greater(distance($0, $1), distance($2, $3)) },
    store: { vu8_store_triples($0, $1, $2, $3) })
}

@inline(__always)
private func demosaic16(
  _ above: u16_row, _ here: u16_row, _ below: u16_row, _ out: MutU16, _ count: Int, _ first: Int,
  _ swap: Int, alongEdges: Bool
) {
  @inline(__always) func distance(_ a: vu16, _ b: vu16) -> vu16 {
    vu16_sub(vu16_max(a, b), vu16_min(a, b))
  }
  demosaic(
    above, here, below, out, count, first, swap, alongEdges: alongEdges, lanes: lanes16,
    mask: vu16_from_u32(vu32_splat(first == 1 ? 0x0000_ffff : 0xffff_0000)), one: vu16_splat(1),
    load: { vu16_load($0) }, average: { vu16_average($0, $1) }, xor: { vu16_xor($0, $1) },
    or: { vu16_or($0, $1) }, and: { vu16_and($0, $1) }, sub: { vu16_sub($0, $1) },
    select: { vu16_select($0, $1, $2) },
    differMore: { vu16_greater(distance($0, $1), distance($2, $3)) },
    store: { vu16_store_triples($0, $1, $2, $3) })
}

/// All that a pixel may want of its neighbours is computed for every pixel, and every second of
/// each is taken.
@inline(__always)
private func demosaic<P: FixedWidthInteger & UnsignedInteger, V>(
  _ above: UnsafePointer<P>, _ here: UnsafePointer<P>, _ below: UnsafePointer<P>,
  _ out: UnsafeMutablePointer<P>, _ count: Int, _ first: Int, _ swap: Int, alongEdges: Bool,
  lanes: Int, mask: V, one: V, load: (UnsafePointer<P>) -> V, average: (V, V) -> V, xor: (V, V) -> V, or: (V, V) -> V,
  and: (V, V) -> V, sub: (V, V) -> V, select: (V, V, V) -> V,
  differMore: (V, V, V, V) -> V, store: (UnsafeMutablePointer<P>, V, V, V) -> Void
) {
  /// (a + b + c + d + 2) / 4 of the means of two and two: rounded up twice it is one too much where
  /// a half was lost in both steps.
  @inline(__always) func middle(_ p: V, _ q: V, _ halves: V) -> V {
    sub(average(p, q), and(and(halves, xor(p, q)), one))
  }
  eachWhole(count - 2, lanes: lanes) { i in
    let x = i + 1
    let left = load(here + x - 1), right = load(here + x + 1), own = load(here + x)
    let upper = load(above + x), lower = load(below + x)
    let beside = average(left, right), around = average(upper, lower)
    let cross =
      alongEdges
      ? select(differMore(left, right, upper, lower), around, beside)
      : middle(beside, around, or(xor(left, right), xor(upper, lower)))
    let a = load(above + x - 1), b = load(above + x + 1)
    let c = load(below + x - 1), d = load(below + x + 1)
    let corners = middle(average(a, b), average(c, d), or(xor(a, b), xor(c, d)))
    let same = select(mask, own, beside), opposite = select(mask, corners, around)
    let green = select(mask, cross, own)
    if swap == 0 {
      store(out + 3 * x, same, green, opposite)
    } else {
      store(out + 3 * x, opposite, green, same)
    }
  } rest: { i in
    let x = i + 1
    @inline(__always) func mean(_ values: (P, P, P, P)) -> P {
      let sum = UInt32(values.0) + UInt32(values.1) + UInt32(values.2) + UInt32(values.3)
      return P(truncatingIfNeeded: (sum + 2) >> 2)
    }
    let isColoured = x & 1 == first
    let beside = mean((here[x - 1], here[x + 1], here[x - 1], here[x + 1]))
    let around = mean((above[x], below[x], above[x], below[x]))
    let same = isColoured ? here[x] : beside
    let opposite =
      isColoured
      ? mean((above[x - 1], above[x + 1], below[x - 1], below[x + 1])) : around
    @inline(__always) func distance(_ a: P, _ b: P) -> P { a > b ? a - b : b - a }
    let isAcross = distance(here[x - 1], here[x + 1]) > distance(above[x], below[x])
    let cross =
      alongEdges
      ? (isAcross ? around : beside) : mean((here[x - 1], here[x + 1], above[x], below[x]))
    out[3 * x] = swap == 0 ? same : opposite
    out[3 * x + 1] = isColoured ? cross : here[x]
    out[3 * x + 2] = swap == 0 ? opposite : same
  }
}
