import Configuration
import Threading

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

public enum LineLogError: Error, Sendable, CustomStringConvertible {
  case disk(LogDiskError)
  /// Another program writes to this log.
  case locked(folder: String, holder: String)
  /// A line that is not the last does not prove itself: nothing is written behind such a line.
  case damaged(file: String, line: Int, why: String)
  case closed

  public var description: String {
    switch self {
    case .disk(let error): error.description
    case .locked(let folder, let holder):
      "the log \(folder) is being written by process \(holder.isEmpty ? "?" : holder)"
    case .damaged(let file, let line, let why): "\(file), line \(line): \(why)"
    case .closed: "the log is closed"
    }
  }
}

/// The record of a line: append-only, hash-chained, durable before a verdict leaves.
///
/// `submit` hands a record over and returns at once, `wait` returns when it is on the disk; `append`
/// is both. Records that are handed over while the disk is busy are written and synced together. A
/// write or a sync that fails ends the log for good: after that nobody knows what is on the disk
/// until it is opened anew.
public final class LineLog: Sendable {
  /// A segment that has grown past this is followed by a new one.
  static let segmentLimit = 64 << 20

  /// A record on its way to the disk.
  public struct Ticket: Sendable {
    public let sequence: Int
    /// Of part records: 1 and on, without gaps, also after a restart.
    public let resultID: Int?
  }

  private struct State {
    var nextSequence: Int
    var nextResultID: Int
    var lastHash: String
    var pending: [UInt8] = []
    /// The last record in `pending`.
    var submitted: Int
    /// The last record on the disk.
    var durable: Int
    var failure: LineLogError?
    var isClosing = false
  }

  private let state: Guarded<State>
  private let disk: any LogDisk
  private let segmentLimit: Int
  private let wake = Signal()
  private let done = Signal()
  private let writer = NamedThread(name: "line-log")
  /// What opening found and mended; nil where the log was whole.
  public let recovery: String?

  public convenience init(folder: String) throws {
    try self.init(disk: FolderDisk(folder), segmentLimit: Self.segmentLimit)
  }

  init(disk: any LogDisk, segmentLimit: Int) throws {
    self.disk = disk
    self.segmentLimit = segmentLimit
    let tail = try LogTail(disk)
    recovery = tail.recovery
    state = Guarded(
      State(
        nextSequence: tail.sequence + 1, nextResultID: tail.resultID + 1, lastHash: tail.hash,
        submitted: tail.sequence, durable: tail.sequence))
    writer.start { self.writeLoop(tail) }
    if let recovery = tail.recovery {
      try append(.recovered, ["what": .string(recovery), "kept": tail.kept.map { .string($0) } ?? .null])
    }
  }

  /// Hands a record over. `body` holds what is to be said; number, type and time are added.
  @discardableResult
  public func submit(_ type: LogRecordType, _ body: JSONObject) throws -> Ticket {
    let ticket = try state.withLock { state throws -> Ticket in
      if let failure = state.failure { throw failure }
      if state.isClosing { throw LineLogError.closed }
      let sequence = state.nextSequence
      var record: JSONObject = ["seq": .integer(sequence), "type": .string(type.rawValue)]
      if body["time"] == nil { record["time"] = .string(Timestamp.now()) }
      var resultID: Int?
      if type == .part {
        resultID = state.nextResultID
        record["result_id"] = .integer(state.nextResultID)
        state.nextResultID += 1
      }
      for member in body.members { record[member.key] = member.value }
      let (line, hash) = LogLine.sealed(record, previous: state.lastHash)
      state.pending += line
      state.lastHash = hash
      state.nextSequence += 1
      state.submitted = sequence
      return Ticket(sequence: sequence, resultID: resultID)
    }
    wake.raise()
    return ticket
  }

  /// Returns when the record is on the disk.
  public func wait(for ticket: Ticket) throws {
    while true {
      let seen = done.count
      let isDurable = try state.withLock { state throws -> Bool in
        if state.durable >= ticket.sequence { return true }
        if let failure = state.failure { throw failure }
        return false
      }
      if isDurable { return }
      done.wait(after: seen)
    }
  }

  @discardableResult
  public func append(_ type: LogRecordType, _ body: JSONObject) throws -> Ticket {
    let ticket = try submit(type, body)
    try wait(for: ticket)
    return ticket
  }

  /// Writes what is left and ends the writer. The log can then be opened by others.
  public func close() throws {
    state.withLock { $0.isClosing = true }
    wake.raise()
    writer.join()
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  // MARK: The writer

  private func writeLoop(_ tail: LogTail) {
    var segment = tail.segment
    var number = tail.segmentNumber
    var size = tail.segmentSize
    while true {
      let seen = wake.count
      let (bytes, last, isClosing) = state.withLock { state in
        defer { state.pending = [] }
        return (state.pending, state.submitted, state.isClosing)
      }
      if bytes.isEmpty {
        if isClosing { return }
        wake.wait(after: seen)
        continue
      }
      do throws(LogDiskError) {
        if segment == nil || size >= segmentLimit {
          number += 1
          let name = LogTail.segmentName(number)
          try disk.create(name)
          segment = name
          size = 0
        }
        try disk.append(bytes, to: segment!)
        try disk.sync(segment!)
        size += bytes.count
        state.withLock { $0.durable = last }
      } catch {
        state.withLock { $0.failure = .disk(error) }
      }
      done.raise()
      if state.withLock({ $0.failure != nil }) { return }
    }
  }
}
