#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file that appears under its name only when it is whole; nothing is left of one that was not
/// finished.
public final class AtomicFile {
  private let path: String
  private let temporary: String
  private var descriptor: Int32
  private var waiting: [UInt8] = []
  /// Pieces smaller than this are gathered.
  private static let capacity = 1 << 18

  public static func write(_ bytes: [UInt8], to path: String) throws(ImageFileError) {
    let file = try AtomicFile(path)
    if let failure = bytes.withUnsafeBytes({ file.store($0) }) { throw failure }
    try file.finish()
  }

  public init(_ path: String) throws(ImageFileError) {
    self.path = path
    temporary = "\(path).\(getpid()).part"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  public func append(_ bytes: UnsafeRawBufferPointer) throws(ImageFileError) {
    if waiting.count + bytes.count < Self.capacity {
      waiting.append(contentsOf: bytes)
      return
    }
    try flush()
    if let failure = store(bytes) { throw failure }
  }

  public func finish() throws(ImageFileError) {
    try flush()
    let isClosed = close(descriptor) == 0
    descriptor = -1
    guard isClosed, rename(temporary, path) == 0 else {
      let error = Self.failure(path)
      unlink(temporary)
      throw error
    }
  }

  private func flush() throws(ImageFileError) {
    if let failure = waiting.withUnsafeBytes({ store($0) }) { throw failure }
    waiting.removeAll(keepingCapacity: true)
  }

  /// Answers what went wrong.
  private func store(_ bytes: UnsafeRawBufferPointer) -> ImageFileError? {
    var count = 0
    while count < bytes.count {
      let n = Glibc.write(descriptor, bytes.baseAddress! + count, bytes.count - count)
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { return Self.failure(path) }
      count += n
    }
    return nil
  }

  private static func failure(_ path: String) -> ImageFileError {
    let code = errno
    return ImageFileError(.cannotWrite(errno: code), path, String(cString: strerror(code)))
  }
}
