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
