import VisionCore
import VisionKernelsABI

/// What computes with planes: the kernels of an instruction set, or their definition. Both give the
/// same bits.
struct PlaneEngine: Sendable {
  let kernels: plane_kernels

  /// The definition, number by number.
  static let reference = PlaneEngine(kernels: plainPlaneKernels)

  private init(kernels: plane_kernels) { self.kernels = kernels }

  init(_ machine: Machine) { kernels = machine.kernels.plane }

  /// What the runner's engine computes planes with: the kernels, or the definition where they are not
  /// asked for or not to be trusted.
  init(_ runner: OperatorRunner) {
    self = runner.isNative ? PlaneEngine(runner.machine) : .reference
  }
}

/// What `plane_kernels` says, in the plainest way.
private let plainPlaneKernels = plane_kernels(
  weigh: { base, offsets, weights, taps, out, count in
    for x in 0..<count { out[x] = weighedSum(base + x, offsets, weights, taps) }
  },
  raise: { base, offsets, weights, taps, out, count in
    for x in 0..<count { out[x] = max(out[x], weighedSum(base + x, offsets, weights, taps)) }
  },
  slide: { sums, entering, leaving, out, count, scale in
    for x in 0..<count {
      out[x] = sums[x] * scale
      sums[x] += entering[x] - leaving[x]
    }
  },
  rate: { row, out, count, mean, scale, most in
    for x in 0..<count { out[x] = max(out[x], min((row[x] - mean) * scale - 1, most)) }
  },
  path: { here, ahead, out, count, decay in
    for x in 0..<count {
      out[x] = max(0, here[x] + decay * max(ahead[x], max(ahead[x - 1], ahead[x + 1])))
    }
  },
  differ: { a, b, aStride, bStride, rows, sums, count in
    for x in 0..<count {
      sums[x] = 0
      for y in 0..<rows { sums[x] += squaredDifference(a, y * aStride + x, b, y * bStride + x) }
    }
  },
  lower: { a, b, aStride, bStride, rows, count, across, down, work, nearest, nearestStride in
    let window = 9, wide = count + window - 1, sums = work, ring = work + wide
    for shift in 0..<across * down {
      let place = shift / across * bStride + shift % across
      sums.update(repeating: 0, count: (window + 1) * wide)
      for y in 0..<rows + window - 1 {
        let row = ring + y % window * wide
        for x in 0..<wide {
          let square = squaredDifference(a, y * aStride + x, b, y * bStride + x + place)
          sums[x] += square - row[x]
          row[x] = square
        }
        guard y >= window - 1 else { continue }
        let out = nearest + (y - window + 1) * nearestStride
        func triple(_ x: Int) -> Float { sums[x] + sums[x + 1] + sums[x + 2] }
        for x in 0..<count {
          let sum = triple(x) + triple(x + 3) + triple(x + 6)
          out[x] = min(out[x], max(0, sum * (1 / Float(window * window))))
        }
      }
    }
  })

private func weighedSum(
  _ place: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, _ weights: UnsafePointer<Float>,
  _ taps: Int
) -> Float {
  var sum: Float = 0
  for i in 0..<taps { sum += weights[i] * place[offsets[i]] }
  return sum
}

private func squaredDifference(
  _ a: UnsafePointer<UnsafePointer<Float>>, _ i: Int, _ b: UnsafePointer<UnsafePointer<Float>>,
  _ j: Int
) -> Float {
  let d = a[0][i] - b[0][j], e = a[1][i] - b[1][j], f = a[2][i] - b[2][j]
  return d * d + e * e + f * f
}
