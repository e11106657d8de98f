import CVectors
import VisionKernelsABI

// Pixels of single precision. What a whole register does not cover at the end of a row is done pixel
// by pixel with the same operations.

var realKernels: real_kernels {
  real_kernels(
    pair: { a, b, out, count, kind in pairRow(a, b, out, count, kind) },
    multiply: { a, b, out, count, scale in
      let factor = vf32_splat(scale)
      eachWhole(count, lanes: lanes32) { x in
        vf32_store(out + x, vf32_mul(vf32_mul(factor, vf32_load(a + x)), vf32_load(b + x)))
      } rest: { x in
        out[x] = scale * a[x] * b[x]
      }
    },
    threshold: { source, out, count, kind, threshold, max in
      thresholdRow(source, out, count, kind, threshold, max)
    },
    sort_columns: { rows, size, out, stride, count in
      if size == 3 {
        sortColumns3(rows, out, stride, count, lanes: lanes32) { vf32_load($0) } store: {
          vf32_store($0, $1)
        } least: { vf32_min($0, $1) } most: { vf32_max($0, $1) }
      } else {
        sortColumns5(rows, out, stride, count, lanes: lanes32) { vf32_load($0) } store: {
          vf32_store($0, $1)
        } least: { vf32_min($0, $1) } most: { vf32_max($0, $1) }
      }
    },
    median_window: { columns, size, stride, out, count in
      if size == 3 {
        median3(columns, stride, out, count, lanes: lanes32) { vf32_load($0) } store: {
          vf32_store($0, $1)
        } least: { vf32_min($0, $1) } most: { vf32_max($0, $1) }
      } else {
        median5(columns, stride, out, count, lanes: lanes32) { vf32_load($0) } store: {
          vf32_store($0, $1)
        } least: { vf32_min($0, $1) } most: { vf32_max($0, $1) }
      }
    })
}

@inline(__always)
private func pairRow(
  _ a: f32_row, _ b: f32_row, _ out: UnsafeMutablePointer<Float>, _ count: Int, _ kind: Int
) {
  @inline(__always) func each(_ wide: (vf32, vf32) -> vf32, _ one: (Float, Float) -> Float) {
    eachWhole(count, lanes: lanes32) { x in
      vf32_store(out + x, wide(vf32_load(a + x), vf32_load(b + x)))
    } rest: { x in
      out[x] = one(a[x], b[x])
    }
  }
  switch kind {
  case 0:
    each { vf32_max(vf32_sub($0, $1), vf32_sub($1, $0)) } _: { $0 > $1 ? $0 - $1 : $1 - $0 }
  case 1: each { vf32_add($0, $1) } _: { $0 + $1 }
  case 2: each { vf32_sub($0, $1) } _: { $0 - $1 }
  case 3: each { vf32_min($0, $1) } _: { $0 < $1 ? $0 : $1 }
  default: each { vf32_max($0, $1) } _: { $0 > $1 ? $0 : $1 }
  }
}

@inline(__always)
private func thresholdRow(
  _ source: f32_row, _ out: UnsafeMutablePointer<Float>, _ count: Int, _ kind: Int,
  _ threshold: Float, _ max: Float
) {
  let limit = vf32_splat(threshold), top = vf32_splat(max), zero = vf32_splat(0)
  @inline(__always) func each(
    _ above: (vf32) -> vf32, _ below: (vf32) -> vf32, _ one: (Float) -> Float
  ) {
    eachWhole(count, lanes: lanes32) { x in
      let v = vf32_load(source + x)
      vf32_store(out + x, vf32_select(vf32_greater(v, limit), above(v), below(v)))
    } rest: { x in
      out[x] = one(source[x])
    }
  }
  switch kind {
  case 0: each { _ in top } _: { _ in zero } _: { $0 > threshold ? max : 0 }
  case 1: each { _ in zero } _: { _ in top } _: { $0 > threshold ? 0 : max }
  case 2: each { _ in limit } _: { $0 } _: { $0 > threshold ? threshold : $0 }
  case 3: each { $0 } _: { _ in zero } _: { $0 > threshold ? $0 : 0 }
  default: each { _ in zero } _: { $0 } _: { $0 > threshold ? 0 : $0 }
  }
}
