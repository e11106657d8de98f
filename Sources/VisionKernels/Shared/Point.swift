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
    absdiff8: { a, b, out, count in
      for x in 0..<count { out[x] = a[x] > b[x] ? a[x] &- b[x] : b[x] &- a[x] }
    },
    absdiff16: { a, b, out, count in
      for x in 0..<count { out[x] = a[x] > b[x] ? a[x] &- b[x] : b[x] &- a[x] }
    })
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
