import Threading
import VisionImage

/// The buffers of a camera, a fixed number: each is lent to a picture and comes back when the last
/// view of it is gone. Pictures outlive the camera; the memory is freed after the last of them.
final class BufferPool: Sendable {
  private struct State {
    var unused: [Block] = []
    var lent = 0
  }

  /// Memory that nobody uses at the moment.
  private struct Block: @unchecked Sendable {
    // Owned by whoever holds this value: the pool's list, or one lease.
    let address: UnsafeMutableRawPointer
  }

  let layout: RasterLayout
  private let capacity: Int
  private let byteCount: Int
  private let state = Guarded(State())
  private let returned = Signal()

  init(_ layout: RasterLayout, capacity: Int) {
    precondition(capacity > 0, "a pool of \(capacity) buffers")
    self.layout = layout
    self.capacity = capacity
    // A kernel's last vector may read past the last row.
    byteCount = layout.rowBytes * layout.height + PixelBuffer.alignment
  }

  deinit { state.withLock { $0.unused.forEach { $0.address.deallocate() } } }

  /// Buffers that nobody uses at the moment.
  var free: Int { state.withLock { capacity - $0.lent } }

  /// A picture in a buffer of the pool, written by `fill`; nil where none is free, also after
  /// waiting for one until the deadline.
  func picture<R>(
    waitingUntil deadline: MonotonicTime? = nil, _ fill: (MutableRasterView) -> R
  ) -> (picture: RasterView, R)? {
    guard let block = take(until: deadline) else { return nil }
    let filled = fill(MutableRasterView(base: block.address, layout: layout))
    let buffer = PixelBuffer(borrowing: block.address, byteCount: byteCount) { [self] address in
      state.withLock { state in
        state.unused.append(Block(address: address))
        state.lent -= 1
      }
      returned.raise()
    }
    return (RasterView(buffer: buffer, offset: 0, layout: layout), filled)
  }

  private func take(until deadline: MonotonicTime?) -> Block? {
    while true {
      let seen = returned.count
      let block = state.withLock { state -> Block? in
        guard state.lent < capacity else { return nil }
        state.lent += 1
        return state.unused.popLast()
          ?? Block(
            address: .allocate(byteCount: byteCount, alignment: PixelBuffer.alignment))
      }
      if let block { return block }
      guard let deadline, returned.wait(after: seen, until: deadline) else { return nil }
    }
  }
}
