/// Reads JSON (from the network and from logs) and JSON5 (recipes: comments, bare keys, single
/// quotes, trailing commas). Doubled keys are errors in both: the second would silently win.
public struct JSONParser {
  public enum Dialect: Sendable { case json, json5 }

  /// Texts longer than this are refused unread; a recipe has a few kilobytes.
  public static let defaultLimit = 4 << 20
  /// Values may be nested this deep; deeper text is an attack, not a recipe.
  static let maximumDepth = 64

  private let bytes: [UInt8]
  private let dialect: Dialect
  private var position = 0
  private var depth = 0

  public static func parse(
    _ bytes: [UInt8], as dialect: Dialect, limit: Int = defaultLimit
  ) throws(TextError) -> SourceNode {
    let start = SourceLocation(line: 1, column: 1)
    guard bytes.count <= limit else {
      throw TextError("\(bytes.count) bytes, more than the \(limit) allowed", at: start)
    }
    if let place = firstInvalidUTF8(bytes) {
      throw TextError("not UTF-8 text", at: location(of: place, in: bytes))
    }
    var parser = JSONParser(bytes: bytes, dialect: dialect)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { parser.position = 3 }
    try parser.skipSpace()
    let node = try parser.value()
    try parser.skipSpace()
    if parser.position < bytes.count {
      throw parser.error("\(parser.quotedHere) after the end of the value")
    }
    return node
  }

  public static func parse(_ text: String, as dialect: Dialect) throws(TextError) -> SourceNode {
    try parse(Array(text.utf8), as: dialect)
  }

  private init(bytes: [UInt8], dialect: Dialect) {
    self.bytes = bytes
    self.dialect = dialect
  }

  // MARK: Places

  private static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    // Repairing replaces what is invalid, so the two texts part where it stands.
    let repaired = String(decoding: bytes, as: UTF8.self).utf8
    return zip(bytes, repaired).enumerated().first { $1.0 != $1.1 }?.offset ?? bytes.count - 1
  }

  private static func location(of place: Int, in bytes: [UInt8]) -> SourceLocation {
    var line = 1, column = 1
    for byte in bytes[..<min(place, bytes.count)] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xc0 != 0x80 {  // not the inside of a character
        column += 1
      }
    }
    return SourceLocation(line: line, column: column)
  }

  /// Locations are asked for at every node; walking on from the last one keeps that linear.
  private var lastPlace = 0
  private var lastLocation = SourceLocation(line: 1, column: 1)

  private mutating func here() -> SourceLocation {
    if position < lastPlace {
      lastPlace = 0
      lastLocation = SourceLocation(line: 1, column: 1)
    }
    var line = lastLocation.line, column = lastLocation.column
    for byte in bytes[lastPlace..<position] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xc0 != 0x80 {
        column += 1
      }
    }
    lastPlace = position
    lastLocation = SourceLocation(line: line, column: column)
    return lastLocation
  }

  private func error(_ message: String) -> TextError {
    TextError(message, at: Self.location(of: position, in: bytes))
  }

  /// The character at the position, for messages.
  private var quotedHere: String {
    guard position < bytes.count else { return "the end of the text" }
    var end = position + 1
    while end < bytes.count && bytes[end] & 0xc0 == 0x80 { end += 1 }
    let character = String(decoding: bytes[position..<end], as: UTF8.self)
    let visible = character.unicodeScalars.first!.value < 0x20
    return visible ? "a control character" : "'\(character)'"
  }

  // MARK: Space and comments

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func looking(at text: StaticString) -> Bool {
    guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
  }

  private mutating func skipSpace() throws(TextError) {
    while let b = byte {
      switch b {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        position += 1
      case UInt8(ascii: "/") where dialect == .json5 && looking(at: "//"):
        while let c = byte, c != UInt8(ascii: "\n") { position += 1 }
      case UInt8(ascii: "/") where dialect == .json5 && looking(at: "/*"):
        let start = position
        position += 2
        while !looking(at: "*/") {
          if position >= bytes.count {
            position = start
            throw error("a comment that is never closed")
          }
          position += 1
        }
        position += 2
      default:
        return
      }
    }
  }

  // MARK: Values

  private mutating func value() throws(TextError) -> SourceNode {
    let location = here()
    guard let b = byte else { throw error("a value is missing") }
    switch b {
    case UInt8(ascii: "{"): return SourceNode(content: try object(), location: location)
    case UInt8(ascii: "["): return SourceNode(content: try array(), location: location)
    case UInt8(ascii: "\""):
      return SourceNode(content: .plain(.string(try quoted())), location: location)
    case UInt8(ascii: "'") where dialect == .json5:
      return SourceNode(content: .plain(.string(try quoted())), location: location)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return SourceNode(content: .plain(try number()), location: location)
    case UInt8(ascii: "+"), UInt8(ascii: "."):
      guard dialect == .json5 else { throw error("\(quotedHere) where a value is expected") }
      return SourceNode(content: .plain(try number()), location: location)
    default:
      let start = position
      let word = bareWord()
      switch word {
      case "true": return SourceNode(content: .plain(.bool(true)), location: location)
      case "false": return SourceNode(content: .plain(.bool(false)), location: location)
      case "null": return SourceNode(content: .plain(.null), location: location)
      default:
        position = start
        throw error(
          word.isEmpty
            ? "\(quotedHere) where a value is expected" : "'\(word)' is not a value; texts need quotes")
      }
    }
  }

  private mutating func bareWord() -> String {
    let start = position
    while let b = byte,
      b >= 0x80 || b == UInt8(ascii: "_") || b == UInt8(ascii: "$")
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(b | 0x20)
        || (position > start && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(b))
    { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func enter() throws(TextError) {
    depth += 1
    if depth > Self.maximumDepth { throw error("nested deeper than \(Self.maximumDepth)") }
    position += 1
    try skipSpace()
  }

  /// After an item: true where another follows, false where the closing bracket came.
  private mutating func another(before close: UInt8, of what: String) throws(TextError) -> Bool {
    try skipSpace()
    if byte == UInt8(ascii: ",") {
      position += 1
      try skipSpace()
      if byte == close && dialect == .json5 { return false }
      return true
    }
    if byte == close { return false }
    throw error("\(quotedHere) where ',' or the end of the \(what) is expected")
  }

  private mutating func array() throws(TextError) -> SourceNode.Content {
    try enter()
    var items: [SourceNode] = []
    if byte != UInt8(ascii: "]") {
      repeat { items.append(try value()) } while try another(before: UInt8(ascii: "]"), of: "list")
    }
    position += 1
    depth -= 1
    return .array(items)
  }

  private mutating func object() throws(TextError) -> SourceNode.Content {
    try enter()
    var members: [SourceNode.Member] = []
    var seen: [String: SourceLocation] = [:]
    if byte != UInt8(ascii: "}") {
      repeat {
        let location = here()
        let key = try self.key()
        if let first = seen[key] {
          throw TextError("'\(key)' stands here a second time, first at \(first)", at: location)
        }
        seen[key] = location
        try skipSpace()
        guard byte == UInt8(ascii: ":") else {
          throw error("\(quotedHere) where ':' after '\(key)' is expected")
        }
        position += 1
        try skipSpace()
        members.append(.init(key: key, keyLocation: location, value: try value()))
      } while try another(before: UInt8(ascii: "}"), of: "object")
    }
    position += 1
    depth -= 1
    return .object(members)
  }

  private mutating func key() throws(TextError) -> String {
    if byte == UInt8(ascii: "\"") || (byte == UInt8(ascii: "'") && dialect == .json5) {
      return try quoted()
    }
    let start = position
    let word = dialect == .json5 ? bareWord() : ""
    if word.isEmpty {
      position = start
      throw error("\(quotedHere) where a name is expected")
    }
    return word
  }

  private mutating func number() throws(TextError) -> JSON {
    let start = position
    var isWhole = true
    if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") { position += 1 }
    let digits = position
    while let b = byte {
      switch b {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isWhole = false
      case UInt8(ascii: "+"), UInt8(ascii: "-"):
        guard bytes[position - 1] | 0x20 == UInt8(ascii: "e") else { fallthrough }
      default:
        return try finishNumber(start, digits, isWhole)
      }
      position += 1
    }
    return try finishNumber(start, digits, isWhole)
  }

  private mutating func finishNumber(
    _ start: Int, _ digits: Int, _ isWhole: Bool
  ) throws(TextError) -> JSON {
    // A unit right behind a number ("5mm") is the likeliest slip: show it as it was written.
    let end = position
    _ = bareWord()
    let written = String(decoding: bytes[start..<position], as: UTF8.self)
    var numeral = String(decoding: bytes[start..<end], as: UTF8.self)
    let leadingZero =
      end - digits > 1 && bytes[digits] == UInt8(ascii: "0")
      && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[digits + 1])
    if dialect == .json5 {
      if numeral.hasPrefix("+") { numeral.removeFirst() }
      if numeral.hasSuffix(".") { numeral += "0" }
      if numeral.hasPrefix(".") { numeral = "0" + numeral }
      if numeral.hasPrefix("-.") { numeral = "-0" + numeral.dropFirst() }
    }
    let strict = !numeral.hasSuffix(".") && !numeral.hasPrefix("-.")
    if position == end && !leadingZero && strict {
      if isWhole, let whole = Int(numeral) { return .integer(whole) }
      if let real = Double(numeral), real.isFinite { return .number(real) }
    }
    position = start
    throw error("'\(written)' is not a number")
  }

  private mutating func quoted() throws(TextError) -> String {
    let start = position
    let quote = bytes[position]
    position += 1
    var out: [UInt8] = []
    while let b = byte {
      if b == quote {
        position += 1
        return String(decoding: out, as: UTF8.self)
      }
      if b < 0x20 && !(b == 9 && dialect == .json5) { break }
      position += 1
      guard b == UInt8(ascii: "\\") else {
        out.append(b)
        continue
      }
      guard let e = byte else { break }
      position += 1
      switch e {
      case UInt8(ascii: "n"): out.append(10)
      case UInt8(ascii: "t"): out.append(9)
      case UInt8(ascii: "r"): out.append(13)
      case UInt8(ascii: "b"): out.append(8)
      case UInt8(ascii: "f"): out.append(12)
      case UInt8(ascii: "u"): out += Array(String(try escapedScalar()).utf8)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(e)
      case UInt8(ascii: "'") where dialect == .json5: out.append(e)
      case UInt8(ascii: "\n") where dialect == .json5: break  // a text may go on in the next line
      default:
        position -= 1
        throw error("\(quotedHere) after a backslash")
      }
    }
    position = start
    throw error("a text that is never closed")
  }

  /// Four hexadecimal digits, or two groups where they form a pair.
  private mutating func escapedScalar() throws(TextError) -> Unicode.Scalar {
    let high = try hexadecimal()
    if let scalar = Unicode.Scalar(high) { return scalar }
    if (0xd800..<0xdc00).contains(high), looking(at: "\\u") {
      position += 2
      let low = try hexadecimal()
      if (0xdc00..<0xe000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
      {
        return scalar
      }
    }
    throw error("half of a character pair")
  }

  private mutating func hexadecimal() throws(TextError) -> UInt32 {
    guard position + 4 <= bytes.count,
      bytes[position..<position + 4].allSatisfy({
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20)
      }),
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits are expected after \\u") }
    position += 4
    return value
  }
}
