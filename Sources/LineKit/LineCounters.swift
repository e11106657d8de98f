import Configuration

/// What a line has done so far: verdicts, rhythm, and how long parts took.
public struct LineCounters: Sendable {
  public private(set) var ok = 0
  public private(set) var ng = 0
  public private(set) var fault = 0
  public var reconnects = 0
  private var latencies = LatencyHistogram()
  private var first: Double?
  private var last: Double?

  public init() {}

  public var parts: Int { ok + ng + fault }
  /// Share of parts that passed, in percent.
  public var yield: Double { parts == 0 ? 0 : 100 * Double(ok) / Double(parts) }
  /// Milliseconds from part to part.
  public var takt: Double? {
    guard let first, let last, parts > 1 else { return nil }
    return (last - first) * 1000 / Double(parts - 1)
  }

  /// Counts a part that was decided `seconds` after some start; the latency is from trigger to
  /// verdict.
  public mutating func count(verdict: String, latencyMilliseconds: Double, at seconds: Double) {
    switch verdict {
    case "OK": ok += 1
    case "NG": ng += 1
    default: fault += 1
    }
    latencies.add(latencyMilliseconds)
    if first == nil { first = seconds }
    last = seconds
  }

  /// The last line of a run.
  public var summary: JSONObject {
    [
      "type": "summary", "parts": .integer(parts), "ok": .integer(ok), "ng": .integer(ng),
      "fault": .integer(fault), "yield": .rounded(yield, 2), "reconnects": .integer(reconnects),
      "takt_ms": takt.map { .rounded($0, 3) } ?? .null,
      "latency_ms": [
        "p50": .rounded(latencies.percentile(0.5), 3),
        "p99": .rounded(latencies.percentile(0.99), 3), "max": .rounded(latencies.greatest, 3),
      ],
    ]
  }
}

/// Times in classes that grow by 2 %, from a microsecond to hours: percentiles to 1 % whatever the
/// number of parts, in memory that never grows.
public struct LatencyHistogram: Sendable {
  private static let growth = 1.02
  private static let least = 0.001
  private static let bounds: [Double] = {
    var bounds = [least]
    while bounds[bounds.count - 1] < 1e7 { bounds.append(bounds[bounds.count - 1] * growth) }
    return bounds
  }()

  private var counts = [Int](repeating: 0, count: bounds.count)
  private var total = 0
  public private(set) var greatest = 0.0

  public init() {}

  public mutating func add(_ milliseconds: Double) {
    var low = 0, high = Self.bounds.count - 1
    while low < high {
      let middle = (low + high) / 2
      if Self.bounds[middle] < milliseconds { low = middle + 1 } else { high = middle }
    }
    counts[low] += 1
    total += 1
    greatest = max(greatest, milliseconds)
  }

  /// The time that a share of all times does not pass.
  public func percentile(_ share: Double) -> Double {
    guard total > 0 else { return 0 }
    let rank = max(1, Int((share * Double(total)).rounded(.up)))
    var seen = 0
    for (i, count) in counts.enumerated() {
      seen += count
      if seen >= rank { return min(greatest, Self.bounds[i]) }
    }
    return greatest
  }
}
