import CVectors
import VisionKernelsABI

// Plain loops: the compiler turns these into the widest registers by itself.

var pointKernels: point_kernels {
  point_kernels(
    threshold8: { source, out, count, kind, threshold, max in
      thresholdRow(source, out, count, kind, threshold, max)
    },
    threshold16: { source, out, count, kind, threshold, max in
      thresholdRow(source, out, count, kind, threshold, max)
    },
    pair8: { a, b, out, count, kind in pairRow(a, b, out, count, kind) },
    pair16: { a, b, out, count, kind in pairRow(a, b, out, count, kind) })
}

@inline(__always)
private func pairRow<P: FixedWidthInteger & UnsignedInteger>(
  _ a: UnsafePointer<P>, _ b: UnsafePointer<P>, _ out: UnsafeMutablePointer<P>, _ count: Int,
  _ kind: Int
) {
  switch kind {
  case 0: for x in 0..<count { out[x] = a[x] > b[x] ? a[x] &- b[x] : b[x] &- a[x] }
  case 1:
    for x in 0..<count {
      let sum = a[x] &+ b[x]
      out[x] = sum < a[x] ? P.max : sum
    }
  case 2: for x in 0..<count { out[x] = a[x] > b[x] ? a[x] &- b[x] : 0 }
  case 3: for x in 0..<count { out[x] = a[x] < b[x] ? a[x] : b[x] }
  case 4: for x in 0..<count { out[x] = a[x] > b[x] ? a[x] : b[x] }
  case 5: for x in 0..<count { out[x] = a[x] & b[x] }
  case 6: for x in 0..<count { out[x] = a[x] | b[x] }
  default: for x in 0..<count { out[x] = a[x] ^ b[x] }
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
