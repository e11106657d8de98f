import CVectors
import VisionKernelsABI

var orderKernels: order_kernels {
  order_kernels(
    row_extremes8: { source, inStride, out, outStride, rows, count, size, largest in
      if largest != 0 {
        rowExtremes(source, inStride, out, outStride, rows, count, size, 1) { vu8_max($0, $1) }
      } else {
        rowExtremes(source, inStride, out, outStride, rows, count, size, 1) { vu8_min($0, $1) }
      }
    },
    row_extremes16: { source, inStride, out, outStride, rows, count, size, largest in
      let source = bytes(source), out = bytes(out)
      if largest != 0 {
        rowExtremes(source, inStride, out, outStride, rows, count, size, 2) { vu8_max_u16($0, $1) }
      } else {
        rowExtremes(source, inStride, out, outStride, rows, count, size, 2) { vu8_min_u16($0, $1) }
      }
    },
    column_extremes8: { rows, taps, out, stride, outputs, count, largest in
      if largest != 0 {
        columnExtremes(rows, taps, out, stride, outputs, count) { vu8_max($0, $1) }
      } else {
        columnExtremes(rows, taps, out, stride, outputs, count) { vu8_min($0, $1) }
      }
    },
    column_extremes16: { rows, taps, out, stride, outputs, count, largest in
      let out = bytes(out), stride = 2 * stride, count = 2 * count
      if largest != 0 {
        columnExtremes(rows, taps, out, stride, outputs, count) { vu8_max_u16($0, $1) }
      } else {
        columnExtremes(rows, taps, out, stride, outputs, count) { vu8_min_u16($0, $1) }
      }
    },
    running_extremes8: { rows, rowCount, running, others, othersStride, out, stride, count, largest in
      if largest != 0 {
        runningExtremes(rows, rowCount, running, others, othersStride, out, stride, count) { vu8_max($0, $1) }
      } else {
        runningExtremes(rows, rowCount, running, others, othersStride, out, stride, count) { vu8_min($0, $1) }
      }
    },
    running_extremes16: { rows, rowCount, running, others, othersStride, out, stride, count, largest in
      let running = bytes(running), others = optionalBytes(others), out = bytes(out)
      let othersStride = 2 * othersStride, stride = 2 * stride, count = 2 * count
      if largest != 0 {
        runningExtremes(
          rows, rowCount, running, others, othersStride, out, stride, count
        ) { vu8_max_u16($0, $1) }
      } else {
        runningExtremes(
          rows, rowCount, running, others, othersStride, out, stride, count
        ) { vu8_min_u16($0, $1) }
      }
    },
    extremes8: { a, b, out, count, largest in
      if largest != 0 {
        eachRegister(count, lanes: lanes8) {
          vu8_store(out + $0, vu8_max(vu8_load(a + $0), vu8_load(b + $0)))
        }
      } else {
        eachRegister(count, lanes: lanes8) {
          vu8_store(out + $0, vu8_min(vu8_load(a + $0), vu8_load(b + $0)))
        }
      }
    },
    extremes16: { a, b, out, count, largest in
      if largest != 0 {
        eachRegister(count, lanes: lanes16) {
          vu16_store(out + $0, vu16_max(vu16_load(a + $0), vu16_load(b + $0)))
        }
      } else {
        eachRegister(count, lanes: lanes16) {
          vu16_store(out + $0, vu16_min(vu16_load(a + $0), vu16_load(b + $0)))
        }
      }
    })
}

/// A row as bytes: loads and stores of registers are the same for pixels of 8 and of 16 bits.
@inline(__always)
private func bytes(_ row: MutU16) -> MutU8 {
  UnsafeMutableRawPointer(row).assumingMemoryBound(to: UInt8.self)
}

@inline(__always)
private func optionalBytes(_ row: MutU16?) -> MutU8? {
  guard let row else { return nil }
  return UnsafeMutableRawPointer(row).assumingMemoryBound(to: UInt8.self)
}

// The extreme of a window along a row by quadrupling: windows of 1, 4, 16, … pixels, each the extreme
// of four of the last, and at the end as few as cover the size, the last of which may overlap. A pass
// goes over all rows before the next begins: what was just written is not yet where a load that
// straddles two stores could take it from.

@inline(__always)
private func rowExtremes(
  _ source: MutU8, _ inStride: Int, _ out: MutU8, _ outStride: Int, _ rows: Int, _ count: Int,
  _ size: Int, _ unit: Int, _ pick: (vu8, vu8) -> vu8
) {
  // Passes write from the boundary of a line on, which lies before the row or where it begins.
  let begin = UInt(bitPattern: source) & 63
  var from = source
  var window = 1
  while window * 6 < size {
    let step = window * unit
    let to = source - Int(begin)
    window *= 4
    for y in 0..<rows {
      let row = from + y * inStride * unit, result = to + y * inStride * unit
      eachPaddedRegister((count + size - window) * unit, lanes: lanes8) { x in
        let near = pick(vu8_load(row + x), vu8_load(row + x + step))
        let far = pick(vu8_load(row + x + 2 * step), vu8_load(row + x + 3 * step))
        vu8_store(result + x, pick(near, far))
      }
    }
    from = to
  }
  let step = window * unit
  let last = (size - window) * unit
  func pass(_ windows: Int) {
    for y in 0..<rows {
      let row = from + y * inStride * unit, result = out + y * outStride * unit
      eachRegister(count * unit, lanes: lanes8) { x in
        var best = pick(vu8_load(row + x), vu8_load(row + x + last))
        var i = 1
        while i < windows - 1 {
          best = pick(best, vu8_load(row + x + i * step))
          i += 1
        }
        vu8_store(result + x, best)
      }
    }
  }
  switch (size + window - 1) / window {
  case 2: pass(2)
  case 3: pass(3)
  case 4: pass(4)
  case let windows: pass(windows)
  }
}

/// What was picked so far stays in registers over all rows, four side by side where there are as many.
/// The last register of a row overlaps the one before it, so what it picked is kept behind the others'.
@inline(__always)
private func runningExtremes(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ rowCount: Int, _ running: MutU8, _ others: MutU8?,
  _ othersStride: Int, _ out: MutU8, _ stride: Int, _ count: Int, _ pick: (vu8, vu8) -> vu8
) {
  let strip = 4 * lanes8
  var x = 0
  while x + strip <= count {
    var best = Strip(running + x)
    for k in 0..<rowCount {
      best = Strip(best, Strip(rows[k] + x), pick)
      if let others {
        let other = Strip(others + k * othersStride + x)
        Strip(best, other, pick).store(out + k * stride + x)
      } else {
        best.store(out + k * stride + x)
      }
    }
    best.store(running + x)
    x += strip
  }
  while x < count {
    let at = x + lanes8 <= count || count < lanes8 ? x : count - lanes8
    var best = vu8_load(running + x)
    for k in 0..<rowCount {
      best = pick(best, vu8_load(rows[k] + at))
      if let others {
        let other = vu8_load(others + k * othersStride + at)
        vu8_store(out + k * stride + at, pick(best, other))
      } else {
        vu8_store(out + k * stride + at, best)
      }
    }
    vu8_store(running + x, best)
    x += lanes8
  }
}

/// Four registers side by side.
private struct Strip {
  var a, b, c, d: vu8

  @inline(__always) init(_ from: UnsafeRawPointer) {
    a = vu8_load(from)
    b = vu8_load(from + lanes8)
    c = vu8_load(from + 2 * lanes8)
    d = vu8_load(from + 3 * lanes8)
  }

  @inline(__always) init(_ one: Strip, _ other: Strip, _ pick: (vu8, vu8) -> vu8) {
    a = pick(one.a, other.a)
    b = pick(one.b, other.b)
    c = pick(one.c, other.c)
    d = pick(one.d, other.d)
  }

  @inline(__always) func store(_ to: MutU8) {
    vu8_store(to, a)
    vu8_store(to + lanes8, b)
    vu8_store(to + 2 * lanes8, c)
    vu8_store(to + 3 * lanes8, d)
  }
}

/// Two results at a time, which share all rows but two.
@inline(__always)
private func columnExtremes(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ taps: Int, _ out: MutU8, _ stride: Int, _ outputs: Int,
  _ count: Int, _ pick: (vu8, vu8) -> vu8
) {
  func pass(_ taps: Int) {
    var k = 0
    while k + 1 < outputs {
      let upper = out + k * stride
      eachRegister(count, lanes: lanes8) { x in
        var shared = vu8_load(rows[k + 1] + x)
        for i in 2..<taps { shared = pick(shared, vu8_load(rows[k + i] + x)) }
        vu8_store(upper + x, pick(shared, vu8_load(rows[k] + x)))
        vu8_store(upper + stride + x, pick(shared, vu8_load(rows[k + taps] + x)))
      }
      k += 2
    }
    guard k < outputs else { return }
    eachRegister(count, lanes: lanes8) { x in
      var best = vu8_load(rows[k] + x)
      for i in 1..<taps { best = pick(best, vu8_load(rows[k + i] + x)) }
      vu8_store(out + k * stride + x, best)
    }
  }
  if taps == 3 { pass(3) } else { pass(taps) }
}
