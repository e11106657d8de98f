import VisionKernelsABI

/// Rows of samples from the ways in which cameras pack them. Samples of more than 8 bits become
/// 16-bit words with their values as they are.
enum SampleRows {
  /// Whole registers by the kernel, where there is a `plan` for it, and what is left by the plain
  /// loops.
  static func unpack(
    _ layout: SampleLayout, _ plan: sample_plan?, from source: UnsafeRawPointer,
    into target: UnsafeMutableRawPointer, count: Int, by kernels: camera_kernels
  ) {
    guard var plan else { return row(layout, from: source, into: target, count: count) }
    let done = kernels.unpack(
      source.assumingMemoryBound(to: UInt8.self), layout.bytes(of: count),
      target.assumingMemoryBound(to: UInt16.self), count, &plan)
    row(
      layout, from: source + done / 8 * plan.step, into: target + 2 * done, count: count - done)
  }

  static func row(
    _ layout: SampleLayout, from source: UnsafeRawPointer,
    into target: UnsafeMutableRawPointer, count: Int
  ) {
    let bytes = source.assumingMemoryBound(to: UInt8.self)
    let words = target.assumingMemoryBound(to: UInt16.self)
    switch layout {
    case .bytes, .words(_, isBigEndian: false):
      target.copyMemory(from: source, byteCount: layout.bytes(of: count))
    case .words:
      for i in 0..<count { words[i] = UInt16(bytes[2 * i]) << 8 | UInt16(bytes[2 * i + 1]) }
    case .raised(10):
      raisedTen(bytes, words, count)
    case .raised:
      pairs(bytes, words, count, highOfSecond: 1, low: 2, bits: 12)
    case .paired(let bits):
      pairs(bytes, words, count, highOfSecond: 2, low: 1, bits: bits)
    case .dense(let bits, let highBitFirst):
      dense(bytes, words, count, bits, highBitFirst)
    }
  }

  /// Four samples in five bytes: the upper eight bits of each, then the lower two of all, those of
  /// the first sample lowest.
  private static func raisedTen(
    _ bytes: UnsafePointer<UInt8>, _ words: UnsafeMutablePointer<UInt16>, _ count: Int
  ) {
    var group = bytes
    var i = 0
    while i + 4 <= count {
      let low = UInt16(group[4])
      words[i] = UInt16(group[0]) << 2 | low & 3
      words[i + 1] = UInt16(group[1]) << 2 | low >> 2 & 3
      words[i + 2] = UInt16(group[2]) << 2 | low >> 4 & 3
      words[i + 3] = UInt16(group[3]) << 2 | low >> 6
      group += 5
      i += 4
    }
    let low = i < count ? UInt16(group[4]) : 0
    for k in 0..<count - i {
      words[i + k] = UInt16(group[k]) << 2 | low >> UInt16(2 * k) & 3
    }
  }

  /// Two samples in three bytes: the first begins with its upper eight bits; the byte `low` has the
  /// lower bits of the first sample in its lower half and those of the second in its upper half.
  @inline(__always)
  private static func pairs(
    _ bytes: UnsafePointer<UInt8>, _ words: UnsafeMutablePointer<UInt16>, _ count: Int,
    highOfSecond: Int, low: Int, bits: Int
  ) {
    let shift = UInt16(bits - 8), mask = UInt16(1) << shift - 1
    for pair in 0..<count / 2 {
      let group = bytes + 3 * pair
      let rest = UInt16(group[low])
      words[2 * pair] = UInt16(group[0]) << shift | rest & mask
      words[2 * pair + 1] = UInt16(group[highOfSecond]) << shift | rest >> 4 & mask
    }
    if count % 2 == 1 {
      let group = bytes + count / 2 * 3
      words[count - 1] = UInt16(group[0]) << shift | UInt16(group[low]) & mask
    }
  }

  private static func dense(
    _ bytes: UnsafePointer<UInt8>, _ words: UnsafeMutablePointer<UInt16>, _ count: Int, _ bits: Int,
    _ highBitFirst: Bool
  ) {
    var next = bytes
    // At most 15 + 8 bits are waiting.
    var waiting: UInt32 = 0, have = 0
    let mask = UInt32(1) << UInt32(bits) - 1
    for i in 0..<count {
      while have < bits {
        let byte = UInt32(next.pointee)
        waiting = highBitFirst ? waiting << 8 | byte : waiting | byte << UInt32(have)
        next += 1
        have += 8
      }
      have -= bits
      if highBitFirst {
        words[i] = UInt16(truncatingIfNeeded: waiting >> UInt32(have) & mask)
      } else {
        words[i] = UInt16(truncatingIfNeeded: waiting & mask)
        waiting >>= UInt32(bits)
      }
    }
  }
}

extension SampleLayout {
  /// The bytes of one sample among those of eight, nil for a zero, and what its low word is
  /// multiplied by to bring its bits to where the others' are.
  private typealias Place = (high: Int?, low: (Int, Int?), factor: UInt16)

  /// How eight samples become words; nil where the plain loop is whole registers already.
  var plan: sample_plan? {
    switch self {
    case .bytes, .words: nil
    case .raised(10):
      Self.plan(of: self, shift: 2, down: 6, mask: 3) {
        ($0 / 4 * 5 + $0 % 4, ($0 / 4 * 5 + 4, nil), 64 >> UInt16($0 % 4 * 2))
      }
    case .raised(let bits):
      Self.plan(of: self, shift: 4, down: 4, mask: 1 << UInt16(bits - 8) - 1) {
        ($0 / 2 * 3 + $0 % 2, ($0 / 2 * 3 + 2, nil), $0 % 2 == 0 ? 16 : 1)
      }
    case .paired(let bits):
      Self.plan(of: self, shift: bits - 8, down: 4, mask: 1 << UInt16(bits - 8) - 1) {
        ($0 / 2 * 3 + $0 % 2 * 2, ($0 / 2 * 3 + 1, nil), $0 % 2 == 0 ? 16 : 1)
      }
    case .dense(let bits, let highBitFirst):
      // Sample and offset fit in two bytes: the offset is a multiple of 2 or 4. The factor throws
      // out what lies above the sample.
      Self.plan(of: self, shift: 0, down: 16 - bits) { i in
        let byte = i * bits / 8, offset = i * bits % 8
        return highBitFirst
          ? (nil, (byte + 1, byte), 1 << UInt16(offset))
          : (nil, (byte, byte + 1), 1 << UInt16(16 - bits - offset))
      }
    }
  }

  private static func plan(
    of layout: Self, shift: Int, down: Int, mask: UInt16 = .max, _ place: (Int) -> Place
  ) -> sample_plan {
    let zero: UInt8 = 128
    var high = SIMD16<UInt8>(repeating: zero), low = high
    var factors = SIMD8<UInt16>()
    for i in 0..<8 {
      let sample = place(i)
      high[2 * i] = sample.high.map { UInt8($0) } ?? zero
      low[2 * i] = UInt8(sample.low.0)
      low[2 * i + 1] = sample.low.1.map { UInt8($0) } ?? zero
      factors[i] = sample.factor
    }
    return sample_plan(
      step: layout.bytes(of: 8), high: high, low: low, factors: factors, shift: Int32(shift),
      down: Int32(down), mask: mask)
  }
}
