import Configuration
import ImageFiles
import InspectionKit
import Threading
import VisionCore
import VisionImage

private let trainingOptions = [
  Parameter("template", .path, optional: true, short: "t", "the picture of the part"),
  Parameter("mask", .path, optional: true, "pixels of the template that count are not zero"),
  Parameter("method", .choice(MatchMethod.allCases.map(\.rawValue)), default: "ncc", "grey values or edges"),
  Parameter("angles", .numbers(2...2), default: .numbers([0, 0]), placeholder: "A0,A1", "degrees, anticlockwise"),
  Parameter("scales", .numbers(2...2), default: .numbers([1, 1]), placeholder: "S0,S1", "smallest and largest"),
  Parameter("levels", .whole(1...10), optional: true, "pyramid levels; chosen from the template where left out"),
]

let matchVerb = Verb(
  "match", "finds a template at any angle and scale", operands: "[train] [IMAGE…]",
  count: 0...1_000_000,
  options: trainingOptions + [
    Parameter("model", .path, optional: true, "a trained model instead of a template"),
    Parameter("input", .path, repeatable: true, short: "i", placeholder: "IMAGE", "the picture to search; more may follow"),
    Parameter("min-score", .real(0...1), optional: true, "least score of a match; 0.7, for shape 0.5 where left out"),
    Parameter("max-matches", .whole(1...10_000), default: 100, "how many at most"),
    Parameter("max-overlap", .real(0...1), default: 0.5, "share of the smaller of two that both may cover"),
    Parameter("polarity", .choice(MatchPolarity.allCases.map(\.rawValue)), default: "same", "sign of the contrast"),
    Parameter("annotate", .path, optional: true, placeholder: "DIR", "pictures with the matches drawn in"),
    Parameter("output", .path, optional: true, short: "o", "train: where the model goes"),
    Parameter("preview", .path, optional: true, placeholder: "PNG", "train: a picture of what is looked for"),
    EngineOptions.engine,
  ],
  example: "inspect match -t part.png -i part.png --angles -10,10",
  details: "'inspect match train -t TEMPLATE [--preview PNG] -o FILE' writes a model for --model.\n"
    + "Positions are those of the template's centre, angles anticlockwise on the screen.",
  run: { call in
    let machine = Machine(try EngineOptions.instructionSet(), threads: 1)
    if call.operands.first == "train" { return try trainMatch(call, machine) }
    let runner = OperatorRunner(try EngineOptions.choice(call.values), machine: machine)
    return try searchMatches(call, runner)
  })

private func trainMatch(_ call: Invocation, _ machine: Machine) throws -> ExitStatus {
  guard call.operands.count == 1 else {
    throw CommandError.usage("unexpected '\(call.operands[1])': training takes the template only", "match")
  }
  guard call.values.has("output") else {
    throw CommandError.usage("-o FILE is missing: where does the model go?", "match")
  }
  let model = try trained(call.values, machine)
  try writeText(JSON.object(model.json).text + "\n", to: call.values.text("output"))
  if call.values.has("preview") {
    let picture = model.template.pixels.raster.view
    let whole = Match(
      x: Double(model.template.width - 1) / 2, y: Double(model.template.height - 1) / 2,
      angle: .degrees(0), scale: 1, score: 1)
    let marked = Annotation.mark([whole], of: model, on: picture)
    try writeImage(marked.raster.view, to: call.values.text("preview"))
  }
  Output.report(
    [
      "method": .string(model.method.rawValue), "width": .integer(model.template.width),
      "height": .integer(model.template.height), "levels": .integer(model.levels),
    ], json: true)
  return .done
}

private func searchMatches(_ call: Invocation, _ runner: OperatorRunner) throws -> ExitStatus {
  let values = call.values
  let images = values.texts("input") + call.operands
  guard !images.isEmpty else {
    throw CommandError.usage("-i IMAGE is missing: which picture?", "match")
  }
  let model =
    values.has("model")
    ? try stored(values, runner.machine) : try trained(values, runner.machine)
  let query = MatchQuery(
    minScore: values.has("min-score") ? values.real("min-score") : model.method.defaultMinScore,
    maxMatches: values.whole("max-matches"),
    maxOverlap: values.real("max-overlap"),
    polarity: MatchPolarity(rawValue: values.text("polarity")) ?? .same)
  var status = ExitStatus.done
  for path in images {
    do {
      let picture = try readImage(path)
      let start = MonotonicTime.now
      let outcome = try found(model, picture.view, query, runner, path)
      let elapsed = (MonotonicTime.now - start) * 1000
      let matches = outcome.matches
      if let failover = outcome.failover {
        Output.note("inspect: note: answered by \(outcome.engine.rawValue), since \(failover)")
      }
      Output.report(
        [
          "image": .string(path), "matches": .array(matches.map(\.json)),
          "elapsed_ms": .rounded(elapsed, 3),
        ], json: true)
      if values.has("annotate") {
        let folder = values.text("annotate")
        try makeFolder(folder)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        let marked = Annotation.mark(matches, of: model, on: picture.view)
        try writeImage(marked.raster.view, to: folder + "/" + stem + ".png")
      }
    } catch let error as CommandError where error.status == .inputs {
      // One of several that cannot be read does not keep the others from being searched.
      guard images.count > 1 else { throw error }
      Output.note(error.line)
      Output.report(
        ["image": .string(path), "status": "error", "error": .string(error.why ?? error.what), "matches": []],
        json: true)
      status = .inputs
    }
  }
  return status
}

private func found(
  _ model: MatchModel, _ picture: RasterView, _ query: MatchQuery, _ runner: OperatorRunner,
  _ path: String
) throws -> MatchOutcome {
  do throws(MatchError) {
    return try runner.matches(of: model, in: picture, query)
  } catch .pixels(let layout) {
    throw CommandError(.usage, MatchError.pixels(layout).description, at: path)
  } catch {
    throw CommandError(.failed, error.description, advice: "'inspect doctor' tells what is there")
  }
}

private func trained(_ values: ParameterValues, _ machine: Machine) throws -> MatchModel {
  guard values.has("template") else {
    throw CommandError.usage("-t TEMPLATE is missing: what is to be found?", "match")
  }
  let path = values.text("template")
  let picture = try readImage(path)
  let mask = values.has("mask") ? try readImage(values.text("mask")) : nil
  do throws(ParameterError) {
    return try MatchModel.trained(values, picture.view, mask: mask?.view, on: machine)
  } catch {
    throw CommandError(.usage, "cannot use the template", at: path, why: error.message)
  }
}

private func stored(_ values: ParameterValues, _ machine: Machine) throws -> MatchModel {
  let path = values.text("model")
  for name in trainingOptions.map(\.name) where values.given.contains(name) {
    throw CommandError.usage("--\(name) is in the model; leave it or --model out", "match")
  }
  let bytes: [UInt8]
  do throws(ImageFileError) {
    bytes = try FileBytes(path, limit: 1 << 30).array
  } catch {
    throw CommandError(.usage, "cannot read the model", at: path, why: error.reason)
  }
  do {
    let text = try JSONParser.parse(bytes, as: .json, limit: 1 << 30)
    return try MatchModel(json: text.json, on: machine)
  } catch let error as MatchModelError {
    throw CommandError(.usage, "cannot use the model", at: path, why: error.description)
  } catch let error as TextError {
    throw CommandError(.usage, "cannot use the model", at: path, why: "\(error.location): \(error.message)")
  }
}
