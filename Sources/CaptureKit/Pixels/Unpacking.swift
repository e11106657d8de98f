/// Rows of samples from the ways in which cameras pack them. Samples of more than 8 bits become
/// 16-bit words with their values as they are.
enum Unpacking {
  static func row(
    _ layout: PixelEncoding.Samples, from source: UnsafeRawPointer,
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
