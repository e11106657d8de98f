import Configuration
import VisionCore

/// The words of recipes as JSON Schema (draft 7), for editors that complete and check while
/// somebody types. Made from the same declarations that the parser checks with.
public enum RecipeSchema {
  public static var json: JSONObject {
    [
      "$schema": "http://json-schema.org/draft-07/schema#", "title": "inspect recipe",
      "type": "object", "required": ["version", "name", "tools"], "additionalProperties": false,
      "properties": .object(members), "definitions": .object(definitions),
    ]
  }

  /// What stands at the top of a recipe; the parser takes these keys and no others.
  static let members: JSONObject = [
    "$schema": described("the schema's file, for editors", ["type": "string"]),
    "version": described("of the language; this is version 1", ["const": 1]),
    "name": described("as records have it", ["type": "string", "minLength": 1]),
    "description": described("for people", ["type": "string"]),
    "camera": described(
      "where pictures come from where the command line does not say", ["type": "string"]),
    "engine": engine("auto is native with OpenCV behind it", ["default": "auto"]),
    "deadline_ms": described(
      "a part without a verdict after so long is FAULT",
      ["type": "integer", "minimum": 1, "maximum": 3_600_000]),
    "tools": described(
      "in the order in which they work",
      ["type": "array", "minItems": 1, "items": ["$ref": "#/definitions/tool"]]),
    "tests": described(
      "pictures and what is expected of them",
      ["type": "array", "items": ["$ref": "#/definitions/test"]]),
  ]

  private static func engine(_ text: String, _ more: JSONObject = [:]) -> JSON {
    var schema = more
    schema["enum"] = .array(EngineChoice.allCases.map { .string($0.rawValue) })
    return described(text, schema)
  }

  private static func described(_ text: String, _ schema: JSONObject) -> JSON {
    var schema = schema
    schema["description"] = .string(text)
    return .object(schema)
  }

  private static var definitions: JSONObject {
    var definitions: JSONObject = [
      "tool": .object(anyTool), "roi": .object(region), "test": .object(test),
    ]
    for kind in ToolKind.all { definitions["tool_" + kind.name] = .object(schema(of: kind)) }
    return definitions
  }

  private static let region = closed(
    [
      "x": ["type": "integer", "minimum": 0], "y": ["type": "integer", "minimum": 0],
      "w": ["type": "integer", "minimum": 1], "h": ["type": "integer", "minimum": 1],
    ], required: ["x", "y", "w", "h"])

  private static let test = closed(
    [
      "image": described("relative to the recipe", ["type": "string"]),
      "verdict": ["enum": .array(Verdict.allCases.map { .string($0.rawValue) })],
      "measurements": described(
        "what measuring tools should answer, by their names",
        [
          "type": "object",
          "additionalProperties": .object(
            closed(
              [
                "value": ["type": "number"], "tolerance": ["type": "number", "minimum": 0],
              ], required: ["value", "tolerance"])),
        ]),
    ], required: ["image", "verdict"])

  private static func closed(_ properties: JSONObject, required: [String]) -> JSONObject {
    [
      "type": "object", "required": .array(required.map { .string($0) }),
      "additionalProperties": false, "properties": .object(properties),
    ]
  }

  /// Chosen by the word behind `tool`, so that an editor's complaints are about that one.
  private static var anyTool: JSONObject {
    [
      "type": "object", "required": ["tool"],
      "properties": ["tool": ["enum": .array(ToolKind.all.map { .string($0.name) })]],
      "allOf": .array(
        ToolKind.all.map {
          choice("tool", $0.name, ["$ref": .string("#/definitions/tool_" + $0.name)])
        }),
    ]
  }

  private static func choice(_ key: String, _ word: String, _ then: JSONObject) -> JSON {
    [
      "if": [
        "properties": .object([key: ["const": .string(word)]]), "required": [.string(key)],
      ],
      "then": .object(then),
    ]
  }

  private static func schema(of kind: ToolKind) -> JSONObject {
    guard let selector = kind.selector else { return schema(of: kind, with: []) }
    let key = String(selector.parameter.map { $0 == "-" ? "_" : $0 })
    var able: [JSON] = [], choices: [JSON] = []
    for word in selector.values {
      guard let more = try? kind.moreParameters(.object([key: .string(word)])) else { continue }
      able.append(.string(word))
      choices.append(choice(key, word, schema(of: kind, with: more)))
    }
    return [
      "type": "object", "required": [.string(key)], "description": .string(kind.summary),
      "properties": .object([key: ["enum": .array(able)]]), "allOf": .array(choices),
    ]
  }

  private static func schema(of kind: ToolKind, with more: [Parameter]) -> JSONObject {
    var properties: JSONObject = [
      "tool": ["const": .string(kind.name)],
      "name": described("what records and other tools call it", ["type": "string"]),
    ]
    if !kind.decides { properties["engine"] = engine("the recipe's where left out") }
    if kind.takesRegion {
      properties["roi"] = described(
        "where it looks; everywhere where left out", ["$ref": "#/definitions/roi"])
    }
    if kind.takesFixture {
      properties["fixture"] = described(
        "the tool before that finds the part which this one follows", ["type": "string"])
    }
    let parameters = kind.parameters + more
    for parameter in parameters { properties[parameter.recipeKey] = .object(parameter.schema) }
    let needed = parameters.filter { $0.fallback == nil && !$0.isOptional }.map(\.recipeKey)
    var schema = closed(properties, required: ["tool"] + needed)
    schema["description"] = .string(kind.summary)
    return schema
  }
}
