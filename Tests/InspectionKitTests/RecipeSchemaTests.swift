import CaptureKit
import Configuration
import InspectionKit
import Testing

@Suite struct RecipeSchemaTests {
  private static let schema = JSON.object(RecipeSchema.json)

  private func complaints(_ text: String) throws -> [String] {
    SchemaValidator(root: Self.schema).complaints(
      about: try JSONParser.parse(text, as: .json5).json, by: Self.schema, at: "")
  }

  @Test func theTemplatesFit() throws {
    #expect(try complaints(RecipeTemplates.general(name: "t")) == [])
    for kind in SceneKind.all {
      #expect(try complaints(RecipeTemplates.scene(kind, name: "t")) == [])
    }
  }

  /// What the parser takes the schema takes, and what it refuses for a word or a value is refused.
  @Test(arguments: [
    ("tool: 'blob'", true), ("tool: 'blob', name: 'a', roi: { x: 0, y: 0, w: 5, h: 5 }", true),
    ("tool: 'blob', circularity: [0.5, 1]", true), ("tool: 'blob', circularity: [0.5]", false),
    ("tool: 'blob', roi: { x: 0, y: 0, w: 0, h: 5 }", false), ("tool: 'blop'", false),
    ("tool: 'blob', polarity: 'drak'", false), ("tool: 'blob', toleranse: 3", false),
    ("tool: 'compare_golden'", true), ("tool: 'compare_golden', reference: 'scene:board'", true),
    ("tool: 'compare_golden', reference: { replace: ['a', 'b'] }", true),
    ("tool: 'compare_golden', reference: 'scene:board', tolerance: 300", false),
    ("tool: 'compare_golden', reference: 'scene:board', edge_band: 4", false),
    ("tool: 'preprocess', operator: 'gaussian', size: 5", true),
    ("tool: 'preprocess', operator: 'gaussian', size: 5, clip: 2", false),
    ("tool: 'preprocess', operator: 'gausian', size: 5", false),
    ("tool: 'preprocess', operator: 'absdiff'", false),
    ("tool: 'judge', good: 'true', classes: { a: 'b' }, codes: { b: 3 }", true),
    ("tool: 'judge', good: 'true', codes: { b: 'x' }", false),
  ])
  func itKnowsWhatTheParserKnows(tool: String, fits: Bool) throws {
    let text = "{ version: 1, name: 'x', tools: [{ \(tool) }] }"
    let complaints = try complaints(text)
    #expect(complaints.isEmpty == fits, "\(complaints)")
    let isParsed = (try? Recipe(text: text, path: "r.json5")) != nil
    #expect(isParsed == fits)
  }

  @Test func everyKeyIsExplained() throws {
    for kind in ToolKind.all where kind.selector == nil {
      let properties = try #require(
        Self.schema["definitions"]?["tool_" + kind.name]?["properties"]?.object)
      for parameter in kind.parameters {
        #expect(properties[parameter.recipeKey]?["description"]?.string == parameter.help)
      }
    }
  }
}

/// As much of JSON Schema as the schema of recipes uses; an unknown word of it is a complaint.
private struct SchemaValidator {
  let root: JSON

  func complaints(about value: JSON, by schema: JSON, at place: String) -> [String] {
    var found: [String] = []
    func check(_ holds: Bool, _ rule: String) { if !holds { found.append("\(place): \(rule)") } }
    for rule in schema.object?.members ?? [] {
      switch rule.key {
      case "$schema", "title", "description", "definitions", "default", "additionalProperties",
        "then":
        break
      case "$ref":
        let name = rule.value.string?.split(separator: "/").last.map(String.init) ?? ""
        guard let target = root["definitions"]?[name] else { return ["no definition \(name)"] }
        found += complaints(about: value, by: target, at: place)
      case "type": check(Self.is(value, rule.value.string ?? ""), "not \(rule.value.text)")
      case "const": check(value == rule.value, "not \(rule.value.text)")
      case "enum": check(rule.value.array?.contains(value) == true, "none of \(rule.value.text)")
      case "required":
        for key in rule.value.array ?? [] {
          check(value[key.string ?? ""] != nil, "\(key.text) is missing")
        }
      case "properties":
        for member in value.object?.members ?? [] {
          if let inner = rule.value[member.key] {
            found += complaints(about: member.value, by: inner, at: place + "/" + member.key)
          } else if let others = schema["additionalProperties"] {
            check(others != false, "unknown key \(member.key)")
          }
        }
      case "items":
        for (i, item) in (value.array ?? []).enumerated() {
          found += complaints(about: item, by: rule.value, at: "\(place)/\(i)")
        }
      case "allOf":
        for part in rule.value.array ?? [] {
          found += complaints(about: value, by: part, at: place)
        }
      case "anyOf":
        let fits = rule.value.array?.contains {
          complaints(about: value, by: $0, at: place).isEmpty
        }
        check(fits == true, "fits none")
      case "not":
        check(!complaints(about: value, by: rule.value, at: place).isEmpty, "fits what it must not")
      case "if":
        if complaints(about: value, by: rule.value, at: place).isEmpty, let then = schema["then"] {
          found += complaints(about: value, by: then, at: place)
        }
      case "minimum": check(value.number.map { $0 >= rule.value.number! } ?? true, "too small")
      case "maximum": check(value.number.map { $0 <= rule.value.number! } ?? true, "too large")
      case "multipleOf":
        check(value.integer.map { $0 % rule.value.integer! == 0 } ?? true, "no multiple")
      case "minItems":
        check(value.array.map { $0.count >= rule.value.integer! } ?? true, "too short")
      case "maxItems":
        check(value.array.map { $0.count <= rule.value.integer! } ?? true, "too long")
      case "minLength":
        check(value.string.map { $0.count >= rule.value.integer! } ?? true, "too short")
      case "pattern": break  // of sizes as text; the tests write numbers
      default: check(false, "unknown rule \(rule.key)")
      }
    }
    if schema["properties"] == nil, let rule = schema["additionalProperties"],
      let object = value.object
    {
      for member in object.members {
        found += complaints(about: member.value, by: rule, at: place + "/" + member.key)
      }
    }
    return found
  }

  private static func `is`(_ value: JSON, _ type: String) -> Bool {
    switch type {
    case "object": value.object != nil
    case "array": value.array != nil
    case "string": value.string != nil
    case "boolean": value.bool != nil
    case "integer": value.integer != nil
    case "number": value.number != nil
    default: false
    }
  }
}
