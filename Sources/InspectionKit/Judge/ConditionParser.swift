import Configuration

/// Reads a condition: `print.score < 0.8 and (spots.count <= 3 or not holes.ok)`.
///
///     condition  = alternative { "or" alternative }
///     alternative = negation { "and" negation }
///     negation   = "not" negation | comparison
///     comparison = sum { ("<" | "<=" | ">" | ">=" | "==" | "!=") sum }
///     sum        = product { ("+" | "-") product }
///     product    = factor { ("*" | "/") factor }
///     factor     = number | tool "." result | "true" | "false" | "-" factor
///                | "abs" "(" sum ")" | "(" condition ")"
///
/// A name that is no plain word stands in quotes. Whether numbers and conditions stand where they
/// belong is checked on the way, and every name against the tools before.
struct ConditionParser {
  /// A tool that may be asked, and its results.
  struct Source {
    let name: String
    let numbers: [String]
  }

  /// What is wrong, and at which character, counted from 0.
  struct Failure: Error, Equatable {
    let offset: Int
    let message: String
  }

  private enum Node {
    case condition(Condition)
    case quantity(Quantity)
  }

  /// Deeper than this nobody writes; the stack is not endless.
  private static let deepest = 60

  private let sources: [Source]
  private let later: [String]
  private var tokens: ConditionTokens
  private var depth = 0

  static func parse(
    _ text: String, sources: [Source], later: [String] = []
  ) throws(Failure) -> Condition {
    var parser = ConditionParser(
      sources: sources, later: later, tokens: try ConditionTokens(text))
    let start = parser.tokens.offset
    let condition = try parser.asCondition(try parser.disjunction(), start)
    guard parser.tokens.current == .end else {
      throw parser.unexpected("'and', 'or' or the end")
    }
    return condition
  }

  private init(sources: [Source], later: [String], tokens: ConditionTokens) {
    self.sources = sources
    self.later = later
    self.tokens = tokens
  }

  private func unexpected(_ wanted: String) -> Failure {
    Failure(offset: tokens.offset, message: "\(tokens.current.text) where \(wanted) is expected")
  }

  // MARK: Kinds

  private func asCondition(_ node: Node, _ offset: Int) throws(Failure) -> Condition {
    switch node {
    case .condition(let condition): return condition
    case .quantity(.result(let tool, let field)):
      throw Failure(
        offset: offset,
        message: "\(tool).\(field) is a number: compare it, as in \(tool).\(field) < 1")
    case .quantity:
      throw Failure(offset: offset, message: "a number where a condition is expected")
    }
  }

  private func asQuantity(_ node: Node, _ offset: Int) throws(Failure) -> Quantity {
    guard case .quantity(let quantity) = node else {
      throw Failure(offset: offset, message: "a condition where a number is expected")
    }
    return quantity
  }

  // MARK: Grammar

  private mutating func disjunction() throws(Failure) -> Node {
    try chain("or", { (parser) throws(Failure) in try parser.conjunction() }, Condition.any)
  }

  private mutating func conjunction() throws(Failure) -> Node {
    try chain("and", { (parser) throws(Failure) in try parser.negation() }, Condition.all)
  }

  private mutating func chain(
    _ word: String, _ item: (inout Self) throws(Failure) -> Node,
    _ join: ([Condition]) -> Condition
  ) throws(Failure) -> Node {
    let start = tokens.offset
    let first = try item(&self)
    guard tokens.current == .word(word) else { return first }
    var conditions = [try asCondition(first, start)]
    while tokens.current == .word(word) {
      try tokens.advance()
      let offset = tokens.offset
      conditions.append(try asCondition(try item(&self), offset))
    }
    return .condition(join(conditions))
  }

  private mutating func negation() throws(Failure) -> Node {
    guard tokens.current == .word("not") else { return try comparison() }
    return try nested { (parser) throws(Failure) in
      try parser.tokens.advance()
      let offset = parser.tokens.offset
      return .condition(.not(try parser.asCondition(try parser.negation(), offset)))
    }
  }

  /// Several in a row all hold: 1 < x < 3.
  private mutating func comparison() throws(Failure) -> Node {
    var offset = tokens.offset
    var left = try sum()
    var links: [Condition] = []
    while case .symbol(let symbol) = tokens.current,
      let relation = Condition.Relation(rawValue: symbol)
    {
      let a = try asQuantity(left, offset)
      try tokens.advance()
      offset = tokens.offset
      left = try sum()
      links.append(.compare(a, relation, try asQuantity(left, offset)))
    }
    if links.isEmpty { return left }
    return .condition(links.count == 1 ? links[0] : .all(links))
  }

  private mutating func sum() throws(Failure) -> Node {
    try arithmetic([.plus, .minus]) { (parser) throws(Failure) in try parser.product() }
  }

  private mutating func product() throws(Failure) -> Node {
    try arithmetic([.times, .over]) { (parser) throws(Failure) in try parser.factor() }
  }

  private mutating func arithmetic(
    _ operations: [Quantity.Operation], _ item: (inout Self) throws(Failure) -> Node
  ) throws(Failure) -> Node {
    var offset = tokens.offset
    var left = try item(&self)
    while case .symbol(let symbol) = tokens.current,
      let operation = Quantity.Operation(rawValue: symbol), operations.contains(operation)
    {
      let a = try asQuantity(left, offset)
      try tokens.advance()
      offset = tokens.offset
      left = .quantity(.combined(a, operation, try asQuantity(try item(&self), offset)))
    }
    return left
  }

  private mutating func factor() throws(Failure) -> Node {
    let token = tokens.current
    switch token {
    case .number(let number):
      try tokens.advance()
      return .quantity(.number(number))
    case .word("true"), .word("false"):
      try tokens.advance()
      return .condition(.constant(token == .word("true")))
    case .symbol("-"):
      return try nested { (parser) throws(Failure) in
        try parser.tokens.advance()
        let offset = parser.tokens.offset
        return .quantity(.negated(try parser.asQuantity(try parser.factor(), offset)))
      }
    case .symbol("("):
      return try nested { (parser) throws(Failure) in try parser.bracketed() }
    case .name("abs") where !sources.contains { $0.name == "abs" }:
      return try nested { (parser) throws(Failure) in
        try parser.tokens.advance()
        guard parser.tokens.current == .symbol("(") else { throw parser.unexpected("'('") }
        let offset = parser.tokens.offset
        return .quantity(.magnitude(try parser.asQuantity(try parser.bracketed(), offset)))
      }
    case .name(let name):
      return try result(of: name)
    default:
      throw unexpected("a number or a tool's result")
    }
  }

  private mutating func bracketed() throws(Failure) -> Node {
    try tokens.advance()
    let inner = try disjunction()
    guard tokens.current == .symbol(")") else { throw unexpected("')'") }
    try tokens.advance()
    return inner
  }

  /// tool.result
  private mutating func result(of name: String) throws(Failure) -> Node {
    guard let source = sources.first(where: { $0.name == name }) else {
      throw Failure(
        offset: tokens.offset,
        message: later.contains(name)
          ? "the tool '\(name)' comes after this one"
          : unknownName("tool", name, among: sources.map(\.name)))
    }
    let fields = ["ok"] + source.numbers
    try tokens.advance()
    guard tokens.current == .symbol(".") else {
      throw unexpected(
        "'.' and one of \(name)'s results (\(fields.joined(separator: ", ")))")
    }
    try tokens.advance()
    guard case .name(let field) = tokens.current else {
      throw unexpected("one of \(name)'s results (\(fields.joined(separator: ", ")))")
    }
    guard fields.contains(field) else {
      throw Failure(
        offset: tokens.offset,
        message: unknownName("result", field, among: fields)
          + " \(name) has \(fields.joined(separator: ", "))")
    }
    try tokens.advance()
    return field == "ok"
      ? .condition(.passes(tool: name)) : .quantity(.result(tool: name, field: field))
  }

  private mutating func nested(_ body: (inout Self) throws(Failure) -> Node) throws(Failure) -> Node
  {
    depth += 1
    if depth > Self.deepest {
      throw Failure(offset: tokens.offset, message: "nested deeper than \(Self.deepest)")
    }
    let node = try body(&self)
    depth -= 1
    return node
  }
}
