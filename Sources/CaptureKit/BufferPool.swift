import Threading
import VisionImage

/// Buffers of our own for pictures that had to be converted or rendered, a fixed number, made when
/// they are first needed. Used by one thread.
final class BufferPool: @unchecked Sendable {
  let layout: RasterLayout
  private let capacity: Int
  // Touched only by the thread that takes pictures.
  private var buffers = LentBuffers()
  private var addresses: [UnsafeMutableRawPointer] = []

  init(_ layout: RasterLayout, capacity: Int) {
    precondition(capacity > 0, "a pool of \(capacity) buffers")
    self.layout = layout
    self.capacity = capacity
  }

  /// Buffers that nobody uses at the moment.
  var free: Int {
    buffers.takeBack { _ in true }
    return capacity - buffers.lentCount
  }

  /// A picture in a buffer of the pool, written by `fill`; nil where none is free, also after
  /// waiting for one until the deadline, or where `fill` throws.
  func picture<R, E: Error>(
    waitingUntil deadline: MonotonicTime? = nil, _ fill: (MutableRasterView) throws(E) -> R
  ) throws(E) -> (picture: RasterView, R)? {
    while free == 0 {
      guard let deadline, .now < deadline else { return nil }
      min(deadline, .now + LentBuffers.glance).sleep()
    }
    let index = buffers.unused ?? makeBuffer()
    let buffer = buffers.lend(index)
    let filled = try fill(MutableRasterView(base: addresses[index], layout: layout))
    return (RasterView(buffer: buffer, offset: 0, layout: layout), filled)
  }

  private func makeBuffer() -> Int {
    // A kernel's last vector may read past the last row.
    let byteCount = layout.rowBytes * layout.height + PixelBuffer.alignment
    guard let memory = PixelMemory.allocate(byteCount) else { OutOfMemory.exit(wanting: byteCount) }
    buffers.append(PixelBuffer(borrowing: memory, byteCount: byteCount) { PixelMemory.giveBack($0) })
    addresses.append(memory)
    return buffers.count - 1
  }
}
