import CVectors
import VisionKernelsABI

// Sixteen pixels around a place, weighed by cubic polynomials. A row's four pixels are fetched place by
// place, everything else is done for a register of places at once.

/// Places at a time: few enough for the first-level cache, enough for what is stored one by one to have
/// left the store buffer when it is loaded by the register.
private let chunk = 64

@inline(__always)
func sampleCubic8(
  _ source: u8_row, _ stride: Int, _ width: Int, _ height: Int, _ xs: f32_row, _ ys: f32_row,
  _ out: MutU8, _ count: Int, _ flags: MutU8, _ work: MutU32
) {
  let four = work + chunk
  let low = vu32_splat(0xff)
  sampleCubic(source, stride, width, height, 1, xs, ys, count, flags, work) { corner, places, row, i in
    quad_fetch(corner, places, 1, four + (row * chunk + i))
  } fetchOne: { place, row, i in
    four[row * chunk + i] = place.loadUnaligned(as: UInt32.self)
  } row: { row, x in
    let pixels = vu32_load(four + (row * chunk + x))
    return (
      level(vu32_and(pixels, low)), level(vu32_and(vu32_shift_right(pixels, 8), low)),
      level(vu32_and(vu32_shift_right(pixels, 16), low)), level(vu32_shift_right(pixels, 24))
    )
  } store: { x, sum in
    vu32_store_u8(out + x, rounded(sum, 255))
  }
}

@inline(__always)
func sampleCubic16(
  _ source: u8_row, _ stride: Int, _ width: Int, _ height: Int, _ xs: f32_row, _ ys: f32_row,
  _ out: MutU16, _ count: Int, _ flags: MutU8, _ work: MutU32
) {
  let left = work + chunk, right = left + 4 * chunk
  let low = vu32_splat(0xffff)
  sampleCubic(source, stride, width, height, 2, xs, ys, count, flags, work) { corner, places, row, i in
    quad_fetch(corner, places, 1, left + (row * chunk + i))
    quad_fetch(corner + 4, places, 1, right + (row * chunk + i))
  } fetchOne: { place, row, i in
    left[row * chunk + i] = place.loadUnaligned(as: UInt32.self)
    right[row * chunk + i] = place.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
  } row: { row, x in
    let a = vu32_load(left + (row * chunk + x)), b = vu32_load(right + (row * chunk + x))
    return (
      level(vu32_and(a, low)), level(vu32_shift_right(a, 16)),
      level(vu32_and(b, low)), level(vu32_shift_right(b, 16))
    )
  } store: { x, sum in
    vu32_store_u16(out + x, rounded(sum, 65535))
  }
}

private typealias Four = (vf32, vf32, vf32, vf32)

@inline(__always)
private func sampleCubic(
  _ source: u8_row, _ stride: Int, _ width: Int, _ height: Int, _ pixelBytes: Int, _ xs: f32_row,
  _ ys: f32_row, _ count: Int, _ flags: MutU8, _ work: MutU32,
  fetch: (_ corner: UnsafeRawPointer, _ places: UnsafePointer<Int32>, _ row: Int, _ i: Int) -> Void,
  fetchOne: (_ place: UnsafeRawPointer, _ row: Int, _ i: Int) -> Void,
  row: (_ row: Int, _ x: Int) -> Four, store: (_ x: Int, _ sum: vf32) -> Void
) {
  let places = UnsafeMutableRawPointer(work).assumingMemoryBound(to: Int32.self)
  var begin = 0
  while begin < count {
    let size = count - begin < chunk ? count - begin : chunk
    let flags = flags + begin / flagged
    findPlaces(
      xs + begin, ys + begin, size, stride, Int32(truncatingIfNeeded: pixelBytes), width, height,
      around: 1, places, flags
    ) { vs32_from_f32($0) }
    let corner = UnsafeRawPointer(source) - (stride + pixelBytes)
    eachQuad(size) { i in
      guard flags[i / flagged] == 0 else { return }
      for row in 0..<4 { fetch(corner + row * stride, places + i, row, i) }
    } rest: { i in
      guard flags[i / flagged] == 0 else { return }
      for row in 0..<4 { fetchOne(corner + (Int(places[i]) + row * stride), row, i) }
    }
    eachPaddedRegister(size, lanes: lanes32) { x in
      if flags[x / flagged] != 0 { return }
      let across = cubicWeights(fraction(vf32_load(xs + begin + x)))
      let down = cubicWeights(fraction(vf32_load(ys + begin + x)))
      func line(_ i: Int) -> vf32 { weighed(row(i, x), across) }
      let sum = weighed((line(0), line(1), line(2), line(3)), down)
      store(begin + x, sum)
    }
    begin &+= chunk
  }
}

@inline(__always)
private func weighed(_ pixels: Four, _ weights: Four) -> vf32 {
  let outer = vf32_add(vf32_mul(pixels.0, weights.0), vf32_mul(pixels.3, weights.3))
  return vf32_add(vf32_add(vf32_mul(pixels.1, weights.1), vf32_mul(pixels.2, weights.2)), outer)
}

@inline(__always)
private func level(_ pixel: vu32) -> vf32 { vf32_from_s32(vs32_from_u32(pixel)) }

/// What is beyond the whole pixel; places are not negative.
@inline(__always)
private func fraction(_ place: vf32) -> vf32 {
  vf32_sub(place, vf32_from_s32(vs32_from_f32(place)))
}

/// Of the pixels one before, at, one and two after the whole place; OpenCV's polynomial.
@inline(__always)
private func cubicWeights(_ t: vf32) -> Four {
  let a: Float = -0.75, one = vf32_splat(1)
  let s = vf32_sub(one, t)
  /// a t s², the weight beyond the near pixel on the side of s.
  func far(_ t: vf32, _ s: vf32) -> vf32 { vf32_mul(vf32_mul(vf32_splat(a), t), vf32_mul(s, s)) }
  func near(_ t: vf32) -> vf32 {
    let slope = vf32_sub(vf32_mul(vf32_splat(a + 2), t), vf32_splat(a + 3))
    return vf32_add(vf32_mul(vf32_mul(slope, t), t), one)
  }
  return (far(t, s), near(t), near(s), far(s, t))
}
