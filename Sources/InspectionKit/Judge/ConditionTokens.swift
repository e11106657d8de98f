import Configuration

/// The words, numbers and signs of a condition, one after the other.
struct ConditionTokens {
  enum Token: Equatable {
    case number(Double)
    /// and, or, not, true, false
    case word(String)
    case name(String)
    case symbol(String)
    case end

    var text: String {
      switch self {
      case .number(let number): JSON.number(number).text
      case .word(let word), .name(let word), .symbol(let word): "'\(word)'"
      case .end: "the end"
      }
    }
  }

  private(set) var current = Token.end
  /// Where `current` begins.
  private(set) var offset = 0
  private let text: [Unicode.Scalar]
  private var next = 0

  private static let words: Set<String> = ["and", "or", "not", "true", "false"]
  private static let synonyms = ["&&": "and", "||": "or", "!": "not"]
  /// The longer ones first.
  private static let symbols = [
    "<=", ">=", "==", "!=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "(", ")", ".",
  ].map { Array($0.unicodeScalars) }

  init(_ text: String) throws(ConditionParser.Failure) {
    self.text = Array(text.unicodeScalars)
    try advance()
  }

  mutating func advance() throws(ConditionParser.Failure) {
    while next < text.count && (text[next] == " " || text[next] == "\t" || text[next] == "\n") {
      next += 1
    }
    offset = next
    guard next < text.count else {
      current = .end
      return
    }
    let scalar = text[next]
    if Self.isDigit(scalar)
      || (scalar == "." && next + 1 < text.count && Self.isDigit(text[next + 1]))
    {
      current = try number()
    } else if Self.isLetter(scalar) {
      let word = take { Self.isLetter($0) || Self.isDigit($0) }
      current = Self.words.contains(word) ? .word(word) : .name(word)
    } else if scalar == "'" || scalar == "\"" {
      next += 1
      let name = take { $0 != scalar }
      guard next < text.count else {
        throw ConditionParser.Failure(offset: offset, message: "a name that is never closed")
      }
      next += 1
      current = .name(name)
    } else if let symbol = Self.symbols.first(where: { text[next...].starts(with: $0) }) {
      next += symbol.count
      let written = String(String.UnicodeScalarView(symbol))
      current = Self.synonyms[written].map { .word($0) } ?? .symbol(written)
    } else {
      let hint = scalar == "=" ? "; equal is '=='" : ""
      throw ConditionParser.Failure(
        offset: offset, message: "'\(scalar)' does not belong here\(hint)")
    }
  }

  private mutating func number() throws(ConditionParser.Failure) -> Token {
    // A letter right behind it is taken along: '5mm' is told as it was written.
    var written = take { Self.isDigit($0) || Self.isLetter($0) || $0 == "." }
    if written.hasSuffix("e"), next < text.count, text[next] == "-" || text[next] == "+" {
      written.unicodeScalars.append(text[next])
      next += 1
      written += take { Self.isDigit($0) }
    }
    guard let value = Double(written.hasPrefix(".") ? "0" + written : written), value.isFinite,
      !written.hasPrefix("0x")
    else {
      throw ConditionParser.Failure(offset: offset, message: "'\(written)' is not a number")
    }
    return .number(value)
  }

  private mutating func take(while belongs: (Unicode.Scalar) -> Bool) -> String {
    var taken = String.UnicodeScalarView()
    while next < text.count, belongs(text[next]) {
      taken.append(text[next])
      next += 1
    }
    return String(taken)
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
      || scalar.value >= 0x80 && scalar.properties.isAlphabetic
  }
}
