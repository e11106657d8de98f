import CSystem

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the disk refused to do.
public struct LogDiskError: Error, Sendable, CustomStringConvertible {
  public let action: String
  public let path: String
  public let code: Int32

  public init(_ action: String, _ path: String, _ code: Int32) {
    self.action = action
    self.path = path
    self.code = code
  }

  public var isFull: Bool { code == ENOSPC || code == EDQUOT }
  public var description: String { "cannot \(action) \(path): \(String(cString: strerror(code)))" }
}

/// The few things that a log asks of a disk; a simulated one that loses and tears takes its place
/// in tests. Calls come from one thread at a time.
protocol LogDisk: AnyObject, Sendable {
  /// Names of the segments, in their order.
  func segments() throws(LogDiskError) -> [String]
  func read(_ name: String) throws(LogDiskError) -> [UInt8]
  /// Makes a new, empty segment that is there after a crash.
  func create(_ name: String) throws(LogDiskError)
  /// Appends all bytes or throws.
  func append(_ bytes: [UInt8], to name: String) throws(LogDiskError)
  /// When it returns, everything appended stays.
  func sync(_ name: String) throws(LogDiskError)
  func truncate(_ name: String, to size: Int) throws(LogDiskError)
  /// Keeps bytes that were cut off, for whoever wants to look at them.
  func keepAside(_ bytes: [UInt8], as name: String) throws(LogDiskError)
}

/// A folder of a real disk, locked against a second writer.
final class FolderDisk: LogDisk, @unchecked Sendable {
  // One thread at a time, see LogDisk; the class itself guards nothing.
  private let folder: String
  private let lock: Int32
  private var open: (name: String, descriptor: Int32, allocated: Int, size: Int)?

  /// Space is reserved this far ahead, so that a sync need not change the file's layout.
  private static let reserve = 1 << 20

  init(_ folder: String) throws {
    self.folder = folder
    if mkdir(folder, 0o777) != 0 && errno != EEXIST {
      throw LogDiskError("make the folder", folder, errno)
    }
    let path = folder + "/lock"
    lock = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else { throw LogDiskError("open", path, errno) }
    if flock(lock, LOCK_EX | LOCK_NB) != 0 {
      var bytes = [UInt8](repeating: 0, count: 32)
      let count = pread(lock, &bytes, bytes.count, 0)
      let holder = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      close(lock)
      throw LineLogError.locked(folder: folder, holder: holder)
    }
    let pid = Array("\(getpid())".utf8)
    ftruncate(lock, 0)
    _ = pwrite(lock, pid, pid.count, 0)
  }

  deinit {
    if let open { close(open.descriptor) }
    close(lock)
  }

  func segments() throws(LogDiskError) -> [String] { try Self.segments(of: folder) }

  static func segments(of folder: String) throws(LogDiskError) -> [String] {
    guard let handle = opendir(folder) else { throw LogDiskError("open", folder, errno) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix("line-") && name.hasSuffix(".jsonl") { names.append(name) }
    }
    return names.sorted()
  }

  func read(_ name: String) throws(LogDiskError) -> [UInt8] {
    try Self.read(folder + "/" + name)
  }

  static func read(_ path: String) throws(LogDiskError) -> [UInt8] {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LogDiskError("open", path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw LogDiskError("read", path, errno) }
    var failure: Int32 = 0
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = 0
      while count < size {
        let n = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if n < 0 && errno == EINTR { continue }
        if n < 0 { failure = errno }
        if n <= 0 { break }
        count += n
      }
    }
    guard failure == 0 else { throw LogDiskError("read", path, failure) }
    return bytes
  }

  private func descriptor(_ name: String) throws(LogDiskError) -> Int32 {
    if let open, open.name == name { return open.descriptor }
    if let open { close(open.descriptor) }
    open = nil
    let path = folder + "/" + name
    let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw LogDiskError("open", path, errno) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    open = (name, descriptor, size, size)
    return descriptor
  }

  private func syncFolder() throws(LogDiskError) {
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LogDiskError("open", folder, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw LogDiskError("sync", folder, errno) }
  }

  func create(_ name: String) throws(LogDiskError) {
    let path = folder + "/" + name
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw LogDiskError("create", path, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw LogDiskError("sync", path, errno) }
    try syncFolder()
  }

  func append(_ bytes: [UInt8], to name: String) throws(LogDiskError) {
    let descriptor = try descriptor(name)
    if let file = open, file.size + bytes.count > file.allocated {
      // A file system without reservation is slower, not wrong.
      if system_reserve(descriptor, Int64(file.size), Int64(Self.reserve)) == 0 {
        open?.allocated = file.size + Self.reserve
      }
    }
    var written = 0
    while written < bytes.count {
      let n = bytes.withUnsafeBytes {
        write(descriptor, $0.baseAddress! + written, bytes.count - written)
      }
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw LogDiskError("write", folder + "/" + name, n < 0 ? errno : ENOSPC) }
      written += n
    }
    open?.size += bytes.count
  }

  func sync(_ name: String) throws(LogDiskError) {
    guard fdatasync(try descriptor(name)) == 0 else {
      throw LogDiskError("sync", folder + "/" + name, errno)
    }
  }

  func truncate(_ name: String, to size: Int) throws(LogDiskError) {
    let descriptor = try descriptor(name)
    guard ftruncate(descriptor, off_t(size)) == 0, fsync(descriptor) == 0 else {
      throw LogDiskError("cut", folder + "/" + name, errno)
    }
    open?.size = size
  }

  func keepAside(_ bytes: [UInt8], as name: String) throws(LogDiskError) {
    let path = folder + "/" + name
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw LogDiskError("create", path, errno) }
    defer { close(descriptor) }
    let n = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, bytes.count) }
    guard n == bytes.count, fsync(descriptor) == 0 else {
      throw LogDiskError("write", path, n < 0 ? errno : ENOSPC)
    }
  }
}
