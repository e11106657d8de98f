import CaptureKit
import Configuration
import InspectionKit
import VisionCore

let recipeVerbs: [Verb] = [
  Verb(
    "recipe check", "read a recipe and everything it names, and say what is wrong",
    operands: "RECIPE", count: 1...1, options: [Parameter("json", .flag, "one JSON object")],
    example: "inspect recipe check samples/board/recipe.json5",
    run: { call in
      let recipe = try readRecipe(call.operands[0])
      let inspector = try makeInspector(recipe, recipe.engine)
      if let camera = recipe.camera { _ = try openCamera(camera) }
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
]
