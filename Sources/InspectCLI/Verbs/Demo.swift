import CaptureKit
import Configuration
import InspectionKit
import LineKit
import VisionCore

let demoVerb = Verb(
  "demo", "the whole system on a rendered line, nothing needed",
  options: [
    Parameter("parts", .whole(1...1_000_000), default: 200, "how many parts come along"),
    Parameter("log", .path, optional: true, placeholder: "DIR", "the folder of the line log; a new one below demo-log where left out"),
    Parameter("seed", .whole(0...Int.max), default: 1, "another seed, other parts"),
    Parameter("defects", .real(0...1), default: 0.1, placeholder: "P", "share of parts with flaws"),
    Parameter("fps", .real(0...1000), default: 40, "parts a second at the most"),
    Parameter("no-browser", .flag, "open no browser"),
    Parameter("json", .flag, "every part's record and at last the summary, an object a line"),
  ],
  example: "inspect demo --parts 200",
  details: """
    Printed boards pass a rendered camera; compare_golden holds each against the perfect board. The
    same parts are written as pictures by 'inspect synth board --seed SEED --defects P'.
    """,
  run: { call in
    let kind = SceneKind.all[0]
    let recipe: Recipe
    do throws(RecipeError) {
      recipe = try Recipe(
        text: RecipeTemplates.scene(kind, name: "demo-\(kind.name)"), path: "demo.json5")
    } catch {
      throw CommandError(error)
    }
    let inspector = try makeInspector(recipe, try EngineOptions.forced(nil))
    let camera = try openCamera(
      "synthetic:\(kind.name)?trigger=software&fps=\(call.values.real("fps"))"
        + "&defects=\(call.values.real("defects"))&seed=\(call.values.whole("seed"))")
    let folder: String
    if call.values.has("log") {
      folder = call.values.text("log")
    } else {
      folder = "demo-log/" + Timestamp.now().replacing(":", with: "-")
      try makeFolder("demo-log")
    }
    let status = try runLine(
      inspector, [camera], LineRun.Limits(parts: call.values.whole("parts"), seconds: nil),
      log: folder, json: call.values.flag("json"), progress: true)
    Output.note("the log: \(folder)   prove it: inspect log verify \(folder)")
    return status
  })
