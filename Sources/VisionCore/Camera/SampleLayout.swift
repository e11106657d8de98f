/// How the samples of one row of a camera lie side by side.
public enum SampleLayout: Sendable, Equatable {
  case bytes
  /// One in 16 bits each, the unused bits on top.
  case words(bits: Int, isBigEndian: Bool = false)
  /// The eight upper bits of each in a byte of its own, the rest of the group in one more byte
  /// (MIPI): 4 of 10 bits in 5 bytes, 2 of 12 bits in 3.
  case raised(bits: Int)
  /// Two in three bytes, the middle byte has the low bits of both (GigE Vision "Packed").
  case paired(bits: Int)
  /// One bit after the other without gaps.
  case dense(bits: Int, highBitFirst: Bool)

  public var bits: Int {
    switch self {
    case .bytes: 8
    case .words(let bits, _), .raised(let bits), .paired(let bits), .dense(let bits, _): bits
    }
  }

  /// Bytes of so many samples.
  public func bytes(of count: Int) -> Int {
    switch self {
    case .bytes: count
    case .words: 2 * count
    case .raised(10): (count + 3) / 4 * 5
    case .raised, .paired: (count + 1) / 2 * 3
    case .dense(let bits, _): (count * bits + 7) / 8
    }
  }

  /// The fewest samples that end with a byte. The next ones lie in the same way.
  var group: (samples: Int, bytes: Int) {
    let samples =
      switch self {
      case .bytes, .words: 1
      case .raised(10), .dense(10, _): 4
      default: 2
      }
    return (samples, bytes(of: samples))
  }

  /// Where a bit of a sample of a group lies: the byte, and the bit of that; 0 is the lowest.
  func place(ofBit bit: Int, sample: Int) -> (byte: Int, bit: Int) {
    switch self {
    case .bytes:
      return (sample, bit)
    case .words(_, let isBigEndian):
      return (2 * sample + (isBigEndian ? 1 - bit / 8 : bit / 8), bit % 8)
    case .raised(let bits):
      let low = bits - 8
      return bit >= low ? (sample, bit - low) : (group.samples, sample * low + bit)
    case .paired(let bits):
      let low = bits - 8
      return bit >= low ? (2 * sample, bit - low) : (1, 4 * sample + bit)
    case .dense(let bits, let highBitFirst):
      let place = sample * bits + (highBitFirst ? bits - 1 - bit : bit)
      return (place / 8, highBitFirst ? 7 - place % 8 : place % 8)
    }
  }
}
