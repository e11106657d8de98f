import Configuration
import VisionImage

/// What results are worth, held against the truth.
public struct Evaluation: Sendable {
  /// One picture: what is true of it and what was said.
  public struct Sample: Sendable {
    public let image: String
    public let isBad: Bool
    public let verdict: Verdict
    public let score: Double
    /// The class of the picture, where the truth has one.
    public let label: String?

    public init(image: String, isBad: Bool, verdict: Verdict, score: Double, label: String?) {
      self.image = image
      self.isBad = isBad
      self.verdict = verdict
      self.score = score
      self.label = label
    }
  }

  public let samples: [Sample]

  public init(_ samples: [Sample]) { self.samples = samples }

  private var bad: [Sample] { samples.filter(\.isBad) }
  private var good: [Sample] { samples.filter { !$0.isBad } }

  /// The chance that a bad picture has a higher score than a good one; ties count half. Nil where
  /// there is only one kind.
  public var auroc: Double? {
    guard !bad.isEmpty, !good.isEmpty else { return nil }
    let sorted = samples.sorted { $0.score < $1.score }
    var rankSum = 0.0
    var i = 0
    while i < sorted.count {
      var j = i
      while j < sorted.count && sorted[j].score == sorted[i].score { j += 1 }
      let rank = Double(i + 1 + j) / 2  // the mean of ranks i + 1 ... j
      rankSum += rank * Double(sorted[i..<j].filter(\.isBad).count)
      i = j
    }
    let b = Double(bad.count), g = Double(good.count)
    return (rankSum - b * (b + 1) / 2) / (b * g)
  }

  /// The mean precision over all bad pictures, from the highest score down.
  public var averagePrecision: Double? {
    guard !bad.isEmpty else { return nil }
    let sorted = samples.sorted { $0.score > $1.score }
    var sum = 0.0, hits = 0, seen = 0
    var i = 0
    while i < sorted.count {
      var j = i
      while j < sorted.count && sorted[j].score == sorted[i].score { j += 1 }
      let new = sorted[i..<j].filter(\.isBad).count
      seen = j
      hits += new
      sum += Double(new) * Double(hits) / Double(seen)
      i = j
    }
    return sum / Double(bad.count)
  }

  /// Bad pictures that passed, by all bad ones.
  public var escapeRate: Double? {
    bad.isEmpty ? nil : Double(bad.filter { $0.verdict == .ok }.count) / Double(bad.count)
  }

  /// Good pictures that were rejected, by all good ones.
  public var overkillRate: Double? {
    good.isEmpty ? nil : Double(good.filter { $0.verdict != .ok }.count) / Double(good.count)
  }

  /// The harmonic mean of precision and recall of the verdicts; FAULT rejects.
  public var f: Double? {
    let hits = bad.filter { $0.verdict != .ok }.count
    let alarms = samples.filter { $0.verdict != .ok }.count
    guard alarms + bad.count > 0 else { return nil }
    return 2 * Double(hits) / Double(alarms + bad.count)
  }

  /// Escape and overkill had the limit been elsewhere.
  public func sweep(_ limits: [Double]) -> [JSON] {
    limits.map { limit in
      let escapes = bad.filter { $0.score < limit }.count
      let overkills = good.filter { $0.score >= limit }.count
      return [
        "limit": .number(limit),
        "escape": bad.isEmpty ? .null : .rounded(Double(escapes) / Double(bad.count), 4),
        "overkill": good.isEmpty ? .null : .rounded(Double(overkills) / Double(good.count), 4),
      ]
    }
  }

  public var json: JSONObject {
    func number(_ value: Double?) -> JSON { value.map { .rounded($0, 5) } ?? .null }
    var classes: JSONObject = [:]
    for label in Set(bad.compactMap(\.label)).sorted() {
      let of = bad.filter { $0.label == label }
      classes[label] = [
        "count": .integer(of.count),
        "found": .integer(of.filter { $0.verdict != .ok }.count),
        "auroc": number(Evaluation(of + good).auroc),
      ]
    }
    var confusion: JSONObject = [:]
    for (name, list) in [("good", good), ("bad", bad)] {
      confusion[name] = .object(
        JSONObject(
          Verdict.allCases.map { verdict in
            (verdict.rawValue, .integer(list.filter { $0.verdict == verdict }.count))
          }))
    }
    return [
      "images": .integer(samples.count), "good": .integer(good.count), "bad": .integer(bad.count),
      "auroc": number(auroc), "ap": number(averagePrecision), "f": number(f),
      "escape": number(escapeRate), "overkill": number(overkillRate), "confusion": .object(confusion),
      "classes": .object(classes),
      "sweep": .array(sweep([0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2])),
    ]
  }
}
