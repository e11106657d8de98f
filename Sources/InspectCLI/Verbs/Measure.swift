import Configuration
import ImageFiles
import InspectionKit
import LineKit
import VisionImage

let measureVerb = Verb(
  "measure", "run the measuring tools of a recipe, one value a line", operands: "RECIPE IMAGE…",
  count: 2...100_000,
  options: [
    EngineOptions.engine,
    Parameter("preview", .path, optional: true, placeholder: "DIR", "write every picture there, what was found drawn on it"),
    Parameter("exit-code", .flag, "status 1 where a value is not within its limits"),
  ],
  example: "inspect measure samples/gauge/recipe.json5 samples/gauge/part.png",
  details: """
    A line is {"image","name","value","unit","low","high","ok","points"}; value is null where there
    was nothing to be measured. Points are in pixels.
    """,
  run: { call in
    let recipe = try readRecipe(call.operands[0])
    let engine = try EngineOptions.forced(call.values)
    let worker = try makeInspector(recipe, engine).worker()
    var isRight = true, unreadable = 0
    for path in call.operands.dropFirst() {
      let picture: Raster
      do throws(ImageFileError) {
        picture = try ImageFiles.read(path, colour: .grey)
      } catch {
        Output.report(["image": .string(path), "status": "error", "error": .string(error.reason)], json: true)
        unreadable += 1
        continue
      }
      let record = worker.inspect(picture.view, image: path, time: Timestamp.now())
      if let error = record.error {
        Output.report(["image": .string(path), "status": "error", "error": .string(error)], json: true)
        isRight = false
      }
      for measurement in record.measurements {
        Output.report(measurement.json(image: path), json: true)
        isRight = isRight && measurement.ok
      }
      if call.values.has("preview") {
        let folder = call.values.text("preview")
        try makeFolder(folder)
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let stem = file.split(separator: ".").first.map(String.init) ?? file
        try writeImage(drawing(record, on: picture).raster.view, to: "\(folder)/\(stem).png")
      }
    }
    if unreadable > 0 { return .inputs }
    return isRight || !call.values.flag("exit-code") ? .done : .no
  })

/// Green where the value is right, red where it is not; calipers' points joined where there are two.
private func drawing(_ record: InspectionRecord, on picture: Raster) -> Image<RGB<UInt8>> {
  var canvas = Canvas(picture.view, dimming: 0.3)
  for measurement in record.measurements {
    let colour = measurement.ok
      ? RGB<UInt8>(red: 60, green: 230, blue: 90) : RGB<UInt8>(red: 255, green: 60, blue: 60)
    if measurement.points.count == 2 {
      canvas.line(measurement.points[0], measurement.points[1], colour)
    }
    for point in measurement.points { canvas.dot(point, radius: 2, colour) }
  }
  return canvas.image
}
