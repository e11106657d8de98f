import Configuration

/// Reads a log, also one that is being written; memory for one segment at a time.
public struct LogReader: Sendable {
  public struct Fault: Sendable, Equatable {
    public let file: String
    public let line: Int
    public let why: String
  }

  /// What proving a log found.
  public struct Verification: Sendable, Equatable {
    public var records = 0
    public var parts = 0
    /// The first line that does not prove itself; nil where all do.
    public var fault: Fault?
    public var isWhole: Bool { fault == nil }
  }

  private let folder: String

  public init(folder: String) { self.folder = folder }

  /// Proves every line, up to the first that does not prove itself.
  public func verify() throws -> Verification { try scan { _ in true } }

  /// Every record that proves itself; throws at the first that does not.
  public func records(_ visit: (JSONObject) -> Void) throws {
    let result = try scan { entry in
      guard let record = entry.record else { return false }
      visit(record)
      return true
    }
    if let fault = result.fault {
      throw LineLogError.damaged(file: fault.file, line: fault.line, why: fault.why)
    }
  }

  private func scan(_ visit: (LogEntry) -> Bool) throws -> Verification {
    var result = Verification()
    var hash = LogLine.origin, sequence = 0
    let segments = try FolderDisk.segments(of: folder)
    guard !segments.isEmpty else { throw LogDiskError("find a log in", folder, 2) }
    for name in segments {
      var scan = LogScan(
        bytes: try FolderDisk.read(folder + "/" + name), hash: hash, sequence: sequence)
      scan.run { entry in
        guard visit(entry) else { return false }
        result.records += 1
        if entry.isOf(.part) { result.parts += 1 }
        return true
      }
      hash = scan.hash
      sequence = scan.sequence
      if let why = scan.fault {
        result.fault = Fault(file: name, line: scan.line, why: why)
        break
      }
    }
    return result
  }
}
