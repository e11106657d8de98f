import Configuration

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A small text file that a parameter names: a table, a calibration.
enum ParameterFile {
  /// Nothing that belongs into a parameter is larger.
  static let limit = 16 << 20

  static func text(_ path: String, _ what: String) throws(ParameterError) -> String {
    func failure(_ why: String) -> ParameterError {
      ParameterError("cannot read the \(what) '\(path)': \(why)")
    }
    // Not to hang on a pipe that nobody writes to.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw failure(String(cString: strerror(errno))) }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw failure(String(cString: strerror(errno))) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw failure("it is not a file") }
    guard facts.st_size <= limit else { throw failure("it is larger than \(limit) bytes") }
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + filled, $0.count - filled) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure(count < 0 ? String(cString: strerror(errno)) : "it shrank") }
      filled += count
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
