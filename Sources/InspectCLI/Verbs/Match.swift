import Configuration
import ImageFiles
import InspectionKit
import Threading
import VisionCore
import VisionImage

private let trainingOptions = [
  Parameter("template", .path, repeatable: true, short: "t", "the picture of the part; several are several classes"),
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
    Parameter("model", .path, repeatable: true, placeholder: "FILE", "a trained model instead of a template; several are several classes"),
    Parameter("mapping", .path, optional: true, "what 'calibrate plane' or 'points' wrote: tells the place in millimetres too"),
    CalibrationFiles.undistorted,
    Parameter("input", .path, repeatable: true, short: "i", placeholder: "IMAGE", "the picture to search; more may follow"),
    Parameter("min-score", .real(0...1), optional: true, "least score of a match; where left out more than any disc or bar reaches: 0.7 to 0.85, for shape 0.36 to 0.9"),
    Parameter("max-matches", .whole(1...10_000), default: 100, "how many at most"),
    Parameter("max-overlap", .real(0...1), default: 0.5, "share of the smaller of two that both may cover"),
    Parameter("polarity", .choice(MatchPolarity.allCases.map(\.rawValue)), default: "same", "sign of the contrast"),
    Parameter("greediness", .real(0...1), default: 0.5, "0 misses less, 1 is faster"),
    Parameter("timeout", .real(0.1...3_600_000), optional: true, placeholder: "MS", "milliseconds after which a search is given up"),
    Parameter("roi", .numbers(4...4), optional: true, placeholder: "X,Y,W,H", "search this rectangle of the picture only"),
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
  let templates = call.values.texts("template")
  guard templates.count == 1 else {
    throw CommandError.usage("a model is of one template: -t TEMPLATE", "match")
  }
  let model = try trained(templates[0], call.values, machine)
  try writeText(JSON.object(model.json).text + "\n", to: call.values.text("output"))
  if call.values.has("preview") {
    let marked = MatchAnnotation.preview(model)
    try writeImage(marked.raster.view, to: call.values.text("preview"))
  }
  var report: JSONObject = [
    "method": .string(model.method.rawValue), "width": .integer(model.template.width),
    "height": .integer(model.template.height), "levels": .integer(model.levels),
  ]
  let training = model.training
  for member in training.json.members where member.key != "outline" {
    report[member.key] = member.value
  }
  report["outline_points"] = .integer(training.outline.count)
  Output.report(report, json: true)
  return .done
}

private func searchMatches(_ call: Invocation, _ runner: OperatorRunner) throws -> ExitStatus {
  let values = call.values
  let images = values.texts("input") + call.operands
  guard !images.isEmpty else {
    throw CommandError.usage("-i IMAGE is missing: which picture?", "match")
  }
  let parts = try parts(values, runner.machine)
  let mapping = try CalibrationFiles.mapping(values)
  let query = MatchQuery(
    maxMatches: values.whole("max-matches"),
    maxOverlap: values.real("max-overlap"),
    polarity: MatchPolarity(rawValue: values.text("polarity")) ?? .same,
    greediness: values.real("greediness"),
    timeout: values.has("timeout") ? values.real("timeout") : nil)
  let region = try searchRegion(values)
  var status = ExitStatus.done
  for path in images {
    do {
      let picture = try readImage(path)
      let seen = region.map { $0.intersection(picture.layout.bounds) } ?? picture.layout.bounds
      guard !seen.isEmpty else {
        throw CommandError(.inputs, "nothing to search", at: path, why: "--roi lies outside of it")
      }
      let start = MonotonicTime.now
      let outcome = try found(parts, picture.view.cropped(to: seen), query, runner, path)
      let elapsed = (MonotonicTime.now - start) * 1000
      let matches = outcome.matches.map { $0.moved(x: Double(seen.x), y: Double(seen.y)) }
      if let failover = outcome.failover {
        Output.note("inspect: note: answered by \(outcome.engine.rawValue), since \(failover)")
      }
      Output.report(
        [
          "image": .string(path), "matches": .array(matches.map { .object(report($0, mapping)) }),
          "elapsed_ms": .rounded(elapsed, 3),
        ], json: true)
      if values.has("annotate") {
        let folder = values.text("annotate")
        try makeFolder(folder)
        let marked = MatchAnnotation.mark(matches, of: parts, on: picture.view)
        try writeImage(marked.raster.view, to: folder + "/" + stem(path) + ".png")
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
  _ parts: MatchSet, _ picture: RasterView, _ query: MatchQuery, _ runner: OperatorRunner,
  _ path: String
) throws -> MatchOutcome {
  do throws(MatchError) {
    return try parts.matches(in: picture, query, runner)
  } catch .pixels(let layout) {
    throw CommandError(.usage, MatchError.pixels(layout).description, at: path)
  } catch .timeout(let milliseconds) {
    throw CommandError(
      .inputs, "no answer", at: path, why: MatchError.timeout(milliseconds: milliseconds).description)
  } catch {
    throw CommandError(.failed, error.description, advice: "'inspect doctor' tells what is there")
  }
}

/// The rectangle that is searched; nil: the whole picture.
private func searchRegion(_ values: ParameterValues) throws -> PixelRect? {
  guard values.has("roi") else { return nil }
  let numbers = values.numbers("roi")
  guard numbers.allSatisfy({ $0 == $0.rounded() && abs($0) <= 1e6 }), numbers[2] >= 1, numbers[3] >= 1
  else {
    throw CommandError.usage("--roi takes four whole numbers: the upper left pixel, width and height", "match")
  }
  return PixelRect(
    x: Int(numbers[0]), y: Int(numbers[1]), width: Int(numbers[2]), height: Int(numbers[3]))
}

/// A match with its place on the plane of the mapping, where that is seen.
private func report(_ match: Match, _ mapping: PlaneMapping?) -> JSONObject {
  var object = match.json
  let pixel = PixelPoint(x: match.x, y: match.y)
  if let mapping, let place = mapping.point(at: pixel),
    let angle = mapping.angle(match.angle, at: pixel)
  {
    object["mapped"] = [
      "x": .rounded(place.x, 5), "y": .rounded(place.y, 5), "angle": .rounded(angle.degrees, 4),
    ]
  }
  return object
}

/// What is looked for, each named as its file without folder and ending.
private func parts(_ values: ParameterValues, _ machine: Machine) throws -> MatchSet {
  let models = values.texts("model")
  if !models.isEmpty {
    for name in trainingOptions.map(\.name) where values.given.contains(name) {
      throw CommandError.usage("--\(name) is in the model; leave it or --model out", "match")
    }
  }
  let templates = values.texts("template")
  guard !models.isEmpty || !templates.isEmpty else {
    throw CommandError.usage("-t TEMPLATE is missing: what is to be found?", "match")
  }
  if templates.count > 1 && values.has("mask") {
    throw CommandError.usage("--mask is of one template; train a model of each", "match")
  }
  func member(_ path: String, _ model: MatchModel) -> MatchSet.Member {
    let minScore =
      values.has("min-score") ? values.real("min-score") : model.defaultMinScore(on: machine)
    return MatchSet.Member(stem(path), model, minScore: minScore)
  }
  let members =
    try models.map { member($0, try stored($0, machine)) }
    + templates.map { member($0, try trained($0, values, machine)) }
  if let twin = members.first(where: { one in members.count { $0.name == one.name } > 1 }) {
    throw CommandError.usage("two parts are called '\(twin.name)'; name the files apart", "match")
  }
  return MatchSet(members)
}

private func stem(_ path: String) -> String {
  let name = path.split(separator: "/").last.map(String.init) ?? path
  return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
}

private func trained(
  _ path: String, _ values: ParameterValues, _ machine: Machine
) throws -> MatchModel {
  let picture = try readImage(path)
  let mask = values.has("mask") ? try readImage(values.text("mask")) : nil
  do throws(ParameterError) {
    return try MatchModel.trained(values, picture.view, mask: mask?.view, on: machine)
  } catch {
    throw CommandError(.usage, "cannot use the template", at: path, why: error.message)
  }
}

private func stored(_ path: String, _ machine: Machine) throws -> MatchModel {
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
