import Configuration
import ImageFiles
import InspectionKit
import LineKit

let recipeSchemaVerb = Verb(
  "recipe schema", "the words of recipes as JSON Schema, for editors",
  options: [
    Parameter("output", .path, optional: true, short: "o", "where it goes; stdout where left out")
  ],
  example: "inspect recipe schema -o recipe.schema.json",
  details: """
    Name it in a recipe, $schema: "recipe.schema.json", or in the settings of your editor, and the
    editor completes keys, shows what they mean and underlines what is wrong. It is made from what the
    parser itself checks with.
    """,
  run: { call in
    let text = JSON.object(RecipeSchema.json).prettyText + "\n"
    if call.values.has("output") {
      try writeText(text, to: call.values.text("output"))
    } else {
      Output.text(text)
    }
    return .done
  })

let recipeDiffVerb = Verb(
  "recipe diff", "what a change of a recipe means: limits, tools, pictures; and for which parts",
  operands: "OLD NEW", count: 2...2,
  options: [
    Parameter(
      "images", .path, optional: true, repeatable: true, placeholder: "PATH",
      "pictures to run both on, and name those whose verdict changes"),
    Parameter("old-model", .path, optional: true, "what 'inspect train' made for OLD"),
    Parameter("new-model", .path, optional: true, "what 'inspect train' made for NEW"),
    EngineOptions.engine,
    Parameter("exit-code", .flag, "exit 1 where anything changed"),
    Parameter("json", .flag, "one JSON object"),
  ],
  example: "inspect recipe diff samples/board/recipe.json5 board.json5 --images samples/board",
  details: """
    loosened: more parts pass; tightened: fewer; changed: it depends. Comments, the order of keys and
    defaults that are spelt out are no change. With --images both recipes inspect every picture, and
    each one whose verdict changes is named. Pictures that cannot be read make the exit status 3.
    """,
  run: { call in
    let old = try side(call, 0, "old-model"), new = try side(call, 1, "new-model")
    let changes = RecipeDifference(
      from: old.recipe, to: new.recipe, files: (old: old.files, new: new.files)
    ).changes
    let images =
      try call.values.texts("images").isEmpty
      ? nil : VerdictComparison(call.values.texts("images"), old, new)
    if call.values.flag("json") {
      var report: JSONObject = [
        "old": .string(call.operands[0]), "new": .string(call.operands[1]),
        "recipe_hash": ["old": .string(old.recipeHash), "new": .string(new.recipeHash)],
        "changes": .array(changes.map { .object($0.json) }),
      ]
      report["images"] = images.map { .integer($0.pairs.count) }
      report["unreadable"] = images.map { .integer($0.unreadable) }
      report["verdicts"] = images.map { .array($0.changed.map { .object($0.json) }) }
      Output.report(report, json: true)
    } else {
      for change in changes { Output.line(change.text) }
      if changes.isEmpty { Output.line("the recipes mean the same") }
      if let images { images.print() }
    }
    if let images, images.unreadable > 0 { return .inputs }
    let isSame = changes.isEmpty && images?.changed.isEmpty ?? true
    return call.values.flag("exit-code") && !isSame ? .no : .done
  })

/// One of the two recipes, ready to inspect where pictures were given.
private func side(_ call: Invocation, _ index: Int, _ model: String) throws -> Inspector {
  let recipe = try readRecipe(call.operands[index])
  let inspector = try makeInspector(
    recipe, try EngineOptions.forced(call.values),
    model: call.values.has(model) ? call.values.text(model) : nil)
  if inspector.needsModel, !call.values.texts("images").isEmpty {
    throw CommandError(
      .usage, "the recipe's tools have yet to learn", at: call.operands[index],
      advice: "Give --\(model) FILE")
  }
  return inspector
}

/// What two recipes say about the same pictures.
private struct VerdictComparison {
  struct Pair {
    let image: String
    let old: InspectionRecord
    let new: InspectionRecord

    var json: JSONObject {
      [
        "image": .string(image), "old": .string(old.verdict.rawValue),
        "new": .string(new.verdict.rawValue), "old_score": .rounded(old.score, 4),
        "new_score": .rounded(new.score, 4),
      ]
    }

    var text: String {
      func words(_ record: InspectionRecord) -> String {
        "\(record.verdict.rawValue) (\(record.error ?? JSON.rounded(record.score, 3).text))"
      }
      return "verdict    \(image): \(words(old)) -> \(words(new))"
    }
  }

  private(set) var pairs: [Pair] = []
  var changed: [Pair] { pairs.filter { $0.old.verdict != $0.new.verdict } }
  /// Neither recipe could say anything.
  var unreadable: Int { pairs.filter { $0.old.error != nil && $0.new.error != nil }.count }

  init(_ paths: [String], _ old: Inspector, _ new: Inspector) throws {
    let items = try picturePaths(paths).items
    let before = try Self.records(old, items), after = try Self.records(new, items)
    pairs = zip(before, after).map { Pair(image: $0.image, old: $0, new: $1) }
  }

  private static func records(
    _ inspector: Inspector, _ items: [PathList.Item]
  ) throws -> [InspectionRecord] {
    var records: [InspectionRecord] = []
    let batch = Batch(inspector, clock: { Timestamp.now() }, makeFolder: { try makeFolder($0) })
    try batch.run(items, jobs: try EngineOptions.threads()) { record in
      records.append(record)
      return true
    }
    return records
  }

  func print() {
    for pair in changed { Output.line(pair.text) }
    var counts: [String: Int] = [:]
    for pair in changed {
      counts["\(pair.old.verdict.rawValue) -> \(pair.new.verdict.rawValue)", default: 0] += 1
    }
    let kinds = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    Output.line(
      "\(pairs.count) pictures, \(changed.count) verdicts change"
        + (kinds.isEmpty ? "" : ": " + kinds.joined(separator: ", "))
        + (unreadable > 0 ? "; \(unreadable) could not be inspected" : ""))
  }
}

/// The pictures of files and folders.
func picturePaths(_ paths: [String]) throws -> PathList {
  do throws(ImageFileError) {
    let list = try PathList(paths)
    guard !list.items.isEmpty else {
      throw ImageFileError(.unknownFormat, paths[0], "no pictures there")
    }
    return list
  } catch {
    throw CommandError(.inputs, "cannot read the folder", at: error.path, why: error.reason)
  }
}
