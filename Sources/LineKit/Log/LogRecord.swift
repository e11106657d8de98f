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

  /// The record and its hash, or why the line proves nothing. `line` has no newline.
  static func opened(
    _ line: ArraySlice<UInt8>, previous: String, sequence: Int
  ) -> Result<(record: JSONObject, hash: String), LogLineFault> {
    guard line.count > tailLength, line.suffix(2).elementsEqual(Array("\"}".utf8)),
      line.suffix(tailLength).prefix(marker.count).elementsEqual(marker)
    else { return .failure(.init("no hash at the end")) }
    let stated = String(decoding: line.suffix(66).dropLast(2), as: UTF8.self)
    let body = Array(line.dropLast(tailLength)) + [UInt8(ascii: "}")]
    guard body.withUnsafeBytes({ Digest.hex($0) }) == stated else {
      return .failure(.init("the hash does not fit the line"))
    }
    guard case .object(let record)? = try? JSONParser.parse(body, as: .json).json else {
      return .failure(.init("not JSON"))
    }
    guard record["prev"]?.string == previous else {
      return .failure(.init("the line before is not the one that was there"))
    }
    guard record["seq"]?.integer == sequence else {
      return .failure(.init("record \(sequence) is missing"))
    }
    return .success((record, stated))
  }
}

struct LogLineFault: Error {
  let why: String
  init(_ why: String) { self.why = why }
}
