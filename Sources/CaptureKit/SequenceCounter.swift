/// A camera's own numbers, unwrapped to 64 bits, going on where the camera begins anew after it was
/// away.
struct SequenceCounter: Sendable {
  /// So many numbers there are before they begin again.
  private var span: UInt64
  private var last: (raw: UInt64, unwrapped: Int)?
  private var isFresh = true

  /// 32 bits as Video4Linux has them; GigE Vision's 16 bits leave out 0.
  init(lowest: UInt64 = 0, highest: UInt64 = UInt64(UInt32.max)) {
    span = highest - lowest + 1
  }

  /// The numbers turn out to have more bits.
  mutating func widen() { span = 1 << 62 }

  /// The camera begins to count anew: nobody knows what it lost.
  mutating func restart() { isFresh = true }

  mutating func take(_ raw: UInt32) -> (sequence: Int, droppedBefore: Int) { take(UInt64(raw)) }

  /// The number of this picture, and how many are missing before it.
  mutating func take(_ raw: UInt64) -> (sequence: Int, droppedBefore: Int) {
    guard let before = last else {
      isFresh = false
      last = (raw, Int(raw))
      return (Int(raw), 0)
    }
    var step = 1
    if !isFresh {
      let distance = (raw + span - before.raw) % span
      // A number that stands still or goes back is the mistake of a driver: the picture is the next.
      step = distance == 0 || distance > span / 2 ? 1 : Int(distance)
    }
    isFresh = false
    last = (raw, before.unwrapped + step)
    return (before.unwrapped + step, step - 1)
  }
}
