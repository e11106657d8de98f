import CVectors
import VisionKernelsABI

var measureKernels: measure_kernels {
  measure_kernels(
    histogram8: { source, count, tables in
      // Four tables, so that equal neighbours do not wait for each other's counter.
      var x = 0
      while x + 8 <= count {
        var word = UnsafeRawPointer(source + x).loadUnaligned(as: UInt64.self)
        for _ in 0..<2 {
          tables[Int(truncatingIfNeeded: word & 0xff)] &+= 1
          tables[256 &+ Int(truncatingIfNeeded: word >> 8 & 0xff)] &+= 1
          tables[512 &+ Int(truncatingIfNeeded: word >> 16 & 0xff)] &+= 1
          tables[768 &+ Int(truncatingIfNeeded: word >> 24 & 0xff)] &+= 1
          word >>= 32
        }
        x &+= 8
      }
      while x < count {
        tables[Int(source[x])] &+= 1
        x &+= 1
      }
    },
    histogram_pairs8: { source, count, pairs in
      var x = 0
      while x + 8 <= count {
        let word = UnsafeRawPointer(source + x).loadUnaligned(as: UInt64.self)
        if word == word &<< 16 | word &>> 48 {
          // Four equal pairs would wait for each other's counter.
          pairs[Int(truncatingIfNeeded: word & 0xffff)] &+= 4
        } else {
          pairs[Int(truncatingIfNeeded: word & 0xffff)] &+= 1
          pairs[Int(truncatingIfNeeded: word >> 16 & 0xffff)] &+= 1
          pairs[Int(truncatingIfNeeded: word >> 32 & 0xffff)] &+= 1
          pairs[Int(truncatingIfNeeded: word >> 48)] &+= 1
        }
        x &+= 8
      }
      while x < count {
        pairs[Int(source[x]) | Int(source[x &+ 1]) << 8] &+= 1
        x &+= 2
      }
    },
    histogram16: { source, count, table in
      for x in 0..<count { table[Int(source[x])] &+= 1 }
    },
    moments8: { source, count, sums, range in
      // 32-bit partial sums hold 65,536 squares of 255.
      moments(source, count, block: 65536, sums, range) { (sum: UInt32, value) in sum &+ value }
    },
    moments16: { source, count, sums, range in
      moments(source, count, block: .max, sums, range) { (sum: UInt64, value) in sum &+ value }
    },
    integral8: { source, above, out, count in
      integralRow(source, above, out, count) { vu32_load_u8(source + $0) }
    },
    integral16: { source, above, out, count in
      integralRow(source, above, out, count) { vu32_load_u16(source + $0) }
    },
    integral8_wide: { source, above, out, count in integralRow(source, above, out, count) },
    integral16_wide: { source, above, out, count in integralRow(source, above, out, count) })
}

@inline(__always)
private func integralRow<P: FixedWidthInteger>(
  _ source: UnsafePointer<P>, _ above: UnsafePointer<Int32>, _ out: UnsafeMutablePointer<Int32>,
  _ count: Int, _ load: (Int) -> vu32
) {
  var carry = vu32_splat(0)
  var sum: UInt32 = 0
  eachWhole(count, lanes: lanes32) { x in
    let sums = vu32_add(vu32_running_sum(load(x)), carry)
    carry = vu32_splat_last(sums)
    vu32_store(out + x, vu32_add(sums, vu32_load(above + x)))
    sum = UInt32(bitPattern: out[x &+ lanes32 &- 1] &- above[x &+ lanes32 &- 1])
  } rest: { x in
    sum = sum &+ UInt32(truncatingIfNeeded: source[x])
    out[x] = above[x] &+ Int32(bitPattern: sum)
  }
}

@inline(__always)
private func integralRow<P: FixedWidthInteger>(
  _ source: UnsafePointer<P>, _ above: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>,
  _ count: Int
) {
  var sum = 0
  for x in 0..<count {
    sum = sum &+ Int(truncatingIfNeeded: source[x])
    out[x] = above[x] + Double(sum)
  }
}

/// `block` pixels at a time are summed in `Sum`, which must hold that many squares.
@inline(__always)
private func moments<P: FixedWidthInteger, Sum: FixedWidthInteger>(
  _ source: UnsafePointer<P>, _ count: Int, block: Int, _ sums: UnsafeMutablePointer<UInt64>,
  _ range: UnsafeMutablePointer<UInt32>, _ add: (Sum, Sum) -> Sum
) {
  var low = P.max, high = P.min
  for x in 0..<count {
    low = source[x] < low ? source[x] : low
    high = source[x] > high ? source[x] : high
  }
  var start = 0
  while start < count {
    let end = count - start > block ? start + block : count
    var sum: Sum = 0, squares: Sum = 0
    for x in start..<end {
      let value = Sum(truncatingIfNeeded: source[x])
      sum = add(sum, value)
      squares = add(squares, value &* value)
    }
    sums[0] &+= UInt64(truncatingIfNeeded: sum)
    sums[1] &+= UInt64(truncatingIfNeeded: squares)
    start = end
  }
  if UInt32(truncatingIfNeeded: low) < range[0] { range[0] = UInt32(truncatingIfNeeded: low) }
  if UInt32(truncatingIfNeeded: high) > range[1] { range[1] = UInt32(truncatingIfNeeded: high) }
}
