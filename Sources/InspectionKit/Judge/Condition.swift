/// What a judge asks of the results before it.
///
/// It is answered with how bad the part is by it: below 1 the condition holds, from 1 on it does
/// not; nil where a result is missing that it needs. So a judge's score says how near the part came
/// to the limit, as other tools' do, and nothing passes because something was not measured.
indirect enum Condition: Sendable, Equatable {
  case constant(Bool)
  /// The tool's own limits hold.
  case passes(tool: String)
  case compare(Quantity, Relation, Quantity)
  case not(Condition)
  case all([Condition])
  case any([Condition])

  enum Relation: String, Sendable, CaseIterable {
    case less = "<"
    case atMost = "<="
    case greater = ">"
    case atLeast = ">="
    case equal = "=="
    case unequal = "!="
  }

  /// The worst that still holds: what the record shows of it must not read 1.
  private static let justHolding = 0.9999
  /// Of a condition that fails by no amount that could be told.
  private static let failed = 1.5

  func badness(_ results: EarlierResults) -> Double? {
    switch self {
    case .constant(let holds): holds ? 0 : Self.failed
    case .passes(let tool): results[tool, "score"]
    case .compare(let a, let relation, let b):
      if let a = a.value(results), let b = b.value(results) {
        Self.badness(a, relation, b)
      } else {
        nil
      }
    case .not(let condition): condition.badness(results).map(Self.opposite)
    case .all(let conditions): Self.worst(conditions.map { $0.badness(results) })
    case .any(let conditions): Self.best(conditions.map { $0.badness(results) })
    }
  }

  /// How much of the limit is used up, where both are positive.
  private static func badness(_ a: Double, _ relation: Relation, _ b: Double) -> Double {
    let (holds, share): (Bool, Double?) =
      switch relation {
      case .less: (a < b, share(a, of: b))
      case .atMost: (a <= b, share(a, of: b))
      case .greater: (a > b, share(b, of: a))
      case .atLeast: (a >= b, share(b, of: a))
      case .equal: (a == b, nil)
      case .unequal: (a != b, nil)
      }
    return holds ? min(share ?? 0, justHolding) : max(share ?? failed, 1)
  }

  private static func share(_ part: Double, of whole: Double) -> Double? {
    part >= 0 && whole > 0 ? part / whole : nil
  }

  private static func opposite(_ badness: Double) -> Double {
    badness >= 1 ? min(1 / badness, justHolding) : min(1 / max(badness, 0.5), 2)
  }

  /// Of conditions that must all hold. One that fails decides, whatever is missing beside it.
  private static func worst(_ all: [Double?]) -> Double? {
    let known = all.compactMap { $0 }.max()
    return all.contains { $0 == nil } && known ?? 0 < 1 ? nil : known
  }

  /// Of conditions of which one is enough, whatever is missing beside it.
  private static func best(_ all: [Double?]) -> Double? {
    let known = all.compactMap { $0 }.min()
    return all.contains { $0 == nil } && known ?? 1 >= 1 ? nil : known
  }
}

/// A number in a condition.
indirect enum Quantity: Sendable, Equatable {
  case number(Double)
  case result(tool: String, field: String)
  case negated(Quantity)
  case magnitude(Quantity)
  case combined(Quantity, Operation, Quantity)

  enum Operation: String, Sendable, CaseIterable {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case over = "/"
  }

  /// Nil where a result is missing or the number is none (a division by zero).
  func value(_ results: EarlierResults) -> Double? {
    let value: Double?
    switch self {
    case .number(let number): value = number
    case .result(let tool, let field): value = results[tool, field]
    case .negated(let quantity): value = quantity.value(results).map { -$0 }
    case .magnitude(let quantity): value = quantity.value(results).map { abs($0) }
    case .combined(let a, let operation, let b):
      guard let a = a.value(results), let b = b.value(results) else { return nil }
      value =
        switch operation {
        case .plus: a + b
        case .minus: a - b
        case .times: a * b
        case .over: a / b
        }
    }
    return value.flatMap { $0.isFinite ? $0 : nil }
  }
}

/// What the tools before said about a part.
public struct EarlierResults: Sendable {
  private var outputs: [String: [String: Double]] = [:]
  /// In pixels of the whole picture.
  public private(set) var defects: [Defect] = []
  /// The tools by their scores, the highest first; among equals the earlier one.
  private(set) var worst: [(tool: String, score: Double)] = []

  public init() {}

  /// The defects of a result lie in the whole picture by now.
  mutating func add(_ result: ToolResult, of tool: String) {
    var values = result.outputs
    values["score"] = result.score
    values["defects"] = Double(result.defects.count)
    values["largest"] = Double(result.defects.map(\.area).max() ?? 0)
    if let measurement = result.measurements.first { values["value"] = measurement.value }
    outputs[tool] = values
    defects += result.defects
    let place = worst.firstIndex { $0.score < result.score } ?? worst.count
    worst.insert((tool, result.score), at: place)
  }

  /// Nil where the tool has no such result for this part.
  subscript(tool: String, field: String) -> Double? { outputs[tool]?[field] }
}
