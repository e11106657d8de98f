import CVectors
import VisionKernelsABI

var distanceKernels: distance_kernels {
  distance_kernels(
    grow8: { source, above, out, count in
      for x in 0..<count { out[x] = source[x] == 0 ? 0 : (above[x] < 32767 ? above[x] &+ 1 : 32767) }
    },
    grow16: { source, above, out, count in
      for x in 0..<count { out[x] = source[x] == 0 ? 0 : (above[x] < 32767 ? above[x] &+ 1 : 32767) }
    },
    sweep: { here, columns, count in
      let one = vu16_splat(1)
      eachPaddedRegister(count, lanes: lanes16) { x in
        let below = vu16_add(vu16_load(columns + x), one)
        vu16_store(columns + x, vu16_min(vu16_load(here + x), below))
      }
    },
    square: { columns, out, count in
      // Past the row stands what must not count.
      var largest: UInt16 = 0
      for x in 0..<count {
        let value = columns[x]
        if value > largest { largest = value }
        out[x] = UInt32(truncatingIfNeeded: value) &* UInt32(truncatingIfNeeded: value)
      }
      return Int(largest)
    },
    nearest: { squares, reach, out, count in
      let top = vf32_splat(65535)
      eachPaddedRegister(count, lanes: lanes32) { x in
        var best = vu32_load(squares + x + reach)
        var k = 1
        // No column further away than the farthest of these distances can be nearer.
        while k <= reach {
          let offset = UInt32(truncatingIfNeeded: k &* k)
          if (k & 3) == 1, offset >= vu32_largest(best) { break }
          let near = vu32_min(vu32_load(squares + x + reach - k), vu32_load(squares + x + reach + k))
          best = vu32_min(best, vu32_add(near, vu32_splat(offset)))
          k &+= 1
        }
        // Whole numbers below 2^24 are exact in single precision; larger ones saturate anyway.
        let limited = vu32_min(best, vu32_splat(65536))
        let root = vf32_sqrt(vf32_from_s32(vs32_from_u32(limited)))
        let level = vf32_min(vf32_mul(root, vf32_splat(256)), top)
        vu32_store_u16(out + x, vu32_from_s32(vs32_from_f32(vf32_add(level, vf32_splat(0.5)))))
      }
    })
}
