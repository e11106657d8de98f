import CVectors
import VisionKernelsABI

var correlateKernels: correlate_kernels {
  correlate_kernels(
    quads8: { source, out, count in
      for x in 0..<count {
        out[x] = UnsafeRawPointer(source + x).loadUnaligned(as: UInt32.self)
      }
    },
    running8: { source, sums, squares, count in
      var sum: UInt32 = 0, square: UInt32 = 0
      for x in 0..<count {
        sums[x] = sum
        squares[x] = square
        let value = UInt32(source[x])
        sum = sum &+ value
        square = square &+ value &* value
      }
    },
    dots8: { quads, offsets, words, terms, out, count in
      // Four registers of places share the broadcasts of the template's words, and four terms the
      // widening to 32 bits.
      var x = 0
      while x < count {
        var a = vs32_splat(0), b = a, c = a, d = a
        let here = quads + x
        var i = 0
        while i < terms {
          var p = vs16_splat(0), q = p, r = p, s = p
          for k in i..<i &+ 4 {
            let word = vu32_splat(UInt32(bitPattern: words[k]))
            let at = here + Int(offsets[k])
            p = vs16_add(p, vu32_dot_pairs(vu32_load(at), word))
            q = vs16_add(q, vu32_dot_pairs(vu32_load(at + lanes32), word))
            r = vs16_add(r, vu32_dot_pairs(vu32_load(at + 2 &* lanes32), word))
            s = vs16_add(s, vu32_dot_pairs(vu32_load(at + 3 &* lanes32), word))
          }
          a = vs32_add(a, vs16_add_pairs(p))
          b = vs32_add(b, vs16_add_pairs(q))
          c = vs32_add(c, vs16_add_pairs(r))
          d = vs32_add(d, vs16_add_pairs(s))
          i &+= 4
        }
        vs32_store(out + x, a)
        vs32_store(out + x + lanes32, b)
        vs32_store(out + x + 2 &* lanes32, c)
        vs32_store(out + x + 3 &* lanes32, d)
        x += 4 &* lanes32
      }
    },
    spans: { running, starts, ends, spans, out, count in
      eachPaddedRegister(count, lanes: lanes32) { x in
        var sum = vu32_splat(0)
        for i in 0..<spans {
          sum = vu32_add(
            sum,
            vu32_sub(vu32_load(running + x + Int(ends[i])), vu32_load(running + x + Int(starts[i]))))
        }
        vu32_store(out + x, sum)
      }
    },
    rate: { dots, sums, squares, weights, either, pose, best, poses, count in
      let pixels = vf32_splat(weights[0]), mean = vf32_splat(weights[1])
      let strength = vf32_splat(weights[2]), floor = vf32_splat(weights[3])
      let inverse = vf32_splat(1 / weights[0])
      let zero = vf32_splat(0), this = vs32_splat(pose)
      eachPaddedRegister(count, lanes: lanes32) { x in
        let sum = vf32_from_s32(vs32_load(sums + x))
        let level = vf32_mul(sum, inverse)
        let power = vf32_sub(
          vf32_mul(vf32_from_s32(vs32_shift_right_unsigned(vs32_load(squares + x), 1)), vf32_splat(2)),
          vf32_mul(sum, level))
        let product = vf32_sub(vf32_from_s32(vs32_load(dots + x)), vf32_mul(mean, sum))
        var score = vf32_div(
          product, vf32_mul(strength, vf32_sqrt(vf32_max(power, vf32_mul(floor, pixels)))))
        if either != 0 { score = vf32_max(score, vf32_sub(zero, score)) }
        let before = vf32_load(best + x)
        let better = vf32_greater(score, before)
        vf32_store(best + x, vf32_select(better, score, before))
        vs32_store(poses + x, vs32_select(better, this, vs32_load(poses + x)))
      }
    },
    sample8: { source, stride, width, height, xs, ys, pose, out, count in
      let a = vf32_splat(pose[2]), b = vf32_splat(pose[3])
      let left = vf32_splat(pose[0]), top = vf32_splat(pose[1]), zero = vf32_splat(0)
      let right = vf32_splat(Float(width &- 1)), bottom = vf32_splat(Float(height &- 1))
      let step = vs32_splat(Int32(truncatingIfNeeded: stride)), byte = vs32_splat(255)
      var inside = vs32_splat(0)
      eachPaddedRegister(count, lanes: lanes32) { i in
        let px = vf32_load(xs + i), py = vf32_load(ys + i)
        let x = vf32_add(left, vf32_add(vf32_mul(a, px), vf32_mul(b, py)))
        let y = vf32_add(top, vf32_sub(vf32_mul(a, py), vf32_mul(b, px)))
        let seen = vs32_and(
          vs32_and(vf32_notLess(x, zero), vf32_notLess(y, zero)),
          vs32_and(vf32_greater(right, x), vf32_greater(bottom, y)))
        let fx = vf32_floor(x), fy = vf32_floor(y)
        let wx = vf32_sub(x, fx), wy = vf32_sub(y, fy)
        let place = vs32_and(
          seen, vs32_add(vs32_mul(vs32_from_f32(fy), step), vs32_from_f32(fx)))
        let upper = vs32_from_u32(vu32_gather(source, place))
        let lower = vs32_from_u32(vu32_gather(source + stride, place))
        func mixed(_ pair: vs32) -> vf32 {
          let first = vf32_from_s32(vs32_and(pair, byte))
          let second = vf32_from_s32(vs32_and(vs32_shift_right(pair, 8), byte))
          return vf32_add(first, vf32_mul(wx, vf32_sub(second, first)))
        }
        let above = mixed(upper)
        let value = vf32_add(above, vf32_mul(wy, vf32_sub(mixed(lower), above)))
        vf32_store(out + i, vf32_select(seen, value, vf32_splat(-1)))
        inside = vs32_sub(inside, seen)
      }
      return Int(vs32_sum(inside))
    },
    moments: { samples, basis, stride, out, count in
      // Sixteen sums side by side, whatever the register: the same order of additions everywhere.
      let zero = vblock_splat(0)
      var sum = zero, square = zero, t = zero, j0 = zero, j1 = zero, j2 = zero, j3 = zero
      var i = 0
      while i < count {
        let v = vblock_load(samples + i), at = basis + i
        sum = vblock_add(sum, v)
        square = vblock_add(square, vblock_mul(v, v))
        t = vblock_add(t, vblock_mul(v, vblock_load(at)))
        j0 = vblock_add(j0, vblock_mul(v, vblock_load(at + stride)))
        j1 = vblock_add(j1, vblock_mul(v, vblock_load(at + 2 &* stride)))
        j2 = vblock_add(j2, vblock_mul(v, vblock_load(at + 3 &* stride)))
        j3 = vblock_add(j3, vblock_mul(v, vblock_load(at + 4 &* stride)))
        i &+= 16
      }
      out[0] = vblock_sum(sum)
      out[1] = vblock_sum(square)
      out[2] = vblock_sum(t)
      out[3] = vblock_sum(j0)
      out[4] = vblock_sum(j1)
      out[5] = vblock_sum(j2)
      out[6] = vblock_sum(j3)
    },
    sums8: { maps, offsets, terms, out, count in
      eachPaddedRegister(count, lanes: lanes8) { x in
        var sum = vu8_splat(0)
        for i in 0..<terms { sum = vu8_add(sum, vu8_load(maps + x + Int(offsets[i]))) }
        vu8_store(out + x, sum)
      }
      var most: UInt8 = 0
      for x in 0..<count { most = out[x] > most ? out[x] : most }
      return Int(most)
    })
}
