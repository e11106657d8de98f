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
    /// The class that was said, where there is one.
    public let said: String?

    public init(
      image: String, isBad: Bool, verdict: Verdict, score: Double, label: String?,
      said: String? = nil
    ) {
      self.image = image
      self.isBad = isBad
      self.verdict = verdict
      self.score = score
      self.label = label
      self.said = said
    }
  }

  public let samples: [Sample]
  /// Where there are maps and masks.
  public let pixels: PixelEvaluation?

  public init(_ samples: [Sample], pixels: PixelEvaluation? = nil) {
    self.samples = samples
    self.pixels = pixels
  }

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

  /// A place on the way from rejecting everything to rejecting nothing.
  public struct Point: Sendable {
    /// Rejected is what has this score or a higher one.
    public let limit: Double
    /// Bad ones that are rejected, by all bad ones.
    public let recall: Double
    /// Good ones that are rejected, by all good ones.
    public let falseAlarms: Double
    public let f: Double
  }

  /// One point for every score there is, from the highest down; empty where there is one kind only.
  public var curve: [Point] {
    guard !bad.isEmpty, !good.isEmpty else { return [] }
    let sorted = samples.sorted { $0.score > $1.score }
    var points: [Point] = []
    var hits = 0
    for (i, sample) in sorted.enumerated() {
      hits += sample.isBad ? 1 : 0
      if i + 1 < sorted.count, sorted[i + 1].score == sample.score { continue }
      points.append(
        Point(
          limit: sample.score, recall: Double(hits) / Double(bad.count),
          falseAlarms: Double(i + 1 - hits) / Double(good.count),
          f: 2 * Double(hits) / Double(i + 1 + bad.count)))
    }
    return points
  }

  /// What was said of every class of pictures: rows are the truth.
  public var confusion: JSONObject {
    var counts: [String: [String: Int]] = [:]
    for sample in samples {
      let truth = sample.isBad ? sample.label ?? "bad" : "good"
      let said = sample.verdict == .ok ? "good" : sample.said ?? sample.verdict.rawValue
      counts[truth, default: [:]][said, default: 0] += 1
    }
    return JSONObject(
      counts.sorted { $0.key < $1.key }.map { truth, row in
        let cells = row.sorted { $0.key < $1.key }.map { ($0.key, JSON.integer($0.value)) }
        return (truth, .object(JSONObject(cells)))
      })
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
    var verdicts: JSONObject = [:]
    for (name, list) in [("good", good), ("bad", bad)] {
      verdicts[name] = .object(
        JSONObject(
          Verdict.allCases.map { verdict in
            (verdict.rawValue, .integer(list.filter { $0.verdict == verdict }.count))
          }))
    }
    let curve = curve
    let best = curve.max { $0.f < $1.f }
    func limit(_ point: Point?) -> JSON {
      guard let point else { return .null }
      return [
        "limit": .rounded(point.limit, 4), "escape": .rounded(1 - point.recall, 4),
        "overkill": .rounded(point.falseAlarms, 4),
      ]
    }
    return [
      "images": .integer(samples.count), "good": .integer(good.count), "bad": .integer(bad.count),
      "auroc": number(auroc), "ap": number(averagePrecision), "f": number(f),
      "f_max": number(best?.f),
      "pixel_auroc": number(pixels?.auroc), "pixel_ap": number(pixels?.averagePrecision),
      "pixel_images": .integer(pixels?.pictures ?? 0),
      "escape": number(escapeRate), "overkill": number(overkillRate),
      "confusion": .object(verdicts),
      "class_confusion": .object(confusion),
      "classes": .object(classes),
      "limits": [
        "best_f": limit(best), "no_escape": limit(curve.first { $0.recall == 1 }),
        "no_overkill": limit(curve.last { $0.falseAlarms == 0 }),
      ],
      "sweep": .array(sweep([0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2])),
    ]
  }
}
