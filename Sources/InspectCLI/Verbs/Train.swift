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
    Parameter("json", .flag, "one JSON object"),
  ],
  example: "inspect train samples/commutator/recipe.json5 --good good -o model.bin",
  details: """
    The report tells how the good parts score, each held back while the others are learned: 1 is the
    limit. A picture beside the model (MODEL.TOOL.png) shows where good parts vary, white where they
    reach the limit on average. A good picture that is nothing like the others is refused, by name.
    The same pictures give the same model, byte for byte. Run it with
    inspect batch RECIPE --model MODEL PATH…
    """,
  run: { call in
    let path = call.operands[0]
    let recipe = try readRecipe(path)
    let training = Training(try makeInspector(recipe, try EngineOptions.choice(nil, recipe: recipe.engine)))
    guard training.hasWork else {
      throw CommandError(
        .usage, "the recipe has nothing to learn", at: path,
        advice: "Give it a tool that learns: { tool: \"anomaly\", … }")
    }
    let start = MonotonicTime.now
    let model: LearnedModel, reports: [Training.Report]
    do {
      (model, reports) = try training.run(
        good: call.values.text("good"),
        bad: call.values.has("bad") ? call.values.text("bad") : nil
      ) { Output.note("inspect: \($0)") }
    } catch let error as ToolError {
      throw CommandError(.inputs, "training failed", at: path, why: error.description)
    } catch let error as ImageFileError {
      throw CommandError(.inputs, "cannot read the folder", at: error.path, why: error.reason)
    }
    let output = call.values.text("output")
    try writeFile(model.bytes, to: output)
    for report in reports {
      if let variation = report.variation {
        try writeImage(variation.raster.view, to: report.variationPath(output))
      }
    }
    let seconds = MonotonicTime.now - start
    if call.values.flag("json") {
      Output.report(
        [
          "model": .string(output), "model_hash": .string(model.hash),
          "bytes": .integer(model.bytes.count), "seconds": .rounded(seconds, 1),
          "images": .integer(model.sources.count), "tools": .array(reports.map { $0.json(output) }),
        ], json: true)
    } else {
      for report in reports { Output.line(report.text(output)) }
      Output.line(
        "\(output): \(model.bytes.count) bytes, hash \(model.hash), "
          + "\(JSON.rounded(seconds, 1).text) s")
    }
    return .done
  })

extension Training.Report {
  /// Beside the model, one for every tool that learned.
  fileprivate func variationPath(_ model: String) -> String { "\(model).\(tool).png" }

  fileprivate func json(_ model: String) -> JSON {
    .object([
      "name": .string(tool), "good_scores": .array(goodScores.map { .rounded($0, 4) }),
      "bad_scores": .array(badScores.map { .rounded($0, 4) }), "overkill": .rounded(overkill, 4),
      "escape": escape.map { .rounded($0, 4) } ?? .null,
      "variation": variation == nil ? .null : .string(variationPath(model)),
    ])
  }

  fileprivate func text(_ model: String) -> String {
    let sorted = goodScores.sorted()
    var text =
      "\(tool): \(sorted.count) good parts, held back one after the other, score "
      + "\(number(sorted[0])) to \(number(sorted[sorted.count - 1])), median "
      + "\(number(sorted[sorted.count / 2])); expected overkill \(number(100 * overkill)) %"
    if let escape { text += "; of \(badScores.count) bad parts \(number(100 * escape)) % pass" }
    if variation != nil { text += "; where they vary: \(variationPath(model))" }
    return text
  }

  private func number(_ value: Double) -> String { JSON.rounded(value, 2).text }
}
