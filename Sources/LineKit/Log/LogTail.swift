import Configuration

/// The end of a log as it is opened: where it goes on, and what had to be cut off.
struct LogTail: Sendable {
  private(set) var sequence = 0
  private(set) var resultID = 0
  private(set) var hash = LogLine.origin
  private(set) var segment: String?
  private(set) var segmentNumber = 0
  private(set) var segmentSize = 0
  private(set) var recovery: String?
  /// The file that the torn end was kept in.
  private(set) var kept: String?

  static func segmentName(_ number: Int) -> String {
    let digits = String(number)
    return "line-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".jsonl"
  }

  private static func number(of segment: String) -> Int {
    Int(segment.dropFirst("line-".count).dropLast(".jsonl".count)) ?? 0
  }

  /// Proves every line. A crash can tear only the end of the last segment; that is cut off and kept
  /// aside. Anything else that does not prove itself is damage, and the log is not opened.
  init(_ disk: any LogDisk) throws {
    let segments = try disk.segments()
    for (i, name) in segments.enumerated() {
      let isLast = i == segments.count - 1
      let bytes = try disk.read(name)
      var scan = LogScan(bytes: bytes, hash: hash, sequence: sequence)
      var lastPart: LogEntry?
      scan.run { entry in
        if entry.isOf(.part) { lastPart = entry }
        return true
      }
      if let id = lastPart?.record?["result_id"]?.integer { resultID = id }
      hash = scan.hash
      sequence = scan.sequence
      segment = name
      segmentNumber = Self.number(of: name)
      segmentSize = scan.proved
      guard let fault = scan.fault else { continue }
      guard isLast, scan.faultIsAtEnd else {
        throw LineLogError.damaged(file: name, line: scan.line, why: fault)
      }
      let torn = Array(bytes[scan.proved...])
      let side = "torn-\(sequence + 1).bin"
      try disk.keepAside(torn, as: side)
      try disk.truncate(name, to: scan.proved)
      kept = side
      recovery = "cut \(torn.count) torn bytes off \(name) after record \(sequence)"
    }
  }
}

/// Goes through the lines of a segment and proves each.
struct LogScan {
  let bytes: [UInt8]
  private(set) var hash: String
  private(set) var sequence: Int
  /// Lines gone through, the faulty one included.
  private(set) var line = 0
  /// Bytes up to the end of the last line that proved itself.
  private(set) var proved = 0
  private(set) var fault: String?
  /// No further line stands behind the faulty one.
  private(set) var faultIsAtEnd = false

  init(bytes: [UInt8], hash: String, sequence: Int) {
    self.bytes = bytes
    self.hash = hash
    self.sequence = sequence
  }

  /// `visit` answers false where it cannot read a line.
  mutating func run(_ visit: (LogEntry) -> Bool) {
    while proved < bytes.count {
      line += 1
      let rest = bytes[proved...]
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
        fault = "the line has no end"
        faultIsAtEnd = true
        return
      }
      switch LogLine.proved(rest[..<end], previous: hash, sequence: sequence + 1) {
      case .failure(let reason):
        fault = reason.why
        faultIsAtEnd = !bytes[(end + 1)...].contains(UInt8(ascii: "\n"))
        return
      case .success(let hash):
        guard visit(LogEntry(line: rest[..<end], sequence: sequence + 1)) else {
          fault = "not JSON"
          return
        }
        self.hash = hash
        sequence += 1
        proved = end + 1
      }
    }
  }
}
