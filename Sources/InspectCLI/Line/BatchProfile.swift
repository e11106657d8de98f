import Configuration
import InspectionKit
import Threading

/// Where the time of a batch's threads went.
struct BatchProfile {
  private let jobs: Int
  private let start = MonotonicTime.now
  private var pictures = 0
  private var decoding = 0.0
  private var tools: [(name: String, milliseconds: Double)] = []

  init(jobs: Int) { self.jobs = jobs }

  mutating func add(_ record: InspectionRecord) {
    pictures += 1
    decoding += record.decodeMilliseconds
    for tool in record.toolMilliseconds {
      if let i = tools.firstIndex(where: { $0.name == tool.name }) {
        tools[i].milliseconds += tool.milliseconds
      } else {
        tools.append(tool)
      }
    }
  }

  /// Thread seconds and their share of all that there were.
  var text: String {
    let seconds = MonotonicTime.now - start
    let all = seconds * 1000 * Double(min(jobs, max(1, pictures)))
    var rows = [("decode", decoding)] + tools.map { ($0.name, $0.milliseconds) }
    rows.append(("the rest: hashes, records, files", all - rows.reduce(0) { $0 + $1.1 }))
    let width = (rows.map(\.0.count).max() ?? 0) + 2
    let lines = rows.map { name, milliseconds in
      "  " + name.padded(to: width) + Self.number(milliseconds / 1000, 2) + " s  "
        + Self.number(100 * milliseconds / max(all, 1e-9), 1) + " %"
    }
    return
      "profile of \(pictures) pictures, \(JSON.rounded(seconds, 2).text) s on \(jobs) thread(s)\n"
      + lines.joined(separator: "\n")
  }

  /// Right-aligned with all its decimals.
  private static func number(_ value: Double, _ digits: Int) -> String {
    let power = digits == 2 ? 100 : 10, scaled = Int((value * Double(power)).rounded())
    let fraction = String(abs(scaled) % power)
    let text =
      (scaled < 0 ? "-" : "") + "\(abs(scaled) / power)."
      + String(repeating: "0", count: digits - fraction.count) + fraction
    return String(repeating: " ", count: max(0, 8 - text.count)) + text
  }
}
