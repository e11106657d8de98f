import CVectors
import VisionKernelsABI

var pointKernels: point_kernels {
  point_kernels(
    threshold8: { source, out, count, kind, threshold, max in
      thresholdRow(source, out, count, kind, threshold, max)
    },
    threshold16: { source, out, count, kind, threshold, max in
      thresholdRow(source, out, count, kind, threshold, max)
    },
    pair8: { a, b, out, count, kind in pairRow8(a, b, out, count, kind) },
    pair16: { a, b, out, count, kind in pairRow16(a, b, out, count, kind) })
}

/// Written with registers rather than as plain loops: out may be a or b, and then the compiler's
/// loops, which cannot know how rows overlap, would go pixel by pixel.
@inline(__always)
private func pairRow8(_ a: u8_row, _ b: u8_row, _ out: MutU8, _ count: Int, _ kind: Int) {
  @inline(__always) func each(_ wide: (vu8, vu8) -> vu8, _ one: (UInt8, UInt8) -> UInt8) {
    eachWhole(count, lanes: lanes8) { x in
      vu8_store(out + x, wide(vu8_load(a + x), vu8_load(b + x)))
    } rest: { x in
      out[x] = one(a[x], b[x])
    }
  }
  switch kind {
  case 0:
    each { vu8_or(vu8_sub_saturating($0, $1), vu8_sub_saturating($1, $0)) } _: {
      $0 > $1 ? $0 &- $1 : $1 &- $0
    }
  case 1: each { vu8_add_saturating($0, $1) } _: { $0 &+ $1 < $0 ? 255 : $0 &+ $1 }
  case 2: each { vu8_sub_saturating($0, $1) } _: { $0 > $1 ? $0 &- $1 : 0 }
  case 3: each { vu8_min($0, $1) } _: { $0 < $1 ? $0 : $1 }
  case 4: each { vu8_max($0, $1) } _: { $0 > $1 ? $0 : $1 }
  case 5: each { vu8_and($0, $1) } _: { $0 & $1 }
  case 6: each { vu8_or($0, $1) } _: { $0 | $1 }
  default: each { vu8_xor($0, $1) } _: { $0 ^ $1 }
  }
}

@inline(__always)
private func pairRow16(_ a: u16_row, _ b: u16_row, _ out: MutU16, _ count: Int, _ kind: Int) {
  @inline(__always) func each(_ wide: (vu16, vu16) -> vu16, _ one: (UInt16, UInt16) -> UInt16) {
    eachWhole(count, lanes: lanes16) { x in
      vu16_store(out + x, wide(vu16_load(a + x), vu16_load(b + x)))
    } rest: { x in
      out[x] = one(a[x], b[x])
    }
  }
  switch kind {
  case 0:
    each { vu16_or(vu16_sub_saturating($0, $1), vu16_sub_saturating($1, $0)) } _: {
      $0 > $1 ? $0 &- $1 : $1 &- $0
    }
  case 1: each { vu16_add_saturating($0, $1) } _: { $0 &+ $1 < $0 ? 65535 : $0 &+ $1 }
  case 2: each { vu16_sub_saturating($0, $1) } _: { $0 > $1 ? $0 &- $1 : 0 }
  case 3: each { vu16_min($0, $1) } _: { $0 < $1 ? $0 : $1 }
  case 4: each { vu16_max($0, $1) } _: { $0 > $1 ? $0 : $1 }
  case 5: each { vu16_and($0, $1) } _: { $0 & $1 }
  case 6: each { vu16_or($0, $1) } _: { $0 | $1 }
  default: each { vu16_xor($0, $1) } _: { $0 ^ $1 }
  }
}

@inline(__always)
private func thresholdRow<P: FixedWidthInteger>(
  _ source: UnsafePointer<P>, _ out: UnsafeMutablePointer<P>, _ count: Int, _ kind: Int,
  _ threshold: P, _ max: P
) {
  switch kind {
  case 0: for x in 0..<count { out[x] = source[x] > threshold ? max : 0 }
  case 1: for x in 0..<count { out[x] = source[x] > threshold ? 0 : max }
  case 2: for x in 0..<count { out[x] = source[x] > threshold ? threshold : source[x] }
  case 3: for x in 0..<count { out[x] = source[x] > threshold ? source[x] : 0 }
  default: for x in 0..<count { out[x] = source[x] > threshold ? 0 : source[x] }
  }
}
