import VisionImage

/// Brightness and colour differences to red, green and blue: BT.601 in video range, in fixed point of
/// 20 bits, as OpenCV has it.
struct ColourDifference {
  private let red: Int32
  private let green: Int32
  private let blue: Int32

  /// Scaled by 2^20 and with a half for rounding. Luma adds at most 239 * 1220542: everything stays
  /// below 2^30.
  @inline(__always) init(u: UInt8, v: UInt8) {
    let u = Int32(u) &- 128, v = Int32(v) &- 128
    let half: Int32 = 1 << 19
    red = half &+ 1_673_527 &* v
    green = half &- 852_492 &* v &- 409_993 &* u
    blue = half &+ 2_116_026 &* u
  }

  @inline(__always) func colour(luma: UInt8) -> RGB<UInt8> {
    let grey = max(0, Int32(luma) &- 16) &* 1_220_542
    func level(_ difference: Int32) -> UInt8 {
      UInt8(truncatingIfNeeded: min(255, max(0, (grey &+ difference) >> 20)))
    }
    return RGB(red: level(red), green: level(green), blue: level(blue))
  }
}
