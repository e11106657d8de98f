#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

public enum OutOfMemory {
  /// Without memory nothing can be cleaned up or answered: one line, and the exit status that means
  /// "try again later".
  public static func exit(wanting size: Int) -> Never {
    let line = "inspect: error: out of memory (\(size) bytes). Try again with fewer jobs\n"
    _ = line.utf8.withContiguousStorageIfAvailable { write(2, $0.baseAddress, $0.count) }
    _exit(75)
  }
}
