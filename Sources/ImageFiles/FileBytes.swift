#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The bytes of a file, read whole: a file that is cut short while it is mapped would kill us.
public final class FileBytes {
  public let contents: UnsafeRawBufferPointer

  /// `fromPipes` also takes what is no file, to its end: `<(find …)` of a shell.
  public init(
    _ path: String, limit: Int, fromPipes: Bool = false
  ) throws(ImageFileError) {
    // Opening a named pipe would wait for somebody who writes to it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | (fromPipes ? 0 : O_NONBLOCK))
    guard descriptor >= 0 else { throw Self.failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
    let kind = status.st_mode & S_IFMT, isFile = kind == S_IFREG
    guard isFile || (fromPipes && kind != S_IFDIR) else {
      throw ImageFileError(
        .cannotOpen(errno: EISDIR), path,
        kind == S_IFDIR ? "a folder, not a file" : "a pipe or a device, not a file")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw ImageFileError(
        .overLimit, path, "a file of \(size) bytes, more than the \(limit) allowed")
    }
    var memory = ReadMemory()
    try memory.grow(to: isFile ? size : 1 << 16, path, limit)
    while true {
      if memory.count == memory.capacity {
        if isFile { break }
        try memory.grow(to: 2 * memory.capacity, path, limit)
      }
      let n = Glibc.read(descriptor, memory.free, memory.capacity - memory.count)
      if n == 0 { break }
      if n > 0 {
        memory.count += n
      } else if errno != EINTR {
        throw Self.failure(path)
      }
    }
    contents = memory.handOver()
  }

  public var array: [UInt8] { Array(contents) }

  deinit { free(UnsafeMutableRawPointer(mutating: contents.baseAddress)) }

  fileprivate static func failure(_ path: String) -> ImageFileError {
    let code = errno
    return ImageFileError(.cannotOpen(errno: code), path, String(cString: strerror(code)))
  }
}

/// Memory that bytes are read into, freed unless somebody takes it over.
private struct ReadMemory: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  private(set) var capacity = 0
  var count = 0

  var free: UnsafeMutableRawPointer { base! + count }

  mutating func grow(to size: Int, _ path: String, _ limit: Int) throws(ImageFileError) {
    guard capacity < limit else {
      throw ImageFileError(.overLimit, path, "more than the \(limit) bytes allowed")
    }
    let wanted = min(size, limit)
    guard let memory = realloc(base, max(1, wanted)) else { throw FileBytes.failure(path) }
    base = memory
    capacity = wanted
  }

  mutating func handOver() -> UnsafeRawBufferPointer {
    defer { base = nil }
    return UnsafeRawBufferPointer(start: base, count: count)
  }

  deinit { Glibc.free(base) }
}
