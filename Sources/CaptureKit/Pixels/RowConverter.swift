import VisionKernelsABI

/// Rows of cameras in whole registers by the kernels, and what is left of each by the plain loops,
/// which say what is right.
struct RowConverter {
  let kernels: camera_kernels

  func unpack(
    _ layout: PixelEncoding.Samples, from source: UnsafeRawPointer,
    into target: UnsafeMutableRawPointer, count: Int
  ) {
    guard var plan = layout.plan else {
      return Unpacking.row(layout, from: source, into: target, count: count)
    }
    let done = kernels.unpack(
      source.assumingMemoryBound(to: UInt8.self), layout.bytes(of: count),
      target.assumingMemoryBound(to: UInt16.self), count, &plan)
    Unpacking.row(
      layout, from: source + done / 8 * plan.step, into: target + 2 * done, count: count - done)
  }

  func yuv422(
    from source: UnsafeRawPointer, luma: Int, u: Int, v: Int,
    into target: UnsafeMutableRawPointer, count: Int
  ) {
    let done = kernels.yuv422(
      source.assumingMemoryBound(to: UInt8.self), target.assumingMemoryBound(to: UInt8.self), count,
      luma, u, v)
    ColourRows.yuv422(
      from: source + 2 * done, luma: luma, u: u, v: v, into: target + 3 * done,
      count: count - done)
  }

  func yuv420(
    luma: UnsafeRawPointer, colour: UnsafeRawPointer, uFirst: Bool,
    into target: UnsafeMutableRawPointer, count: Int
  ) {
    let done = kernels.yuv420(
      luma.assumingMemoryBound(to: UInt8.self), colour.assumingMemoryBound(to: UInt8.self),
      target.assumingMemoryBound(to: UInt8.self), count, uFirst ? 0 : 1)
    ColourRows.yuv420(
      luma: luma + done, colour: colour + done, uFirst: uFirst, into: target + 3 * done,
      count: count - done)
  }
}

extension PixelEncoding.Samples {
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
