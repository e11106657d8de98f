import CVectors
import VisionKernelsABI

var orderKernels: order_kernels {
  order_kernels(
    row_extremes8: { source, out, count, size, largest in
      if largest != 0 {
        rowExtremes8(source, out, count, size) { vu8_max($0, $1) }
      } else {
        rowExtremes8(source, out, count, size) { vu8_min($0, $1) }
      }
    },
    row_extremes16: { source, out, count, size, largest in
      if largest != 0 {
        rowExtremes16(source, out, count, size) { vu16_max($0, $1) }
      } else {
        rowExtremes16(source, out, count, size) { vu16_min($0, $1) }
      }
    },
    column_extremes8: { rows, taps, out, count, largest in
      if largest != 0 {
        columnExtremes8(rows, taps, out, count) { vu8_max($0, $1) }
      } else {
        columnExtremes8(rows, taps, out, count) { vu8_min($0, $1) }
      }
    },
    column_extremes16: { rows, taps, out, count, largest in
      if largest != 0 {
        columnExtremes16(rows, taps, out, count) { vu16_max($0, $1) }
      } else {
        columnExtremes16(rows, taps, out, count) { vu16_min($0, $1) }
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
    },
    join_extremes8: { prefix, source, suffix, out, count, largest in
      if largest != 0 {
        joinExtremes8(prefix, source, suffix, out, count) { vu8_max($0, $1) }
      } else {
        joinExtremes8(prefix, source, suffix, out, count) { vu8_min($0, $1) }
      }
    },
    join_extremes16: { prefix, source, suffix, out, count, largest in
      if largest != 0 {
        joinExtremes16(prefix, source, suffix, out, count) { vu16_max($0, $1) }
      } else {
        joinExtremes16(prefix, source, suffix, out, count) { vu16_min($0, $1) }
      }
    })
}

// The extreme of a window by doubling: windows of 1, 2, 4, … pixels, each the extreme of two of the
// last, and at the end two that overlap. Each pass reads ahead of where it writes, so it runs in
// place; what it leaves behind the row's end is never read.

@inline(__always)
private func rowExtremes8(
  _ source: MutU8, _ out: MutU8, _ count: Int, _ size: Int, _ pick: (vu8, vu8) -> vu8
) {
  if size == 3 {
    eachRegister(count, lanes: lanes8) { x in
      let pair = pick(vu8_load(source + x), vu8_load(source + x + 1))
      vu8_store(out + x, pick(pair, vu8_load(source + x + 2)))
    }
    return
  }
  var window = 1
  var length = count + size - 1
  while window * 2 <= size {
    let step = window
    length -= step
    eachPaddedRegister(length, lanes: lanes8) { x in
      vu8_store(source + x, pick(vu8_load(source + x), vu8_load(source + x + step)))
    }
    window *= 2
  }
  let rest = size - window
  eachRegister(count, lanes: lanes8) { x in
    vu8_store(out + x, pick(vu8_load(source + x), vu8_load(source + x + rest)))
  }
}

@inline(__always)
private func rowExtremes16(
  _ source: MutU16, _ out: MutU16, _ count: Int, _ size: Int, _ pick: (vu16, vu16) -> vu16
) {
  var window = 1
  var length = count + size - 1
  while window * 2 <= size {
    let step = window
    length -= step
    eachPaddedRegister(length, lanes: lanes16) { x in
      vu16_store(source + x, pick(vu16_load(source + x), vu16_load(source + x + step)))
    }
    window *= 2
  }
  let rest = size - window
  eachRegister(count, lanes: lanes16) { x in
    vu16_store(out + x, pick(vu16_load(source + x), vu16_load(source + x + rest)))
  }
}

@inline(__always)
private func joinExtremes8(
  _ prefix: MutU8, _ source: u8_row, _ suffix: u8_row, _ out: MutU8, _ count: Int,
  _ pick: (vu8, vu8) -> vu8
) {
  eachRegister(count, lanes: lanes8) { x in
    let joined = pick(vu8_load(prefix + x), vu8_load(source + x))
    vu8_store(prefix + x, joined)
    vu8_store(out + x, pick(joined, vu8_load(suffix + x)))
  }
}

@inline(__always)
private func joinExtremes16(
  _ prefix: MutU16, _ source: u16_row, _ suffix: u16_row, _ out: MutU16, _ count: Int,
  _ pick: (vu16, vu16) -> vu16
) {
  eachRegister(count, lanes: lanes16) { x in
    let joined = pick(vu16_load(prefix + x), vu16_load(source + x))
    vu16_store(prefix + x, joined)
    vu16_store(out + x, pick(joined, vu16_load(suffix + x)))
  }
}

@inline(__always)
private func columnExtremes8(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ taps: Int, _ out: MutU8, _ count: Int,
  _ pick: (vu8, vu8) -> vu8
) {
  func pass(_ taps: Int) {
    eachRegister(count, lanes: lanes8) { x in
      var best = vu8_load(rows[0] + x)
      for i in 1..<taps { best = pick(best, vu8_load(rows[i] + x)) }
      vu8_store(out + x, best)
    }
  }
  if taps == 3 { pass(3) } else { pass(taps) }
}

@inline(__always)
private func columnExtremes16(
  _ rows: UnsafePointer<UnsafeRawPointer>, _ taps: Int, _ out: MutU16, _ count: Int,
  _ pick: (vu16, vu16) -> vu16
) {
  func pass(_ taps: Int) {
    eachRegister(count, lanes: lanes16) { x in
      var best = vu16_load(rows[0] + 2 * x)
      for i in 1..<taps { best = pick(best, vu16_load(rows[i] + 2 * x)) }
      vu16_store(out + x, best)
    }
  }
  if taps == 3 { pass(3) } else { pass(taps) }
}
