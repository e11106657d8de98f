import Configuration
import VisionCore
import VisionImage

/// Reads a recipe and checks every word of it.
struct RecipeParser {
  /// A recipe has a few kilobytes; a megabyte is a mistake.
  static let sizeLimit = 1 << 20

  private let path: String
  private let bytes: [UInt8]

  static func parse(_ bytes: [UInt8], path: String) throws(RecipeError) -> Recipe {
    try RecipeParser(path: path, bytes: bytes).parse()
  }

  private init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  private func error(_ node: SourceNode, _ message: String) -> RecipeError {
    RecipeError(path, node.location, message)
  }

  // MARK: The whole

  private func parse() throws(RecipeError) -> Recipe {
    let root: SourceNode
    do throws(TextError) {
      root = try JSONParser.parse(bytes, as: .json5, limit: Self.sizeLimit)
    } catch {
      throw RecipeError(path, error.location, error.message)
    }
    let members = try object(root, "the recipe", RecipeSchema.members.keys)
    let version = try whole(try required(members, "version", root))
    guard version == 1 else {
      throw error(members["version"]!, "version \(version) is not known; this is version 1")
    }
    let nameNode = try required(members, "name", root)
    let name = try text(nameNode)
    guard !name.isEmpty else { throw error(nameNode, "the name is empty") }
    let toolsNode = try required(members, "tools", root)
    let steps = try tools(toolsNode)
    for key in ["$schema", "description"] { _ = try members[key].map(text) }
    return Recipe(
      name: name, camera: try members["camera"].map { node throws(RecipeError) in try text(node) },
      cameraLocation: members["camera"]?.location,
      engine: try members["engine"].map { node throws(RecipeError) in
        try word(node, "engine", EngineChoice.allCases)
      } ?? .auto,
      deadlineMilliseconds: try members["deadline_ms"].map { node throws(RecipeError) in
        try whole(node, "deadline_ms", 1...3_600_000)
      },
      steps: steps,
      tests: try members["tests"].map { node throws(RecipeError) in try tests(node, of: steps) }
        ?? [],
      canonicalText: Self.canonical(root.json), folder: Self.folder(of: path), path: path)
  }

  /// An editor's hint is not part of what is meant.
  private static func canonical(_ json: JSON) -> String {
    guard var object = json.object else { return json.text }
    object["$schema"] = nil
    return JSON.object(object).text
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  // MARK: Tools

  private func tools(_ node: SourceNode) throws(RecipeError) -> [Recipe.Step] {
    let list = try array(node, "tools")
    guard !list.isEmpty else { throw error(node, "a recipe without tools decides nothing") }
    var steps: [Recipe.Step] = []
    for item in list {
      if let last = steps.last, last.kind.decides {
        throw error(item, "'\(last.name)' decides, so no tool may stand behind it")
      }
      let step = try tool(item, number: steps.count + 1)
      if let twin = steps.first(where: { $0.name == step.name }) {
        throw error(item, "the name '\(step.name)' is taken by the tool at \(twin.location)")
      }
      steps.append(step)
    }
    for (i, step) in steps.enumerated() {
      let around = ToolSurroundings(before: steps[..<i], after: steps[(i + 1)...])
      do throws(SettingError) {
        try step.kind.check(step.values, around)
        if let fixture = step.fixture {
          try around.requireEarlier(fixture, as: "fixture", where: \.locates)
        }
      } catch let misfit {
        throw located(misfit, in: list[i], step.kind)
      }
    }
    return steps
  }

  /// The error at the setting's value, or at the character of it that is wrong.
  private func located(
    _ misfit: SettingError, in node: SourceNode, _ kind: ToolKind
  ) -> RecipeError {
    let key = String(misfit.parameter.map { $0 == "-" ? "_" : $0 })
    guard let value = node[key] else { return error(node, "\(key): \(misfit.message)") }
    let place = misfit.offset.map { value.location.ofCharacter($0, quotedIn: bytes) }
    return RecipeError(path, place ?? value.location, "\(key): \(misfit.message)")
  }

  private func tool(_ node: SourceNode, number: Int) throws(RecipeError) -> Recipe.Step {
    guard case .object = node.content else {
      throw error(node, "a tool is an object: { tool: \"compare_golden\", … }")
    }
    guard let kindNode = node["tool"] else { throw error(node, "'tool' is missing: which one?") }
    let kindName = try text(kindNode)
    guard let kind = ToolKind.find(kindName) else {
      throw error(kindNode, unknownName("tool", kindName, among: ToolKind.all.map(\.name)))
    }
    let more: [Parameter]
    do throws(ParameterError) {
      more = try kind.moreParameters(node.json)
    } catch let misfit {
      throw error(node, misfit.message)
    }
    let parameters = kind.parameters + more
    let keys =
      ["tool", "name"] + (kind.decides ? [] : ["engine"]) + (kind.takesRegion ? ["roi"] : [])
      + (kind.takesFixture ? ["fixture"] : []) + parameters.map(\.recipeKey)
    let members = try object(node, kindName, keys)
    var given: [String: ParameterValue] = [:]
    var places: [String: SourceLocation] = [:]
    for parameter in parameters {
      guard let value = members[parameter.recipeKey] else { continue }
      places[parameter.name] = value.location
      do throws(ParameterError) {
        given[parameter.name] = try parameter.parse(value.json)
      } catch let misfit {
        throw error(value, "\(parameter.recipeKey): \(misfit.message)")
      }
    }
    for parameter in parameters
    where given[parameter.name] == nil && parameter.fallback == nil && !parameter.isOptional {
      throw error(node, "'\(parameter.recipeKey)' is missing: \(parameter.help)")
    }
    let values: ParameterValues
    do throws(ParameterError) {
      values = try ParameterValues(given, of: parameters)
    } catch let missing {
      throw error(node, missing.message)
    }
    let name = try members["name"].map { node throws(RecipeError) in try text(node) }
    return Recipe.Step(
      name: name ?? "\(kindName)_\(number)", kind: kind, values: values,
      region: try members["roi"].map { node throws(RecipeError) in try region(node) },
      fixture: try members["fixture"].map { node throws(RecipeError) in try text(node) },
      engine: try members["engine"].map { node throws(RecipeError) in
        try word(node, "engine", EngineChoice.allCases)
      },
      moreParameters: more, location: node.location, places: places)
  }

  private func region(_ node: SourceNode) throws(RecipeError) -> PixelRect {
    let members = try object(node, "roi", ["x", "y", "w", "h"])
    var numbers: [Int] = []
    for key in ["x", "y", "w", "h"] {
      let part = try required(members, key, node)
      let least = key == "w" || key == "h" ? 1 : 0
      numbers.append(try whole(part, key, least...1 << 20))
    }
    return PixelRect(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
  }

  // MARK: Tests

  private func tests(
    _ node: SourceNode, of steps: [Recipe.Step]
  ) throws(RecipeError) -> [Recipe.Test] {
    var tests: [Recipe.Test] = []
    for item in try array(node, "tests") {
      let members = try object(item, "a test", ["image", "verdict", "measurements"])
      let imageNode = try required(members, "image", item)
      let image = try text(imageNode)
      if tests.contains(where: { $0.image == image }) {
        throw error(imageNode, "'\(image)' is tested a second time")
      }
      tests.append(
        Recipe.Test(
          image: image,
          verdict: try word(try required(members, "verdict", item), "verdict", Verdict.allCases),
          measurements: try members["measurements"].map { node throws(RecipeError) in
            try measurements(node, of: steps)
          } ?? [], location: imageNode.location))
    }
    return tests
  }

  /// { width: { value: 20.08, tolerance: 0.05 } }
  private func measurements(
    _ node: SourceNode, of steps: [Recipe.Step]
  ) throws(RecipeError) -> [Recipe.Test.Value] {
    let able = steps.filter { $0.kind.measures }.map(\.name)
    guard case .object(let members) = node.content else {
      throw error(node, "measurements must be an object: { width: { value: 20, tolerance: 0.1 } }")
    }
    var values: [Recipe.Test.Value] = []
    for member in members {
      guard able.contains(member.key) else {
        throw RecipeError(
          path, member.keyLocation, unknownName("measuring tool", member.key, among: able))
      }
      let parts = try object(member.value, "a measurement", ["value", "tolerance"])
      let tolerance = try required(parts, "tolerance", member.value)
      guard try number(tolerance) >= 0 else { throw error(tolerance, "a tolerance below 0") }
      values.append(
        Recipe.Test.Value(
          tool: member.key, value: try number(try required(parts, "value", member.value)),
          tolerance: try number(tolerance)))
    }
    return values
  }

  // MARK: Values

  private func object(
    _ node: SourceNode, _ what: String, _ keys: [String]
  ) throws(RecipeError) -> [String: SourceNode] {
    guard case .object(let members) = node.content else {
      throw error(node, "\(what) must be an object: { … }")
    }
    var found: [String: SourceNode] = [:]
    for member in members {
      guard keys.contains(member.key) else {
        throw RecipeError(
          path, member.keyLocation, unknownName("key", member.key, of: what, among: keys))
      }
      found[member.key] = member.value
    }
    return found
  }

  private func required(
    _ members: [String: SourceNode], _ key: String, _ parent: SourceNode
  ) throws(RecipeError) -> SourceNode {
    guard let node = members[key] else { throw error(parent, "'\(key)' is missing") }
    return node
  }

  private func array(_ node: SourceNode, _ what: String) throws(RecipeError) -> [SourceNode] {
    guard case .array(let list) = node.content else {
      throw error(node, "\(what) must be a list: [ … ]")
    }
    return list
  }

  private func text(_ node: SourceNode) throws(RecipeError) -> String {
    guard let text = node.json.string else {
      throw error(node, "\(node.json.text) is not a text in quotes")
    }
    return text
  }

  private func whole(_ node: SourceNode) throws(RecipeError) -> Int {
    guard let value = node.json.integer else {
      throw error(node, "\(node.json.text) is not a whole number")
    }
    return value
  }

  private func whole(
    _ node: SourceNode, _ key: String, _ range: ClosedRange<Int>
  ) throws(RecipeError) -> Int {
    do throws(ParameterError) {
      _ = try Parameter(key, .whole(range), "").parse(node.json)
    } catch let misfit {
      throw error(node, "\(key): \(misfit.message)")
    }
    return try whole(node)
  }

  private func number(_ node: SourceNode) throws(RecipeError) -> Double {
    guard let value = node.json.number else {
      throw error(node, "\(node.json.text) is not a number")
    }
    return value
  }

  private func word<Word: RawRepresentable<String>>(
    _ node: SourceNode, _ what: String, _ all: [Word]
  ) throws(RecipeError) -> Word {
    let text = try text(node)
    guard let word = Word(rawValue: text) else {
      throw error(node, unknownName(what, text, among: all.map(\.rawValue)))
    }
    return word
  }
}
