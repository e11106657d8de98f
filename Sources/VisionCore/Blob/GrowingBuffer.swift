import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Elements that are appended by the thousand and kept in place from call to call. Reading and
/// writing is by address, and not checked.
final class GrowingBuffer<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private var capacity: Int
  var count = 0

  init(capacity: Int = 256) {
    base = Self.resized(nil, to: capacity)
    self.capacity = capacity
  }

  deinit { free(base) }

  /// The system moves large pieces without copying them, so that there are never two.
  private static func resized(
    _ base: UnsafeMutablePointer<Element>?, to capacity: Int
  ) -> UnsafeMutablePointer<Element> {
    let size = capacity * MemoryLayout<Element>.stride
    guard let memory = realloc(base, size) else { OutOfMemory.exit(wanting: size) }
    return memory.bindMemory(to: Element.self, capacity: capacity)
  }

  /// Room for so many more behind the last one. Addresses taken before are worthless afterwards.
  func reserve(_ more: Int) {
    guard count + more > capacity else { return }
    capacity = max(count + more, 2 * capacity)
    base = Self.resized(base, to: capacity)
  }
}
