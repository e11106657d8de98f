import CVectors
import VisionKernelsABI

// Three numbers of the three of a pixel: a block of pixels is parted into its channels in `work`, mapped
// by 32-bit lanes, and put together again. What is left at a row's end is mapped as a block of its own.

func hsvRow8(
  _ source: u8_row, _ out: MutU8, _ count: Int, _ hues: UnsafePointer<Int32>,
  _ saturations: UnsafePointer<Int32>, _ work: MutU8
) {
  let half = vs32_splat(2048), circle = vs32_splat(180), white = vs32_splat(255), zero = vs32_splat(0)
  eachColourBlock(source, out, count, work) { red, green, blue in
    let value = vs32_max(red, vs32_max(green, blue))
    let spread = vs32_sub(value, vs32_min(red, vs32_min(green, blue)))
    let share = vs32_mul(spread, fetch(saturations, value))
    let saturation = vs32_min(vs32_shift_right(vs32_add(share, half), 12), white)
    let fromBlue = vs32_add(vs32_sub(red, green), vs32_shift_left(spread, 2))
    let fromGreen = vs32_add(vs32_sub(blue, red), vs32_shift_left(spread, 1))
    let sixth = vs32_select(
      vs32_equal(value, red), vs32_sub(green, blue),
      vs32_select(vs32_equal(value, green), fromGreen, fromBlue))
    let hue = vs32_shift_right(vs32_add(vs32_mul(sixth, fetch(hues, spread)), half), 12)
    let turned = vs32_add(hue, vs32_and(vs32_greater(zero, hue), circle))
    return (turned, saturation, value)
  }
}

func labRow8(
  _ source: u8_row, _ out: MutU8, _ count: Int, _ linear: UnsafePointer<Int32>,
  _ bent: UnsafePointer<Int32>, _ parts: UnsafePointer<Int32>, _ work: MutU8
) {
  let zero = vs32_splat(0), white = vs32_splat(255)
  // Light is at most 2040 and parts are below 4096, so two products of 16 bits are summed at a time.
  @inline(__always) func pair(_ low: vs32, _ high: vs32) -> vs16 {
    vs16_from_s32(vs32_or(low, vs32_shift_left(high, 16)))
  }
  @inline(__always) func axisParts(_ i: Int) -> (redGreen: vs16, blueHalf: vs16) {
    (
      pair(vs32_splat(parts[i]), vs32_splat(parts[i + 1])),
      pair(vs32_splat(parts[i + 2]), vs32_splat(2048))
    )
  }
  let (xParts, yParts, zParts) = (axisParts(0), axisParts(3), axisParts(6))
  eachColourBlock(source, out, count, work) { red, green, blue in
    let redGreen = pair(fetch(linear, red), fetch(linear, green))
    let blueOne = pair(fetch(linear, blue), vs32_splat(1))
    @inline(__always) func axis(_ parts: (redGreen: vs16, blueHalf: vs16)) -> vs32 {
      let sum = vs32_add(
        vs16_dot_pairs(redGreen, parts.redGreen), vs16_dot_pairs(blueOne, parts.blueHalf))
      return fetch(bent, vs32_shift_right(sum, 12))
    }
    @inline(__always) func level(_ factor: Int32, _ a: vs32, _ offset: Int32) -> vs32 {
      let sum = vs32_add(vs32_mul(vs32_splat(factor), a), vs32_splat(offset + 16384))
      return vs32_min(vs32_max(vs32_shift_right(sum, 15), zero), white)
    }
    let x = axis(xParts), y = axis(yParts), z = axis(zParts)
    // 116 * 2.55 and 16 * 2.55 * 32768.
    return (
      level(296, y, -1_336_934), level(500, vs32_sub(x, y), 128 << 15),
      level(200, vs32_sub(y, z), 128 << 15)
    )
  }
}

@inline(__always)
private func fetch(_ table: UnsafePointer<Int32>, _ index: vs32) -> vs32 {
  vs32_from_u32(vu32_gather(table, vs32_shift_left(index, 2)))
}

@inline(__always)
private func eachColourBlock(
  _ source: u8_row, _ out: MutU8, _ count: Int, _ work: MutU8,
  _ map: (vs32, vs32, vs32) -> (vs32, vs32, vs32)
) {
  let lanes = lanes8
  @inline(__always) func block(_ from: u8_row, _ to: MutU8) {
    for c in 0..<3 { vu8_store(work + c * lanes, vu8_load_channel(from, Int32(c))) }
    var x = 0
    while x < lanes {
      let mapped = map(
        vs32_from_u32(vu32_load_u8(work + x)), vs32_from_u32(vu32_load_u8(work + lanes + x)),
        vs32_from_u32(vu32_load_u8(work + 2 * lanes + x)))
      vu32_store_u8(work + x, vu32_from_s32(mapped.0))
      vu32_store_u8(work + lanes + x, vu32_from_s32(mapped.1))
      vu32_store_u8(work + 2 * lanes + x, vu32_from_s32(mapped.2))
      x += lanes32
    }
    vu8_store_triples(to, vu8_load(work), vu8_load(work + lanes), vu8_load(work + 2 * lanes))
  }
  var x = 0
  while x + lanes <= count {
    block(source + 3 * x, out + 3 * x)
    x += lanes
  }
  guard x < count else { return }
  let rest = work + 3 * lanes
  for i in 0..<3 * (count - x) { rest[i] = source[3 * x + i] }
  block(rest, rest)
  for i in 0..<3 * (count - x) { out[3 * x + i] = rest[i] }
}
