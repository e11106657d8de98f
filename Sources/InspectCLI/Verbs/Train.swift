import Configuration
import ImageFiles
import InspectionKit
import Threading

/// What the recipe's tools learned, for the verbs that inspect.
enum ModelOption {
  static let parameter = Parameter(
    "model", .path, optional: true, placeholder: "FILE", "what 'inspect train' made for the recipe")
}

let trainVerb = Verb(
  "train", "learn from pictures of good parts what a recipe's tools need", operands: "RECIPE",
  count: 1...1,
  options: [
    Parameter("good", .path, placeholder: "DIR", "pictures of good parts, the folders below too"),
    Parameter("bad", .path, optional: true, placeholder: "DIR", "pictures of bad parts: they move the limit"),
    Parameter("output", .path, short: "o", "the model"),
    Parameter(
      "maps", .path, optional: true, placeholder: "DIR",
      "a folder for pictures of what was learned: what is usual, and where good parts vary"),
    Parameter("no-progress", .flag, "no progress on stderr"),
    Parameter("json", .flag, "one JSON object"),
  ],
  example: "inspect train samples/commutator/recipe.json5 --good good -o model.bin",
  details: """
    The report tells how the good parts score, each held back while the others are learned: 1 is the
    limit. With --maps pictures show what was learned and where good parts vary. A good picture that is nothing like the others is refused, by name.
    The same pictures give the same model, byte for byte. Run it with
    inspect batch RECIPE --model MODEL PATH…
    """,
  run: { call in
    let path = call.operands[0]
    let recipe = try readRecipe(path)
    let training = Training(try makeInspector(recipe, try EngineOptions.forced(nil)))
    guard training.hasWork else {
      throw CommandError(
        .usage, "the recipe has nothing to learn", at: path,
        advice: "Give it a tool that learns: { tool: \"anomaly\", … }, or a compare_golden without reference")
    }
    let output = call.values.text("output")
    // `models/` need not be there; a folder elsewhere that is not there is a slip of the pen.
    if !output.hasPrefix("/"), let slash = output.lastIndex(of: "/") {
      try makeFolder(String(output[..<slash]))
    }
    let isTold = !call.values.flag("no-progress")
    let start = MonotonicTime.now
    let model: LearnedModel, reports: [Training.Report]
    do {
      (model, reports) = try training.run(
        good: call.values.text("good"),
        bad: call.values.has("bad") ? call.values.text("bad") : nil
      ) { if isTold { Output.note("inspect: \($0)") } }
    } catch let error as ToolError {
      throw CommandError(.inputs, "training failed", at: path, why: error.description)
    } catch let error as ImageFileError {
      throw CommandError(.inputs, "cannot read the folder", at: error.path, why: error.reason)
    }
    try writeFile(model.bytes, to: output)
    if call.values.has("maps") { try writeMaps(reports, to: call.values.text("maps")) }
    let seconds = MonotonicTime.now - start
    if call.values.flag("json") {
      Output.report(
        [
          "model": .string(output), "model_hash": .string(model.hash),
          "bytes": .integer(model.bytes.count), "seconds": .rounded(seconds, 1),
          "images": .integer(model.sources.count), "tools": .array(reports.map(\.json)),
        ], json: true)
    } else {
      for report in reports { Output.line(report.text) }
      Output.line(
        "\(output): \(model.bytes.count) bytes, hash \(model.hash), "
          + "\(JSON.rounded(seconds, 1).text) s")
    }
    return .done
  })

/// The pictures of what every tool learned, by the tool's name.
private func writeMaps(_ reports: [Training.Report], to folder: String) throws {
  try makeFolder(folder)
  for report in reports {
    for map in report.pictures {
      try writeImage(map.picture.view.raster, to: "\(folder)/\(report.tool)-\(map.name).png")
    }
  }
}

extension Training.Report {
  fileprivate var json: JSON {
    .object([
      "name": .string(tool), "good_scores": .array(goodScores.map { .rounded($0, 4) }),
      "bad_scores": .array(badScores.map { .rounded($0, 4) }), "overkill": .rounded(overkill, 4),
      "escape": escape.map { .rounded($0, 4) } ?? .null,
    ])
  }

  fileprivate var text: String {
    let sorted = goodScores.sorted()
    var text =
      "\(tool): \(sorted.count) good parts, held back one after the other, score "
      + "\(number(sorted[0])) to \(number(sorted[sorted.count - 1])), median "
      + "\(number(sorted[sorted.count / 2])); expected overkill \(number(100 * overkill)) %"
    if let escape { text += "; of \(badScores.count) bad parts \(number(100 * escape)) % pass" }
    return text
  }

  private func number(_ value: Double) -> String { JSON.rounded(value, 2).text }
}
