import VisionCore
import VisionKernelsABI

/// What holds patterns against each other: the kernels of an instruction set, or their definition.
/// Both give the same bits.
struct PatternEngine: Sendable {
  let kernels: pattern_kernels

  /// The definition, block by block.
  static let reference = PatternEngine(kernels: plainPatternKernels)

  private init(kernels: pattern_kernels) { self.kernels = kernels }

  init(_ machine: Machine) { kernels = machine.kernels.pattern }

  /// The kernels, or the definition where they are not asked for or not to be trusted.
  init(_ runner: OperatorRunner) {
    self = runner.isNative ? PatternEngine(runner.machine) : .reference
  }
}

/// What `pattern_kernels` says, in the plainest way.
private let plainPatternKernels = pattern_kernels(
  unlike: { part, partStride, other, otherStride, shift, rows, counts, words in
    for i in 0..<words * 8 {
      counts[i] = 0
      for y in 0..<rows {
        let part = part + y * partStride, other = other + y * otherStride
        for x in 8 * i..<8 * i + 8 where bit(part, x) != bit(other, x + shift) { counts[i] += 1 }
      }
    }
  },
  gather: { counts, span, out, count in
    for x in 0..<count { out[x] = (0..<span).reduce(0) { $0 + UInt16(counts[x + $1]) } }
  },
  choose: { sums, entering, leaving, least, choices, number, count in
    for x in 0..<count {
      sums[x] += entering[x]
      if sums[x] < least[x] {
        least[x] = sums[x]
        choices[x] = number
      }
      sums[x] -= leaving[x]
    }
  })

private func bit(_ row: UnsafePointer<UInt64>, _ x: Int) -> UInt64 {
  row[x >> 6] >> UInt64(x & 63) & 1
}
