/// A setting that a person may give: declared once, it is an option of the command line, a key of a
/// recipe, a row of the help and of the guide.
public struct Parameter: Sendable {
  public enum Kind: Sendable {
    /// Given or not.
    case flag
    case whole(ClosedRange<Int>)
    /// A whole number that must be odd: the size of a window with a centre.
    case odd(ClosedRange<Int>)
    case real(ClosedRange<Double>)
    /// K or WxH pixels, each within the range.
    case size(ClosedRange<Int>)
    /// So many numbers with commas between them.
    case numbers(ClosedRange<Int>)
    case choice([String])
    case text
    /// The path of a file or folder.
    case path
    /// A picture's file, or by rule: { replace: ["_test", "_temp"] } in the inspected one's path.
    case picture
    /// A text for each of some names: { short: "bridge" }.
    case words
    /// A whole number for each of some names: { bridge: 12 }.
    case codes(ClosedRange<Int>)
  }

  /// What a larger value does to what passes; a change of it can then be told as what it means.
  public enum Strictness: Sendable {
    /// Larger lets more pass: the most that is allowed.
    case looserWhenLarger
    /// Larger lets less pass: the least that is asked for.
    case tighterWhenLarger
    /// [least, most]: a wider range lets more pass.
    case looserWhenWider
  }

  /// In kebab-case, as on the command line; recipes write it in snake_case.
  public let name: String
  public let kind: Kind
  /// What holds where nothing is given; nil where something must be.
  public let fallback: ParameterValue?
  /// What stands for the value in the help, "N" or "FILE".
  public let placeholder: String
  public let help: String
  /// A one-letter form for the command line.
  public let short: String?
  /// May be given several times; the values are a list of texts.
  public let isRepeatable: Bool
  /// Where nothing need be given and nothing stands for it.
  public let isOptional: Bool
  /// Nil for what is no limit.
  public let strictness: Strictness?

  public init(
    _ name: String, _ kind: Kind, default fallback: ParameterValue? = nil, optional: Bool = false,
    repeatable: Bool = false, short: String? = nil, placeholder: String? = nil,
    strictness: Strictness? = nil, _ help: String
  ) {
    self.name = name
    self.kind = kind
    self.fallback = if case .flag = kind { .flag(false) } else { fallback }
    self.isOptional = optional
    self.isRepeatable = repeatable
    self.short = short
    self.placeholder = placeholder ?? kind.placeholder
    self.help = help
    self.strictness = strictness
  }

  public var recipeKey: String { String(name.map { $0 == "-" ? "_" : $0 }) }
}

public enum ParameterValue: Sendable, Equatable {
  case flag(Bool)
  case whole(Int)
  case real(Double)
  case size(width: Int, height: Int)
  case numbers([Double])
  case text(String)
  case texts([String])
  case words([String: String])
  case codes([String: Int])
}

extension ParameterValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral
{
  public init(integerLiteral value: Int) { self = .whole(value) }
  public init(floatLiteral value: Double) { self = .real(value) }
  public init(stringLiteral value: String) { self = .text(value) }
}

/// Why a value does not fit its parameter, in words that name what would.
public struct ParameterError: Error, Sendable, Equatable {
  public let message: String
  public init(_ message: String) { self.message = message }
}

extension Parameter.Kind {
  var placeholder: String {
    switch self {
    case .flag: ""
    case .whole, .odd: "N"
    case .real: "X"
    case .size: "WxH"
    case .numbers(let count): count.upperBound == 2 ? "A,B" : "A,B,…"
    case .choice(let words): words.joined(separator: "|")
    case .text: "TEXT"
    case .path, .picture: "FILE"
    case .words: "NAME=TEXT,…"
    case .codes: "NAME=N,…"
    }
  }

  /// What a fitting value looks like, for error messages and tables.
  public var expectation: String {
    switch self {
    case .flag: "true or false"
    case .whole(let range): "a whole number \(Self.words(range))"
    case .odd(let range): "an odd whole number \(Self.words(range))"
    case .real(let range): "a number \(Self.words(range))"
    case .size(let range): "K or WxH, whole numbers \(Self.words(range))"
    case .numbers(let count):
      count.lowerBound == count.upperBound
        ? "\(count.lowerBound) numbers with commas between them"
        : "\(count.lowerBound) to \(count.upperBound) numbers with commas between them"
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .text: "a text"
    case .path: "a path"
    case .picture: "a picture's path or { replace: [FROM, TO] }"
    case .words: "texts by their names: { name: \"text\" }"
    case .codes(let range): "whole numbers \(Self.words(range)) by their names: { name: N }"
    }
  }

  private static func words<N: Comparable>(_ range: ClosedRange<N>) -> String {
    func text(_ n: N) -> String {
      if let d = n as? Double, let i = Int(exactly: d) { return String(i) }
      return "\(n)"
    }
    let low = text(range.lowerBound), high = text(range.upperBound)
    let open = high.count > 15 || (range.upperBound as? Int) == Int.max
    if open && low.count > 15 { return "of any size" }
    return open ? "from \(low)" : "from \(low) to \(high)"
  }
}

extension Parameter {
  /// The value that a word of the command line stands for.
  public func parse(_ word: String) throws(ParameterError) -> ParameterValue {
    switch kind {
    case .flag:
      switch word {
      case "true": return .flag(true)
      case "false": return .flag(false)
      default: throw misfit(word)
      }
    case .whole, .odd:
      guard let value = Int(word) else { throw misfit(word) }
      return try checked(.whole(value), word)
    case .real:
      guard let value = Double(word) else { throw misfit(word) }
      return try checked(.real(value), word)
    case .size:
      let parts = word.split(separator: "x", omittingEmptySubsequences: false)
      guard parts.count <= 2, let width = Int(parts[0]), let height = Int(parts[parts.count - 1])
      else { throw misfit(word) }
      return try checked(.size(width: width, height: height), word)
    case .numbers:
      let parts = word.split(separator: ",", omittingEmptySubsequences: false)
      let values = parts.compactMap { Double($0) }
      guard values.count == parts.count else { throw misfit(word) }
      return try checked(.numbers(values), word)
    case .words, .codes:
      var object: JSONObject = [:]
      for pair in word.split(separator: ",", omittingEmptySubsequences: false) {
        guard let mark = pair.firstIndex(of: "=") else { throw misfit(word) }
        let value = String(pair[pair.index(after: mark)...])
        object[String(pair[..<mark])] =
          if case .codes = kind, let code = Int(value) { .integer(code) } else { .string(value) }
      }
      return try parse(.object(object))
    case .choice, .text, .path, .picture:
      return try checked(.text(word), word)
    }
  }

  /// The value that a JSON value of a recipe stands for.
  public func parse(_ json: JSON) throws(ParameterError) -> ParameterValue {
    let written = json.text
    switch kind {
    case .flag:
      guard let value = json.bool else { throw misfit(written) }
      return .flag(value)
    case .whole, .odd:
      guard let value = json.integer else { throw misfit(json) }
      return try checked(.whole(value), written)
    case .real:
      guard let value = json.number else { throw misfit(json) }
      return try checked(.real(value), written)
    case .size:
      if let side = json.integer { return try checked(.size(width: side, height: side), written) }
      if let text = json.string { return try parse(text) }
      guard let list = json.array, list.count == 2, let w = list[0].integer,
        let h = list[1].integer
      else { throw misfit(written) }
      return try checked(.size(width: w, height: h), written)
    case .numbers:
      guard let list = json.array else { throw misfit(written) }
      let values = list.compactMap(\.number)
      guard values.count == list.count else { throw misfit(written) }
      return try checked(.numbers(values), written)
    case .picture where json.string == nil:
      guard case .object(let rule) = json, rule.keys == ["replace"],
        let words = rule["replace"]?.array?.map(\.string), words.count == 2,
        let from = words[0], let to = words[1], !from.isEmpty
      else { throw misfit(written) }
      return .texts([from, to])
    case .words:
      guard let members = json.object?.members else { throw misfit(written) }
      let texts = members.compactMap { $0.value.string }
      guard texts.count == members.count else { throw misfit(written) }
      return .words(Dictionary(uniqueKeysWithValues: zip(members.map(\.key), texts)))
    case .codes(let range):
      guard let members = json.object?.members else { throw misfit(written) }
      let codes = members.compactMap { $0.value.integer }
      guard codes.count == members.count, codes.allSatisfy(range.contains) else {
        throw misfit(written)
      }
      return .codes(Dictionary(uniqueKeysWithValues: zip(members.map(\.key), codes)))
    case .choice, .text, .path, .picture:
      guard let text = json.string else { throw misfit(written) }
      return try checked(.text(text), text)
    }
  }

  private func checked(
    _ value: ParameterValue, _ written: String
  ) throws(ParameterError) -> ParameterValue {
    let fits =
      switch (kind, value) {
      case (.whole(let range), .whole(let v)): range.contains(v)
      case (.odd(let range), .whole(let v)): range.contains(v) && v % 2 != 0
      case (.real(let range), .real(let v)): range.contains(v)
      case (.size(let range), .size(let w, let h)): range.contains(w) && range.contains(h)
      case (.numbers(let count), .numbers(let list)):
        count.contains(list.count) && list.allSatisfy(\.isFinite)
      case (.choice(let words), .text(let word)): words.contains(word)
      case (.text, .text): true
      case (.path, .text(let path)), (.picture, .text(let path)): !path.isEmpty
      default: false
      }
    guard fits else { throw misfit(written) }
    return value
  }

  /// A text where a number belongs, with a unit perhaps.
  private func misfit(_ json: JSON) -> ParameterError {
    let text = json.string ?? ""
    let number = text.prefix { "+-.0123456789".contains($0) }
    guard Double(number) != nil else { return misfit(json.text) }
    return ParameterError(
      "'\(text)' is not \(kind.expectation); write the bare number, without quotes and unit")
  }

  private func misfit(_ written: String) -> ParameterError {
    var hint = ""
    if case .choice(let words) = kind, let near = nearestName(to: written, among: words) {
      hint = "; did you mean '\(near)'?"
    }
    return ParameterError("'\(written)' is not \(kind.expectation)\(hint)")
  }
}
