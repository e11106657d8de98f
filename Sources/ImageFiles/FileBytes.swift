#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The bytes of a file, read whole: a file that is cut short while it is mapped would kill us.
public final class FileBytes {
  public let contents: UnsafeRawBufferPointer

  public init(_ path: String, limit: Int) throws(ImageFileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImageFileError(.cannotOpen(errno: EISDIR), path, "not a file")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw ImageFileError(.overLimit, path, "a file of \(size) bytes, more than the \(limit) allowed")
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    var count = 0
    while count < size {
      let n = Glibc.read(descriptor, memory.baseAddress! + count, size - count)
      if n == 0 { break }
      if n < 0 {
        if errno == EINTR { continue }
        let failure = Self.failure(path)
        memory.deallocate()
        throw failure
      }
      count += n
    }
    contents = UnsafeRawBufferPointer(start: memory.baseAddress, count: count)
  }

  public var array: [UInt8] { Array(contents) }

  deinit { contents.deallocate() }

  private static func failure(_ path: String) -> ImageFileError {
    let code = errno
    return ImageFileError(.cannotOpen(errno: code), path, String(cString: strerror(code)))
  }
}

/// Files that appear under their name only when they are whole.
public enum AtomicFile {
  public static func write(_ bytes: [UInt8], to path: String) throws(ImageFileError) {
    let temporary = "\(path).\(getpid()).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    var count = 0
    while count < bytes.count {
      let n = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + count, bytes.count - count)
      }
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else {
        let error = failure(path)
        close(descriptor)
        unlink(temporary)
        throw error
      }
      count += n
    }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      let error = failure(path)
      unlink(temporary)
      throw error
    }
  }

  private static func failure(_ path: String) -> ImageFileError {
    let code = errno
    return ImageFileError(.cannotWrite(errno: code), path, String(cString: strerror(code)))
  }
}
