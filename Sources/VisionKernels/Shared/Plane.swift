import CVectors
import VisionKernelsABI

// Rows of single precision, without slack. The last register of a row overlaps the one before it:
// what it does again comes out the same. Rows shorter than a register are done number by number, with
// the same operations in the same order.

/// Calls `wide` for stretches of four registers, `register` for single ones, the last of which may
/// begin within the one before it, and `one` where there is not even one register.
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
  if x < count, count >= lanes32 {
    register(count - lanes32)
  } else {
    while x < count {
      one(x)
      x += 1
    }
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

/// Three planes that are held against three others.
private struct Channels {
  let first: UnsafePointer<Float>
  let second: UnsafePointer<Float>
  let third: UnsafePointer<Float>

  @inline(__always)
  init(_ planes: UnsafePointer<UnsafePointer<Float>>) {
    (first, second, third) = (planes[0], planes[1], planes[2])
  }

  /// Asks for so many numbers from `i` on.
  @inline(__always)
  func prefetch(_ i: Int, _ count: Int) {
    var x = 0
    while x < count {
      CVectors.prefetch(first + (i &+ x))
      CVectors.prefetch(second + (i &+ x))
      CVectors.prefetch(third + (i &+ x))
      x &+= 16
    }
  }

  /// The squared difference of a register at `i` from the other's at `j`.
  @inline(__always)
  func difference(_ i: Int, _ other: Channels, _ j: Int) -> vf32 {
    let d = vf32_sub(vf32_load(first + i), vf32_load(other.first + j))
    let e = vf32_sub(vf32_load(second + i), vf32_load(other.second + j))
    let f = vf32_sub(vf32_load(third + i), vf32_load(other.third + j))
    return vf32_add(vf32_add(vf32_mul(d, d), vf32_mul(e, e)), vf32_mul(f, f))
  }

  /// The squared difference of the register at `j` from another's.
  @inline(__always)
  func difference(from a: vf32, _ b: vf32, _ c: vf32, _ j: Int) -> vf32 {
    let d = vf32_sub(a, vf32_load(first + j))
    let e = vf32_sub(b, vf32_load(second + j))
    let f = vf32_sub(c, vf32_load(third + j))
    return vf32_add(vf32_add(vf32_mul(d, d), vf32_mul(e, e)), vf32_mul(f, f))
  }

  /// The same of one number.
  @inline(__always)
  func differenceOne(_ i: Int, _ other: Channels, _ j: Int) -> Float {
    let d = first[i] - other.first[j], e = second[i] - other.second[j]
    let f = third[i] - other.third[j]
    return d * d + e * e + f * f
  }
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
    func slid(_ x: Int) -> (out: vf32, sum: vf32) {
      let sum = vf32_load(sums + x)
      return (
        vf32_mul(sum, scales),
        vf32_add(sum, vf32_sub(vf32_load(entering + x), vf32_load(leaving + x)))
      )
    }
    guard count >= lanes32 else {
      for x in 0..<count {
        out[x] = sums[x] * scale
        sums[x] += entering[x] - leaving[x]
      }
      return
    }
    // The last register is read before the sums in it change.
    let last = slid(count - lanes32)
    var x = 0
    while x + lanes32 <= count {
      let next = slid(x)
      vf32_store(out + x, next.out)
      vf32_store(sums + x, next.sum)
      x += lanes32
    }
    vf32_store(out + (count - lanes32), last.out)
    vf32_store(sums + (count - lanes32), last.sum)
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
  differ: { a, b, a_stride, b_stride, rows, sums, count in
    let a = Channels(a), b = Channels(b)
    func down(_ x: Int) -> vf32 {
      var sum = vf32_splat(0)
      for y in 0..<rows { sum = vf32_add(sum, a.difference(x + y * a_stride, b, x + y * b_stride)) }
      return sum
    }
    var x = 0
    while x + 2 * lanes32 <= count {
      // Two at a time, since the places in six planes cost as much as their numbers.
      var left = vf32_splat(0), right = left, i = x, j = x
      for _ in 0..<rows {
        left = vf32_add(left, a.difference(i, b, j))
        right = vf32_add(right, a.difference(i + lanes32, b, j + lanes32))
        i += a_stride
        j += b_stride
      }
      vf32_store(sums + x, left)
      vf32_store(sums + (x + lanes32), right)
      x += 2 * lanes32
    }
    if x + lanes32 <= count {
      vf32_store(sums + x, down(x))
      x += lanes32
    }
    guard x < count else { return }
    guard count < lanes32 else {
      vf32_store(sums + (count - lanes32), down(count - lanes32))
      return
    }
    for x in 0..<count {
      sums[x] = 0
      for y in 0..<rows { sums[x] += a.differenceOne(x + y * a_stride, b, x + y * b_stride) }
    }
  },
  lower: { a, b, a_stride, b_stride, rows, count, across, down, work, nearest, nearest_stride in
    let a = Channels(a), b = Channels(b)
    let reach = 4, window = 2 * reach + 1
    // Whole registers: what they have too much is never looked at.
    let wide = (count + 2 * reach + lanes32 - 1) / lanes32 * lanes32
    let shares = vf32_splat(1 / Float(window * window)), zero = vf32_splat(0)
    // Ten rows of squares, two of sums down nine of them, two of sums of three of these side by side.
    // Every step works on a row of its own: what was stored just now is not read at once.
    // A row is held against others at all shifts while the cache has them; no register of the work
    // lies in two cache lines.
    let work = UnsafeMutablePointer<Float>(bitPattern: (UInt(bitPattern: work) + 63) & ~63)!
    let room = (window + 5) * wide
    work.update(repeating: 0, count: across * down * room)
    let first = 2 * reach, end = rows + 2 * reach
    for y in 0..<end + 2 {
      let newest = y % (window + 1) * wide, oldest = (y + 1) % (window + 1) * wide
      // Rows of a narrow strip lie far apart: nothing else would fetch them in time.
      b.prefetch((y &+ 8) &* b_stride, wide &+ across)
      let odd = (y & 1) &* wide, even = wide &- odd
      if y < end {
        var x = 0
        while x < wide {
          let here = x &+ y &* a_stride
          let d = vf32_load(a.first + here), e = vf32_load(a.second + here), f = vf32_load(a.third + here)
          var place = work + x, there = x &+ y &* b_stride
          for _ in 0..<down {
            for shift in 0..<across {
              let square = b.difference(from: d, e, f, there &+ shift)
              let sums = place + (window + 1) &* wide
              let change = vf32_sub(square, vf32_load(place + oldest))
              vf32_store(sums + odd, vf32_add(vf32_load(sums + even), change))
              vf32_store(place + newest, square)
              place += room
            }
            there &+= b_stride
          }
          x &+= lanes32
        }
      }
      for shift in 0..<across &* down {
        let sums = work + (shift &* room &+ (window + 1) &* wide)
        let triples = sums + 2 &* wide
        if y > first, y <= end {
          let s = sums + even, out = triples + even
          var x = 0
          while x < wide {
            let two = vf32_add(vf32_load(s + x), vf32_load(s + (x &+ 1)))
            vf32_store(out + x, vf32_add(two, vf32_load(s + (x &+ 2))))
            x &+= lanes32
          }
        }
        if y > first + 1 {
          let t = triples + odd, out = nearest + (y &- first &- 2) &* nearest_stride
          each(
            count,
            register: { x in
              let six = vf32_add(vf32_load(t + x), vf32_load(t + x + 3))
              let sum = vf32_add(six, vf32_load(t + x + 6))
              let mean = vf32_max(zero, vf32_mul(sum, shares))
              vf32_store(out + x, vf32_min(vf32_load(out + x), mean))
            },
            one: { x in
              let sum = t[x] + t[x + 3] + t[x + 6]
              out[x] = min(out[x], max(0, sum * (1 / Float(window * window))))
            })
        }
      }
    }
  })
