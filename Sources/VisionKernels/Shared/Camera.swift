import CVectors
import VisionKernelsABI

var cameraKernels: camera_kernels {
  camera_kernels(
    unpack: { source, bytes, out, count, plan in
      let plan = plan.pointee
      var done = 0, place = 0
      // A whole block is read, also where eight samples are fewer bytes.
      while done + 8 <= count && place + 16 <= bytes {
        let block = block8_load(source + place)
        let words = block16_join(
          block8_shuffle(block, plan.high), plan.shift, block8_shuffle(block, plan.low),
          plan.factors, plan.down, plan.mask)
        block16_store(out + done, words)
        done += 8
        place += plan.step
      }
      return done
    },
    yuv422: { source, out, count, luma, u, v in
      eachPairs(count) { x in
        let group = vu32_load(source + 2 * x)
        storeColours(
          byte(group, luma), byte(group, luma + 2), byte(group, u), byte(group, v), to: out + 3 * x)
      }
    },
    yuv420: { luma, colour, out, count, vFirst in
      eachPairs(count) { x in
        let greys = vu32_load_u16(luma + x), differences = vu32_load_u16(colour + x)
        storeColours(
          byte(greys, 0), byte(greys, 1), byte(differences, vFirst), byte(differences, 1 - vFirst),
          to: out + 3 * x)
      }
    })
}

/// Calls `body` for the first pixel of every register of whole pairs; answers how many pixels these
/// are.
@inline(__always)
private func eachPairs(_ count: Int, _ body: (Int) -> Void) -> Int {
  var x = 0
  while x + 2 * lanes32 <= count {
    body(x)
    x += 2 * lanes32
  }
  return x
}

/// One byte of every lane.
@inline(__always)
private func byte(_ lanes: vu32, _ place: Int) -> vs32 {
  let shifted = vu32_shift_right(lanes, Int32(truncatingIfNeeded: 8 * place))
  return vs32_from_u32(vu32_and(shifted, vu32_splat(255)))
}

/// Two pixels a lane that share their colour differences. Luma adds at most 239 * 1220542 and the
/// differences less than 2^29: everything stays inside 32 bits.
@inline(__always)
private func storeColours(_ first: vs32, _ second: vs32, _ u: vs32, _ v: vs32, to out: MutU8) {
  let middle = vs32_splat(128), half = vs32_splat(1 << 19)
  let du = vs32_sub(u, middle), dv = vs32_sub(v, middle)
  let red = vs32_add(half, vs32_mul(dv, vs32_splat(1_673_527)))
  let green = vs32_sub(
    vs32_sub(half, vs32_mul(dv, vs32_splat(852_492))), vs32_mul(du, vs32_splat(409_993)))
  let blue = vs32_add(half, vs32_mul(du, vs32_splat(2_116_026)))
  let a = grey(first), b = grey(second)
  let low = vu32_or(level(a, red), vu32_shift_left(level(a, green), 8))
  let high = vu32_or(
    vu32_shift_left(level(a, blue), 16), vu32_shift_left(level(b, red), 24))
  let rest = vu32_or(level(b, green), vu32_shift_left(level(b, blue), 8))
  vu32_store_sixes(out, vu32_or(low, high), rest)
}

@inline(__always)
private func grey(_ luma: vs32) -> vs32 {
  vs32_mul(vs32_max(vs32_sub(luma, vs32_splat(16)), vs32_splat(0)), vs32_splat(1_220_542))
}

@inline(__always)
private func level(_ grey: vs32, _ difference: vs32) -> vu32 {
  let sum = vs32_shift_right(vs32_add(grey, difference), 20)
  return vu32_from_s32(vs32_min(vs32_max(sum, vs32_splat(0)), vs32_splat(255)))
}
