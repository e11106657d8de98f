/// A block of memory with pixels in it, and whoever must be told when nobody needs it any more.
///
/// Views hold their buffer, so pixels outlive the image, the file or the camera they came from.
/// The one class of the vocabulary that promises `Sendable` by hand: the bytes are written only
/// through `Raster.withMutableView`, which makes sure that nobody else holds the buffer.
public final class PixelBuffer: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  public let byteCount: Int
  private let release: (@Sendable (UnsafeMutableRawPointer) -> Void)?

  /// Row starts, and so the first byte, lie at multiples of this: one cache line, one AVX-512 vector.
  public static let alignment = PixelMemory.alignment

  /// Fresh memory, not cleared.
  public init(byteCount: Int) {
    precondition(byteCount >= 0, "a buffer of \(byteCount) bytes")
    // One more line at the end: a kernel's last vector may read (never write) past the last row.
    let capacity = (max(byteCount, 1) + 2 * Self.alignment - 1) / Self.alignment * Self.alignment
    guard let memory = PixelMemory.allocate(capacity) else {
      OutOfMemory.exit(wanting: capacity)
    }
    base = memory
    self.byteCount = byteCount
    release = nil
  }

  /// Memory that belongs to somebody else, a camera driver for instance; `release` gives it back.
  public init(
    borrowing memory: UnsafeMutableRawPointer, byteCount: Int,
    release: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
  ) {
    base = memory
    self.byteCount = byteCount
    self.release = release
  }

  deinit {
    if let release { release(base) } else { PixelMemory.giveBack(base) }
  }
}
