import VisionImage

/// Rows of red, green and blue from those of cameras. Luma and colour differences are BT.601 in
/// video range, in fixed point of 20 bits, as OpenCV's cvtColor reckons them.
enum ColourRows {
  typealias Target = UnsafeMutableRawPointer

  static func rgb(
    from source: UnsafeRawPointer, red: Int, green: Int, blue: Int, step: Int, into target: Target,
    count: Int
  ) {
    let out = target.assumingMemoryBound(to: UInt8.self)
    let pixels = source.assumingMemoryBound(to: UInt8.self)
    for x in 0..<count {
      out[3 * x] = pixels[step * x + red]
      out[3 * x + 1] = pixels[step * x + green]
      out[3 * x + 2] = pixels[step * x + blue]
    }
  }

  static func yuv422(
    from source: UnsafeRawPointer, luma: Int, u: Int, v: Int, into target: Target, count: Int
  ) {
    let out = target.assumingMemoryBound(to: UInt8.self)
    let bytes = source.assumingMemoryBound(to: UInt8.self)
    for pair in 0..<(count + 1) / 2 {
      let group = bytes + 4 * pair
      let colour = Difference(u: group[u], v: group[v])
      colour.write(luma: group[luma], to: out + 6 * pair)
      if 2 * pair + 1 < count { colour.write(luma: group[luma + 2], to: out + 6 * pair + 3) }
    }
  }

  static func yuv420(
    luma: UnsafeRawPointer, colour: UnsafeRawPointer, uFirst: Bool, into target: Target, count: Int
  ) {
    let out = target.assumingMemoryBound(to: UInt8.self)
    let grey = luma.assumingMemoryBound(to: UInt8.self)
    let pairs = colour.assumingMemoryBound(to: UInt8.self)
    let u = uFirst ? 0 : 1
    for pair in 0..<(count + 1) / 2 {
      let colour = Difference(u: pairs[2 * pair + u], v: pairs[2 * pair + 1 - u])
      colour.write(luma: grey[2 * pair], to: out + 6 * pair)
      if 2 * pair + 1 < count { colour.write(luma: grey[2 * pair + 1], to: out + 6 * pair + 3) }
    }
  }

  /// What two or four pixels have in common, scaled by 2^20 and with a half for rounding. Luma adds
  /// at most 239 * 1220542: everything stays below 2^30.
  private struct Difference {
    let red: Int32
    let green: Int32
    let blue: Int32

    @inline(__always) init(u: UInt8, v: UInt8) {
      let u = Int32(u) &- 128, v = Int32(v) &- 128
      let half: Int32 = 1 << 19
      red = half &+ 1_673_527 &* v
      green = half &- 852_492 &* v &- 409_993 &* u
      blue = half &+ 2_116_026 &* u
    }

    @inline(__always) func write(luma: UInt8, to out: UnsafeMutablePointer<UInt8>) {
      let grey = max(0, Int32(luma) &- 16) &* 1_220_542
      out[0] = Self.level(grey &+ red)
      out[1] = Self.level(grey &+ green)
      out[2] = Self.level(grey &+ blue)
    }

    @inline(__always) private static func level(_ scaled: Int32) -> UInt8 {
      UInt8(truncatingIfNeeded: min(255, max(0, scaled >> 20)))
    }
  }
}
