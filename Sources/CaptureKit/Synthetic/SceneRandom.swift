/// Random numbers of a scene: the same for the same seed on every machine (SplitMix64).
struct SceneRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Numbers of one part: neighbouring indices have nothing in common.
  init(seed: UInt64, part: Int) {
    var mixer = SceneRandom(seed: seed &* 0x2545_f491_4f6c_dd1d &+ UInt64(truncatingIfNeeded: part))
    state = mixer.next() ^ mixer.next() << 1
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// 0 ..< 1 in steps of 2^-53.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func real(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  mutating func whole(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  mutating func pick<T>(_ list: [T]) -> T { list[whole(0...list.count - 1)] }

  /// A point of the unit circle, every direction as likely.
  mutating func direction() -> (x: Double, y: Double) {
    while true {
      let x = real(-1...1), y = real(-1...1), square = x * x + y * y
      guard square <= 1, square > 0.01 else { continue }
      let length = square.squareRoot()
      return (x / length, y / length)
    }
  }

  /// Mean 0, deviation 1; the sum of twelve even ones is near enough to a bell curve, and exact.
  mutating func bell() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += unit() }
    return sum
  }
}
