/// A JSON value. Objects keep the order in which they were written, so that a record reads the same
/// on every machine.
public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

/// The members of a JSON object, in their order.
public struct JSONObject: Sendable, Equatable {
  public struct Member: Sendable, Equatable {
    public let key: String
    public var value: JSON
  }
  public private(set) var members: [Member]

  public init() { members = [] }

  public init(_ pairs: [(String, JSON)]) {
    members = []
    for (key, value) in pairs { self[key] = value }
  }

  public var keys: [String] { members.map(\.key) }
  public var isEmpty: Bool { members.isEmpty }

  /// The member of that name. Setting replaces it in its place, or appends; nil removes it.
  public subscript(key: String) -> JSON? {
    get { members.first { $0.key == key }?.value }
    set {
      let place = members.firstIndex { $0.key == key }
      switch (place, newValue) {
      case (let i?, let value?): members[i].value = value
      case (let i?, nil): members.remove(at: i)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }
}

extension JSON {
  public subscript(key: String) -> JSON? {
    if case .object(let object) = self { object[key] } else { nil }
  }
  public subscript(index: Int) -> JSON? {
    if case .array(let list) = self, list.indices.contains(index) { list[index] } else { nil }
  }
  public var string: String? { if case .string(let s) = self { s } else { nil } }
  public var bool: Bool? { if case .bool(let b) = self { b } else { nil } }
  public var array: [JSON]? { if case .array(let a) = self { a } else { nil } }
  public var object: JSONObject? { if case .object(let o) = self { o } else { nil } }
  /// A whole number, also where it was written as 3.0.
  public var integer: Int? {
    switch self {
    case .integer(let i): i
    case .number(let d): Int(exactly: d)
    default: nil
    }
  }
  /// Any number.
  public var number: Double? {
    switch self {
    case .integer(let i): Double(i)
    case .number(let d): d
    default: nil
    }
  }

  /// The number with `digits` decimals at the most; keeps records short and the same everywhere.
  public static func rounded(_ value: Double, _ digits: Int) -> JSON {
    guard value.isFinite else { return .null }
    var power = 1.0
    for _ in 0..<digits { power *= 10 }
    let scaled = (value * power).rounded()
    guard abs(scaled) < 9e15 else { return .number(value) }
    return digits == 0 ? .integer(Int(scaled)) : .number(scaled / power)
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}

// MARK: - Text

extension JSON {
  /// The value as text on one line, without spaces: a line of JSON Lines, and the canonical form
  /// that hashes are taken of.
  public var text: String {
    var out = ""
    write(to: &out, indent: nil)
    return out
  }

  /// The value as text for people: an indented line a member.
  public var prettyText: String {
    var out = ""
    write(to: &out, indent: 0)
    return out
  }

  /// Short collections of plain values stay on one line of the pretty form.
  private var isShort: Bool {
    switch self {
    case .array(let list): list.count <= 16 && list.allSatisfy(\.isPlain)
    case .object(let object): object.members.count <= 4 && object.members.allSatisfy(\.value.isPlain)
    default: true
    }
  }
  private var isPlain: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private func write(to out: inout String, indent: Int?) {
    switch self {
    case .null: out += "null"
    case .bool(let b): out += b ? "true" : "false"
    case .integer(let i): out += String(i)
    case .number(let d): out += Self.text(of: d)
    case .string(let s): Self.write(s, to: &out)
    case .array(let list):
      Self.writeList(list, "[", "]", short: isShort, &out, indent) { value, out, inner in
        value.write(to: &out, indent: inner)
      }
    case .object(let object):
      Self.writeList(object.members, "{", "}", short: isShort, &out, indent) { member, out, inner in
        Self.write(member.key, to: &out)
        out += indent == nil ? ":" : ": "
        member.value.write(to: &out, indent: inner)
      }
    }
  }

  private static func writeList<T>(
    _ items: [T], _ open: String, _ close: String, short: Bool, _ out: inout String, _ indent: Int?,
    _ writeItem: (T, inout String, Int?) -> Void
  ) {
    out += open
    let inner = indent.map { $0 + 2 }
    for (i, item) in items.enumerated() {
      if i > 0 { out += "," }
      if let inner {
        if short {
          if i > 0 { out += " " }
        } else {
          out += "\n" + String(repeating: " ", count: inner)
        }
      }
      writeItem(item, &out, inner)
    }
    if let indent, !short, !items.isEmpty { out += "\n" + String(repeating: " ", count: indent) }
    out += close
  }

  /// The shortest text that reads back as the same number. JSON has no infinities: they become null.
  private static func text(of number: Double) -> String {
    guard number.isFinite else { return "null" }
    if let whole = Int(exactly: number), abs(whole) < 1 << 53 { return String(whole) }
    return number.description
  }

  private static func write(_ string: String, to out: inout String) {
    out += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case let s where s.value < 0x20 || s.value == 0x7f || s.value == 0x2028 || s.value == 0x2029:
        let hex = String(s.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
