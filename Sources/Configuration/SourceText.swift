/// A place in a text, counted from 1 as editors do; columns count characters.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  public let line: Int
  public let column: Int
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
  public var description: String { "line \(line), column \(column)" }
}

/// What is wrong with a text, and where.
public struct TextError: Error, Sendable, Equatable {
  public let location: SourceLocation
  public let message: String
  public init(_ message: String, at location: SourceLocation) {
    self.location = location
    self.message = message
  }
}

/// A JSON value that remembers where it stood in the text: recipes are checked with it, so that
/// every mistake has a line and a column.
public struct SourceNode: Sendable {
  public struct Member: Sendable {
    public let key: String
    public let keyLocation: SourceLocation
    public let value: SourceNode
  }
  public enum Content: Sendable {
    case plain(JSON)
    case array([SourceNode])
    case object([Member])
  }
  public let content: Content
  public let location: SourceLocation

  public var json: JSON {
    switch content {
    case .plain(let value): value
    case .array(let list): .array(list.map(\.json))
    case .object(let members): .object(JSONObject(members.map { ($0.key, $0.value.json) }))
    }
  }

  public subscript(key: String) -> SourceNode? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }
}

extension SourceLocation {
  /// Where a character of a quoted text stands that begins here, with its quote, in `source`. What
  /// checks the text counts its characters; escapes are longer in the source than what they stand for.
  public func ofCharacter(_ index: Int, quotedIn source: [UInt8]) -> SourceLocation {
    var line = 1, column = 1, place = 0, count = -1  // the quote itself is not counted
    func step() {
      guard place < source.count else { return }
      if source[place] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else {
        column += 1
      }
      place += 1
      while place < source.count && source[place] & 0xc0 == 0x80 { place += 1 }
    }
    while place < source.count && SourceLocation(line: line, column: column) != self { step() }
    while place < source.count && count < index {
      let isEscape = count >= 0 && source[place] == UInt8(ascii: "\\")
      step()
      count += 1
      guard isEscape, place < source.count else { continue }
      switch source[place] {
      case UInt8(ascii: "u"): for _ in 0..<5 { step() }
      case UInt8(ascii: "\n"):  // the text goes on in the next line; it stands for nothing
        step()
        count -= 1
      default: step()
      }
    }
    return SourceLocation(line: line, column: column)
  }
}
