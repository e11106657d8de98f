import Configuration
import Hashing

/// What a line of the log is about.
public enum LogRecordType: String, Sendable, CaseIterable {
  /// The outcome of one part; these have a `result_id`.
  case part
  case start, stop, alarm, audit, recipe
  /// The log itself had to be mended after a crash.
  case recovered
}

/// How records become lines, and lines are proved.
///
/// A line is a JSON object on one line. Its last member is `hash`: SHA-256 of the line as it would
/// be without that member. The member before it is `prev`: the hash of the line before. So a line
/// that is changed, removed, added or moved breaks the chain.
enum LogLine {
  /// The `prev` of the first line.
  static let origin = String(repeating: "0", count: 64)
  private static let marker = Array(#","hash":""#.utf8)
  /// `,"hash":"` + 64 digits + `"}`
  private static var tailLength: Int { marker.count + 66 }

  static func sealed(_ record: JSONObject, previous: String) -> (line: [UInt8], hash: String) {
    var record = record
    record["prev"] = .string(previous)
    let body = JSON.object(record).text
    let hash = Digest.hex(body)
    return (Array((body.dropLast() + #","hash":"\#(hash)"}"# + "\n").utf8), hash)
  }

  /// The line's hash, or why it proves nothing. `line` has no newline.
  ///
  /// Only what the chain is made of is looked at: what it proves was written by `sealed`, so the rest
  /// need not be read to know that it is whole.
  static func proved(
    _ line: ArraySlice<UInt8>, previous: String, sequence: Int
  ) -> Result<String, LogLineFault> {
    guard line.count > tailLength, line.suffix(2).elementsEqual(Array("\"}".utf8)),
      line.suffix(tailLength).prefix(marker.count).elementsEqual(marker)
    else { return .failure(.init("no hash at the end")) }
    let stated = String(decoding: line.suffix(66).dropLast(2), as: UTF8.self)
    let body = Array(line.dropLast(tailLength)) + [UInt8(ascii: "}")]
    guard body.withUnsafeBytes({ Digest.hex($0) }) == stated else {
      return .failure(.init("the hash does not fit the line"))
    }
    guard ends(body, with: #","prev":"\#(previous)"}"#) else {
      return .failure(.init("the line before is not the one that was there"))
    }
    guard body.starts(with: #"{"seq":\#(sequence),"#.utf8) else {
      return .failure(.init("record \(sequence) is missing"))
    }
    return .success(stated)
  }

  private static func ends(_ body: [UInt8], with text: String) -> Bool {
    body.suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}

/// A line of the log that proved itself. What it says is read when somebody asks.
struct LogEntry {
  let line: ArraySlice<UInt8>
  let sequence: Int

  func isOf(_ type: LogRecordType) -> Bool {
    line.starts(with: #"{"seq":\#(sequence),"type":"\#(type.rawValue)","#.utf8)
  }

  /// Nil where the line is not JSON: somebody else wrote it, and knew how to go on with the chain.
  var record: JSONObject? {
    guard case .object(var record)? = try? JSONParser.parse(Array(line), as: .json).json else {
      return nil
    }
    record["hash"] = nil
    return record
  }
}

struct LogLineFault: Error {
  let why: String
  init(_ why: String) { self.why = why }
}
