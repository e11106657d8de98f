import Configuration

/// One thing in which a recipe differs from another, told as what it means for the parts.
public struct RecipeChange: Sendable, Equatable {
  public enum Meaning: String, Sendable, CaseIterable {
    case added, removed, renamed, moved
    /// More parts pass.
    case loosened
    /// Fewer parts pass.
    case tightened
    /// What it does to verdicts cannot be told from the text.
    case changed
  }

  public let meaning: Meaning
  /// The tool, the file or the test, by its new name; nil: the recipe itself.
  public let subject: String?
  /// As recipes write it; nil: all of the subject.
  public let key: String?
  public let old: JSON?
  public let new: JSON?
  /// What it is about, where the values do not say.
  public let remark: String?

  init(
    _ meaning: Meaning, _ subject: String? = nil, _ key: String? = nil, old: JSON? = nil,
    new: JSON? = nil, remark: String? = nil
  ) {
    self.meaning = meaning
    self.subject = subject
    self.key = key
    self.old = old
    self.new = new
    self.remark = remark
  }

  /// "tightened  print.tolerance: 30 -> 25"
  public var text: String {
    var text = meaning.rawValue
    text += String(repeating: " ", count: max(1, 11 - text.count))
    if meaning == .renamed, key == nil {
      return text + "\(old?.string ?? "") -> \(new?.string ?? "")"
    }
    text += [subject, key].compactMap { $0 }.joined(separator: ".")
    if old != nil || new != nil { text += ": \(Self.text(of: old)) -> \(Self.text(of: new))" }
    if let remark { text += " (\(remark))" }
    return text
  }

  private static func text(of value: JSON?) -> String {
    switch value {
    case nil, .null?: "none"
    case .integer(.max)?: "any"
    case let value?: value.text
    }
  }

  public var json: JSONObject {
    var object: JSONObject = ["change": .string(meaning.rawValue)]
    object["of"] = subject.map { .string($0) }
    object["key"] = key.map { .string($0) }
    object["old"] = old
    object["new"] = new
    object["remark"] = remark.map { .string($0) }
    return object
  }
}

extension Parameter.Strictness {
  /// What a change from one value to the other does; nil stands for no limit at all.
  func meaning(from old: ParameterValue?, to new: ParameterValue?) -> RecipeChange.Meaning {
    switch self {
    case .looserWhenLarger: Self.meaning(isLooser: Self.compare(old, new, none: .infinity))
    case .tighterWhenLarger: Self.meaning(isLooser: Self.compare(new, old, none: -.infinity))
    case .looserWhenWider: Self.meaning(isLooser: Self.isWider(new, than: old))
    }
  }

  private static func meaning(isLooser: Bool?) -> RecipeChange.Meaning {
    switch isLooser {
    case true?: .loosened
    case false?: .tightened
    case nil: .changed
    }
  }

  private static func number(_ value: ParameterValue?, none: Double) -> Double? {
    switch value {
    case .whole(let whole)?: Double(whole)
    case .real(let real)?: real
    case nil: none
    default: nil
    }
  }

  /// Whether b is larger than a.
  private static func compare(_ a: ParameterValue?, _ b: ParameterValue?, none: Double) -> Bool? {
    guard let a = number(a, none: none), let b = number(b, none: none), a != b else { return nil }
    return b > a
  }

  /// Nil where each range has something that the other has not.
  private static func isWider(_ new: ParameterValue?, than old: ParameterValue?) -> Bool? {
    func range(_ value: ParameterValue?) -> (Double, Double)? {
      switch value {
      case .numbers(let ends)? where ends.count == 2: (ends[0], ends[1])
      case nil: (-.infinity, .infinity)
      default: nil
      }
    }
    guard let a = range(old), let b = range(new) else { return nil }
    if b.0 <= a.0 && b.1 >= a.1 { return true }
    return b.0 >= a.0 && b.1 <= a.1 ? false : nil
  }
}
