extension ParameterValue {
  /// As a recipe writes it.
  public var json: JSON {
    switch self {
    case .flag(let value): .bool(value)
    case .whole(let value): .integer(value)
    case .real(let value): .number(value)
    case .size(let width, let height):
      width == height ? .integer(width) : .string("\(width)x\(height)")
    case .numbers(let list): .array(list.map { .number($0) })
    case .text(let text): .string(text)
    case .texts(let list): .array(list.map { .string($0) })
    case .words(let words):
      .object(JSONObject(words.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    case .codes(let codes):
      .object(JSONObject(codes.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }))
    }
  }
}

extension Parameter {
  /// What a recipe may have for it, as JSON Schema.
  public var schema: JSONObject {
    var schema = kind.schema
    schema["description"] = .string(help)
    // "As many as there may be" is no number that anybody would write.
    if let fallback, fallback != .whole(.max), fallback != .text("") {
      schema["default"] = kind.isPicture ? nil : fallback.json
    }
    return schema
  }
}

extension Parameter.Kind {
  fileprivate var isPicture: Bool { if case .picture = self { true } else { false } }

  fileprivate var schema: JSONObject {
    switch self {
    case .flag: ["type": "boolean"]
    case .whole(let range): Self.schema(of: range)
    case .odd(let range): Self.odd(range)
    case .real(let range):
      [
        "type": "number", "minimum": .number(range.lowerBound),
        "maximum": .number(range.upperBound),
      ]
    case .size(let range):
      [
        "anyOf": [
          .object(Self.schema(of: range)),
          ["type": "string", "pattern": "^[0-9]+(x[0-9]+)?$"],
          [
            "type": "array", "items": .object(Self.schema(of: range)), "minItems": 2,
            "maxItems": 2,
          ],
        ]
      ]
    case .numbers(let count):
      [
        "type": "array", "items": ["type": "number"], "minItems": .integer(count.lowerBound),
        "maxItems": .integer(count.upperBound),
      ]
    case .choice(let words): ["enum": .array(words.map { .string($0) })]
    case .text: ["type": "string"]
    case .path: ["type": "string", "minLength": 1]
    case .picture:
      [
        "anyOf": [
          ["type": "string", "minLength": 1],
          [
            "type": "object", "required": ["replace"], "additionalProperties": false,
            "properties": [
              "replace": [
                "type": "array", "items": ["type": "string"], "minItems": 2, "maxItems": 2,
              ]
            ],
          ],
        ]
      ]
    case .words: ["type": "object", "additionalProperties": ["type": "string"]]
    case .codes(let range):
      ["type": "object", "additionalProperties": .object(Self.schema(of: range))]
    }
  }

  private static func schema(of range: ClosedRange<Int>) -> JSONObject {
    var schema: JSONObject = ["type": "integer", "minimum": .integer(range.lowerBound)]
    if range.upperBound < .max { schema["maximum"] = .integer(range.upperBound) }
    return schema
  }

  private static func odd(_ range: ClosedRange<Int>) -> JSONObject {
    var schema = schema(of: range)
    schema["not"] = ["multipleOf": 2]
    return schema
  }
}
