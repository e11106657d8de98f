#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Where pixels and scratch lie: in whole cache lines, and large blocks in large pages.
///
/// With pages of 4 KB a picture of 20 megapixels has five thousand of them: as many faults when it is
/// written first, and more addresses than the processor keeps translated. Two megabytes at once
/// spare both where the system grants them; where not, nothing is lost.
package enum PixelMemory {
  /// Blocks start at multiples of this: one cache line, one AVX-512 vector.
  package static let alignment = 64
  private static let largePage = 2 << 20
  private static let largeBlock = 4 << 20

  /// Not cleared; nil where there is no memory left.
  package static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    var memory: UnsafeMutableRawPointer?
    let isLarge = bytes >= largeBlock
    guard posix_memalign(&memory, isLarge ? largePage : alignment, bytes) == 0 else { return nil }
    #if os(Linux)
    if isLarge { _ = madvise(memory!, bytes, MADV_HUGEPAGE) }
    #endif
    return memory
  }

  package static func giveBack(_ memory: UnsafeMutableRawPointer) { free(memory) }
}
