import Configuration
import LineKit
import VisionCore

/// What an earlier run of the benchmark has kept, and how far a case may fall behind it.
struct BenchmarkGate {
  private let ratios: [String: Double]
  /// Of a case by itself, from pass to pass when it was saved.
  private let spreads: [String: Double]
  private let allowed: Double

  /// `maximumRegression` is a share, `10%` or `0.1`.
  init(_ path: String, maximumRegression: String) throws {
    let isPercent = maximumRegression.hasSuffix("%")
    guard let number = Double(isPercent ? String(maximumRegression.dropLast()) : maximumRegression),
      case let share = isPercent ? number / 100 : number, (0..<1).contains(share)
    else {
      throw CommandError(
        .usage, "--max-regression", why: "'\(maximumRegression)' is not a share such as 10%")
    }
    allowed = 1 - share
    var ratios: [String: Double] = [:], spreads: [String: Double] = [:]
    for record in try readRecords(path) {
      guard let name = record["op"]?.string, let ratio = record["ratio"]?.number else { continue }
      ratios[name] = ratio
      spreads[name] = record["spread"]?.number
    }
    guard !ratios.isEmpty else {
      throw CommandError(
        .usage, "nothing to hold against", at: path,
        why: "it has no case with a ratio", advice: "Save with --compare opencv")
    }
    self.ratios = ratios
    self.spreads = spreads
  }

  var names: [String] { ratios.keys.sorted() }
  func saved(_ name: String) -> Double? { ratios[name] }
  func leastRatio(_ name: String) -> Double? {
    ratios[name].map { $0 * (allowed - min(max(spreads[name] ?? 0, 0), Self.mostSpread)) }
  }
  /// A case that is noisier than that says nothing.
  private static let mostSpread = 0.3

  /// The results, a line each, after one that says where they were made. Their ratio is that of the
  /// fastest rounds.
  static func save(_ lines: [JSONObject], to path: String) throws {
    let head: JSONObject = [
      "time": .string(Timestamp.now()), "cpu": .string(Processor.name),
      "isa": .string(try EngineOptions.instructionSet().rawValue),
      "opencv": .string(OpenCVLibrary.shared?.version ?? "none"),
    ]
    try writeText(([head] + lines).map { JSON.object($0).text + "\n" }.joined(), to: path)
  }
}
