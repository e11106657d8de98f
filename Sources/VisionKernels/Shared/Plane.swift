import CVectors
import VisionKernelsABI

// Rows of single precision. What a whole register does not cover at the end of a row is done number
// by number with the same operations in the same order, so that rows need no slack.

/// Calls `wide` for stretches of four registers, `register` for single ones, `one` for the rest.
@inline(__always)
private func eachStretch(
  _ count: Int, wide: (Int) -> Void, register: (Int) -> Void, one: (Int) -> Void
) {
  var x = 0
  while x + 4 * lanes32 <= count {
    wide(x)
    x += 4 * lanes32
  }
  while x + lanes32 <= count {
    register(x)
    x += lanes32
  }
  while x < count {
    one(x)
    x += 1
  }
}

/// Sums of weighted neighbours, given to `store` and `storeOne` with their place.
@inline(__always)
private func weigh(
  _ base: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, _ weights: UnsafePointer<Float>,
  _ taps: Int, _ count: Int, store: (Int, vf32) -> Void, storeOne: (Int, Float) -> Void
) {
  eachStretch(
    count,
    wide: { x in
      var a = vf32_splat(0), b = a, c = a, d = a
      for i in 0..<taps {
        let place = base + (x + offsets[i])
        let weight = vf32_splat(weights[i])
        a = vf32_add(a, vf32_mul(weight, vf32_load(place)))
        b = vf32_add(b, vf32_mul(weight, vf32_load(place + lanes32)))
        c = vf32_add(c, vf32_mul(weight, vf32_load(place + 2 * lanes32)))
        d = vf32_add(d, vf32_mul(weight, vf32_load(place + 3 * lanes32)))
      }
      store(x, a)
      store(x + lanes32, b)
      store(x + 2 * lanes32, c)
      store(x + 3 * lanes32, d)
    },
    register: { x in
      var sum = vf32_splat(0)
      for i in 0..<taps {
        sum = vf32_add(sum, vf32_mul(vf32_splat(weights[i]), vf32_load(base + (x + offsets[i]))))
      }
      store(x, sum)
    },
    one: { x in
      var sum: Float = 0
      for i in 0..<taps { sum += weights[i] * base[x + offsets[i]] }
      storeOne(x, sum)
    })
}

@inline(__always)
private func each(_ count: Int, register: (Int) -> Void, one: (Int) -> Void) {
  eachStretch(
    count, wide: { x in for i in 0..<4 { register(x + i * lanes32) } }, register: register, one: one)
}

/// The squared difference of three channels, a number or a register of them at a time.
@inline(__always)
private func difference(
  _ a: UnsafePointer<UnsafePointer<Float>>, _ b: UnsafePointer<UnsafePointer<Float>>, _ x: Int
) -> vf32 {
  let d = vf32_sub(vf32_load(a[0] + x), vf32_load(b[0] + x))
  let e = vf32_sub(vf32_load(a[1] + x), vf32_load(b[1] + x))
  let f = vf32_sub(vf32_load(a[2] + x), vf32_load(b[2] + x))
  return vf32_add(vf32_add(vf32_mul(d, d), vf32_mul(e, e)), vf32_mul(f, f))
}

@inline(__always)
private func differenceOne(
  _ a: UnsafePointer<UnsafePointer<Float>>, _ b: UnsafePointer<UnsafePointer<Float>>, _ x: Int
) -> Float {
  let d = a[0][x] - b[0][x], e = a[1][x] - b[1][x], f = a[2][x] - b[2][x]
  return d * d + e * e + f * f
}

let planeKernels = plane_kernels(
  weigh: { base, offsets, weights, taps, out, count in
    weigh(
      base, offsets, weights, taps, count, store: { vf32_store(out + $0, $1) },
      storeOne: { out[$0] = $1 })
  },
  raise: { base, offsets, weights, taps, out, count in
    weigh(
      base, offsets, weights, taps, count,
      store: { x, sum in vf32_store(out + x, vf32_max(vf32_load(out + x), sum)) },
      storeOne: { x, sum in out[x] = max(out[x], sum) })
  },
  slide: { sums, entering, leaving, out, count, scale in
    let scales = vf32_splat(scale)
    each(
      count,
      register: { x in
        let sum = vf32_load(sums + x)
        vf32_store(out + x, vf32_mul(sum, scales))
        vf32_store(
          sums + x, vf32_add(sum, vf32_sub(vf32_load(entering + x), vf32_load(leaving + x))))
      },
      one: { x in
        out[x] = sums[x] * scale
        sums[x] += entering[x] - leaving[x]
      })
  },
  rate: { row, out, count, mean, scale, most in
    let means = vf32_splat(mean), scales = vf32_splat(scale), one = vf32_splat(1)
    let limit = vf32_splat(most)
    each(
      count,
      register: { x in
        let z = vf32_sub(vf32_mul(vf32_sub(vf32_load(row + x), means), scales), one)
        vf32_store(out + x, vf32_max(vf32_load(out + x), vf32_min(z, limit)))
      },
      one: { x in out[x] = max(out[x], min((row[x] - mean) * scale - 1, most)) })
  },
  path: { here, ahead, out, count, decay in
    let zero = vf32_splat(0), share = vf32_splat(decay)
    each(
      count,
      register: { x in
        let sides = vf32_max(vf32_load(ahead + x - 1), vf32_load(ahead + x + 1))
        let best = vf32_max(vf32_load(ahead + x), sides)
        vf32_store(
          out + x, vf32_max(zero, vf32_add(vf32_load(here + x), vf32_mul(share, best))))
      },
      one: { x in
        out[x] = max(0, here[x] + decay * max(ahead[x], max(ahead[x - 1], ahead[x + 1])))
      })
  },
  differ: { a, b, sums, count in
    each(
      count,
      register: { x in
        vf32_store(sums + x, vf32_add(vf32_load(sums + x), difference(a, b, x)))
      },
      one: { x in sums[x] += differenceOne(a, b, x) })
  },
  lower: { a, b, a_stride, b_stride, rows, count, work, nearest, nearest_stride in
    // Sums over nine rows, then the last nine rows of squares one after the other.
    let reach = 4, window = 2 * reach + 1, wide = count + 2 * reach
    let share = 1 / Float(window * window)
    let shares = vf32_splat(share), zero = vf32_splat(0)
    let sums = work, ring = work + wide
    sums.update(repeating: 0, count: (window + 1) * wide)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 6) { places in
      let p = places.baseAddress!, q = p + 3
      for y in 0..<rows + 2 * reach {
        for c in 0..<3 {
          (p + c).initialize(to: a[c] + y * a_stride)
          (q + c).initialize(to: b[c] + y * b_stride)
        }
        let p = UnsafePointer(p), q = UnsafePointer(q)
        let row = ring + y % window * wide
        each(
          wide,
          register: { x in
            let square = difference(p, q, x)
            vf32_store(
              sums + x, vf32_add(vf32_load(sums + x), vf32_sub(square, vf32_load(row + x))))
            vf32_store(row + x, square)
          },
          one: { x in
            let square = differenceOne(p, q, x)
            sums[x] += square - row[x]
            row[x] = square
          })
        guard y >= 2 * reach else { continue }
        let out = nearest + (y - 2 * reach) * nearest_stride
        each(
          count,
          register: { x in
            var sum = vf32_load(sums + x)
            for i in 1..<window { sum = vf32_add(sum, vf32_load(sums + x + i)) }
            let mean = vf32_max(zero, vf32_mul(sum, shares))
            vf32_store(out + x, vf32_min(vf32_load(out + x), mean))
          },
          one: { x in
            var sum = sums[x]
            for i in 1..<window { sum += sums[x + i] }
            out[x] = min(out[x], max(0, sum * share))
          })
      }
    }
  })
