import CaptureKit
import Configuration
import ImageFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file of records that grows beside its name and takes it when it is whole. What a run that was
/// killed has left there can be taken up again.
final class ResultFile {
  let path: String
  private let partial: String
  private let descriptor: Int32

  /// Opens the partial file, for us alone.
  init(_ path: String) throws {
    self.path = path
    partial = path + ".part"
    descriptor = open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("write", partial, errno) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      throw CommandError(
        .later, "another run writes these results", at: path, advice: "Try again later")
    }
  }

  deinit { close(descriptor) }

  /// The whole lines that a killed run has left, or, where none has, those of a run that was
  /// finished. What is torn does not count.
  func takeUp() throws -> [String] {
    let left = try lines(of: partial)
    return left.isEmpty && access(path, F_OK) == 0 ? try lines(of: path) : left
  }

  private func lines(of file: String) throws -> [String] {
    let bytes: [UInt8]
    do throws(ImageFileError) {
      bytes = try FileBytes(file, limit: .max).array
    } catch {
      throw CommandError(.failed, "cannot read", at: file, why: error.reason)
    }
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return bytes[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Begins with these lines, the first of those that were taken up, and goes on behind them.
  func begin(with lines: [String]) throws {
    let size = try self.lines(of: partial).isEmpty ? 0 : lines.reduce(0) { $0 + $1.utf8.count + 1 }
    guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) >= 0
    else { throw Self.failure("write", partial, errno) }
    // Of a finished run; its file stays as it is until this one is finished too.
    if size == 0 { for line in lines { try append(line) } }
  }

  func append(_ line: String) throws {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("write", partial, count < 0 ? errno : ENOSPC) }
      bytes = bytes.dropFirst(count)
    }
  }

  /// The results are whole: they are synced and get their name.
  func finish() throws {
    guard fsync(descriptor) == 0, rename(partial, path) == 0 else {
      throw Self.failure("finish", path, errno)
    }
  }

  private static func failure(_ action: String, _ path: String, _ code: Int32) -> CommandError {
    CommandError(
      writing: code, "cannot \(action) the results", at: path, why: String(cString: strerror(code)))
  }
}

extension CommandError {
  /// `code` is the system's number. A disk that is full may have room again; the same command can
  /// then be repeated.
  init(writing code: Int32, _ what: String, at place: String, why: String) {
    let isFull = code == ENOSPC || code == EDQUOT
    self.init(
      isFull ? .later : .failed, what, at: place, why: why,
      advice: isFull ? "Make room and repeat the command; a batch goes on with --resume" : nil)
  }

  /// A picture that a batch made and could not write.
  init(output error: ImageFileError) {
    guard case .cannotWrite(errno: let code) = error.kind else {
      self.init(.failed, "cannot write", at: error.path, why: error.reason)
      return
    }
    self.init(writing: code, "cannot write", at: error.path, why: error.reason)
  }
}

/// The lines of a text file, or of standard input for "-".
func readLines(_ path: String) throws -> [String] {
  if path == "-" {
    var lines: [String] = []
    while let line = readLine() { if !line.isEmpty { lines.append(line) } }
    return lines
  }
  do throws(ImageFileError) {
    let bytes = try FileBytes(path, limit: .max, fromPipes: true).array
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  } catch {
    throw CommandError(.inputs, "cannot read", at: path, why: error.reason)
  }
}

/// The records of a results file, in its order.
func readRecords(_ path: String) throws -> [JSONObject] {
  try readLines(path).enumerated().map { i, line in
    guard case .object(let record)? = try? JSONParser.parse(line, as: .json).json else {
      throw CommandError(.inputs, "not a record", at: "\(path), line \(i + 1)")
    }
    return record
  }
}
