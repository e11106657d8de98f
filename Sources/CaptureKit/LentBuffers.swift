import VisionImage

/// A camera's buffers. Each is lent to a picture, and taken back when nobody but this list holds it
/// any more: who takes pictures looks for those whenever it asks for the next one. So a picture
/// costs no memory and no lock, and a buffer lives as long as somebody looks at it, also after the
/// camera has gone. Used by one thread.
struct LentBuffers {
  private struct Slot {
    var buffer: PixelBuffer
    var isLent = false
  }

  private var slots: [Slot] = []
  private(set) var lentCount = 0

  /// While buffers are lent and the driver has hardly any to fill, those that come back are looked
  /// for every so many seconds.
  static let glance = 0.002

  var count: Int { slots.count }

  mutating func append(_ buffer: PixelBuffer) { slots.append(Slot(buffer: buffer)) }

  /// A buffer, from now on in use until nobody holds what this answers.
  mutating func lend(_ index: Int) -> PixelBuffer {
    precondition(!slots[index].isLent, "buffer \(index) is lent already")
    slots[index].isLent = true
    lentCount += 1
    return slots[index].buffer
  }

  /// Offers each buffer that nobody looks at any more; those that are not `accepted` stay lent and
  /// are offered again.
  mutating func takeBack(_ accepted: (Int) -> Bool) {
    guard lentCount > 0 else { return }
    for index in slots.indices where slots[index].isLent {
      guard isKnownUniquelyReferenced(&slots[index].buffer), accepted(index) else { continue }
      slots[index].isLent = false
      lentCount -= 1
    }
  }

  /// A buffer that is not lent.
  var unused: Int? { slots.firstIndex { !$0.isLent } }
}
