import CaptureKit
import Configuration
import InspectionKit
import LineKit
import VisionCore

let recipeVerbs: [Verb] = [
  Verb(
    "recipe check", "read a recipe and everything it names, and say what is wrong",
    operands: "RECIPE", count: 1...1, options: [Parameter("json", .flag, "one JSON object")],
    example: "inspect recipe check samples/board/recipe.json5",
    run: { call in
      let recipe = try readRecipe(call.operands[0])
      let inspector = try makeInspector(recipe, nil)
      do {
        try recipe.checkTests()
      } catch let error as RecipeError {
        throw CommandError(error)
      }
      if let camera = recipe.camera { try checkCamera(camera, of: recipe) }
      if call.values.flag("json") {
        Output.report(
          [
            "ok": true, "name": .string(recipe.name),
            "recipe_hash": .string(inspector.recipeHash),
            "tools": .array(recipe.steps.map { .string($0.name) }),
          ], json: true)
      } else {
        Output.line("\(call.operands[0]): right, \(recipe.steps.count) tool(s), hash \(inspector.recipeHash)")
      }
      return .done
    }),
  Verb(
    "recipe new", "a recipe to begin with",
    options: [
      Parameter("output", .path, short: "o", "where it goes"),
      Parameter("scene", .text, optional: true, "one that tells good from bad parts of this scene"),
      Parameter("force", .flag, "write over a file that is there"),
    ],
    example: "inspect recipe new --scene board -o board.json5",
    run: { call in
      let path = call.values.text("output")
      let file = path.split(separator: "/").last.map(String.init) ?? path
      let name = file.split(separator: ".").first.map(String.init) ?? "recipe"
      let text =
        call.values.has("scene")
        ? RecipeTemplates.scene(try sceneKind(call.values.text("scene")), name: name)
        : RecipeTemplates.general(name: name)
      try writeNewText(text, to: path, force: call.values.flag("force"))
      return .done
    }),
  Verb(
    "recipe test", "run the tests that a recipe carries: pictures, the verdicts and measurements expected of them",
    operands: "RECIPE", count: 1...1,
    options: [
      ModelOption.parameter,
      EngineOptions.engine,
      Parameter("annotate", .path, optional: true, placeholder: "DIR", "write every picture there, defects marked"),
      Parameter("json", .flag, "an object a test"),
    ],
    example: "inspect recipe test samples/board/recipe.json5",
    details: """
      A test in the recipe:
        { image: "good.png", verdict: "OK", measurements: { width: { value: 20.1, tolerance: 0.05 } } }
      Exit status 1 where a verdict or a measurement is not as expected.
      """,
    run: { call in
      let recipe = try readRecipe(call.operands[0])
      guard !recipe.tests.isEmpty else {
        throw CommandError(
          .usage, "the recipe has no tests", at: call.operands[0],
          advice: "Add tests: [ { image: \"good.png\", verdict: \"OK\" } ]")
      }
      let engine = try EngineOptions.forced(call.values)
      let worker = try makeTrainedInspector(recipe, engine, call.values).worker()
      var failures = 0
      for test in recipe.tests {
        let picture = try readImage(recipe.resolve(test.image))
        let record = worker.inspect(
          picture.view, image: recipe.resolve(test.image), time: Timestamp.now())
        if call.values.has("annotate") {
          let folder = call.values.text("annotate")
          try makeFolder(folder)
          let file = test.image.split(separator: "/").last.map(String.init) ?? test.image
          try writeImage(Annotation.mark(record, on: picture.view).raster.view, to: folder + "/" + file)
        }
        let misses = test.misses(in: record)
        let passed = record.verdict == test.verdict && misses.isEmpty
        if !passed { failures += 1 }
        if call.values.flag("json") {
          Output.report(
            [
              "image": .string(test.image), "ok": .bool(passed),
              "expected": .string(test.verdict.rawValue),
              "verdict": .string(record.verdict.rawValue), "score": .rounded(record.score, 4),
              "measurements": .array(misses.map { .string($0) }),
              "error": record.error.map { .string($0) } ?? .null,
            ], json: true)
        } else {
          let reasons = (record.error.map { [$0] } ?? []) + misses
          let why = reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")
          Output.line(
            "\(passed ? "passed" : "FAILED")  \(test.image)  expected \(test.verdict.rawValue), "
              + "got \(record.verdict.rawValue), score \(JSON.rounded(record.score, 3).text)\(why)")
        }
      }
      if !call.values.flag("json") {
        Output.line("\(recipe.tests.count - failures) passed, \(failures) failed")
      }
      return failures == 0 ? .done : .no
    }),
]

/// Whether there is such a camera is no matter of the recipe: it is checked where none is, too.
private func checkCamera(_ url: String, of recipe: Recipe) throws {
  do throws(CaptureError) {
    _ = try CameraKind.open(url)
  } catch {
    guard cameraError(error, url).status == .usage else {
      return Output.note("inspect: note: the recipe's camera is not here (\(url)): \(error.why)")
    }
    throw CommandError(recipe.cameraError(error.why))
  }
}

extension Recipe.Test {
  /// The measurements that are not as expected, in words.
  fileprivate func misses(in record: InspectionRecord) -> [String] {
    measurements.compactMap { expected in
      let value = record.measurements.first { $0.name == expected.tool }?.value
      if let value, abs(value - expected.value) <= expected.tolerance { return nil }
      let found = value.map { JSON.rounded($0, 6).text } ?? "not measured"
      return "\(expected.tool) is \(found), expected \(JSON.number(expected.value).text) "
        + "give or take \(JSON.number(expected.tolerance).text)"
    }
  }
}
