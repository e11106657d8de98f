/// Several planes of one size with a margin around, compared at shifts.
struct ChannelPlanes: Sendable {
  let planes: [FloatPlane]
  let margin: Int

  init(_ planes: [FloatPlane], margin: Int) {
    self.planes = planes
    self.margin = margin
  }

  private var height: Int { planes[0].height - 2 * margin }
  private var width: Int { planes[0].width - 2 * margin }
  private var rowLength: Int { planes[0].width }

  var halved: ChannelPlanes {
    ChannelPlanes(
      planes.map { plane in
        var half = FloatPlane(width: plane.width / 2, height: plane.height / 2)
        for y in 0..<half.height {
          for x in 0..<half.width {
            half[x, y] =
              (plane[2 * x, 2 * y] + plane[2 * x + 1, 2 * y] + plane[2 * x, 2 * y + 1]
                + plane[2 * x + 1, 2 * y + 1]) / 4
          }
        }
        return half
      }, margin: margin / 2)
  }

  /// Calls with the three planes' addresses, moved to the first pixel inside the margin.
  private func read<R>(
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> R
  ) -> R {
    let first = margin * rowLength + margin
    return planes[0].read { a in
      planes[1].read { b in planes[2].read { c in body(a + first, b + first, c + first) } }
    }
  }

  /// The shift of up to `reach` pixels around `centre` at which the columns of the other are most like ours:
  /// the sum of squared differences, and the shift.
  func bestShift(
    _ other: ChannelPlanes, _ columns: Range<Int>, around centre: (x: Int, y: Int),
    reach: Int = 1
  ) -> (cost: Float, dx: Int, dy: Int) {
    var best = (cost: Float.infinity, dx: centre.x, dy: centre.y)
    let columns = columns.clamped(to: 0..<width)
    read { a, b, c in
      other.read { p, q, r in
        for dy in centre.y - reach...centre.y + reach {
          for dx in centre.x - reach...centre.x + reach {
            var sum = SIMD8<Float>()
            for y in 0..<height {
              let here = y * rowLength, there = (y + dy) * rowLength + dx
              var x = columns.lowerBound
              while x + 8 <= columns.upperBound {
                let d = Self.load(a + here + x) - Self.load(p + there + x)
                let e = Self.load(b + here + x) - Self.load(q + there + x)
                let f = Self.load(c + here + x) - Self.load(r + there + x)
                sum += d * d + e * e + f * f
                x += 8
              }
            }
            let cost = sum.sum()
            if cost < best.cost { best = (cost, dx, dy) }
          }
        }
      }
    }
    return best
  }

  @inline(__always)
  private static func load(_ address: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(address).loadUnaligned(as: SIMD8<Float>.self)
  }

  /// Radius of the square over which differences are summed.
  private static let reach = 4

  /// Lowers `nearest` to the mean squared difference over 9 x 9 pixels where this shift has less.
  func lower(
    _ nearest: inout FloatPlane, in columns: Range<Int>, against other: ChannelPlanes,
    shift: (x: Int, y: Int)
  ) {
    let reach = Self.reach, height = height, rowLength = rowLength, outLength = nearest.width
    let count = columns.count + 2 * reach, window = 2 * reach + 1
    let share = 1 / Float(window * window)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: (window + 1) * count) { memory in
      let sums = memory.baseAddress!, ring = sums + count
      sums.update(repeating: 0, count: (window + 1) * count)
      nearest.update { nearest in
        read { a, b, c in
          other.read { p, q, r in
            for y in -reach..<height + reach {
              let here = y * rowLength + columns.lowerBound - reach
              let there = here + shift.y * rowLength + shift.x
              let row = ring + (y + reach) % window * count
              for x in 0..<count {
                let d = a[here + x] - p[there + x]
                let e = b[here + x] - q[there + x]
                let f = c[here + x] - r[there + x]
                let square = d * d + e * e + f * f
                sums[x] += square - row[x]
                row[x] = square
              }
              guard y >= reach else { continue }
              let out = nearest + (y - reach) * outLength + columns.lowerBound
              for x in 0..<columns.count {
                let s = sums + x
                let sum =
                  (s[0] + s[1] + s[2]) + (s[3] + s[4] + s[5]) + (s[6] + s[7] + s[8])
                out[x] = min(out[x], max(0, sum * share))
              }
            }
          }
        }
      }
    }
  }
}
