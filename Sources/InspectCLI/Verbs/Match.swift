import Configuration
import ImageFiles
import Threading
import VisionCore
import VisionImage

private let searchOptions = [
  Parameter("template", .path, optional: true, short: "t", "the picture of the part"),
  Parameter("mask", .path, optional: true, "pixels of the template that count are not zero"),
  Parameter("method", .choice(MatchMethod.allCases.map(\.rawValue)), default: "ncc", "grey values or edges"),
  Parameter("angles", .numbers(2...2), default: .numbers([0, 0]), placeholder: "A0,A1", "degrees, anticlockwise"),
  Parameter("scales", .numbers(2...2), default: .numbers([1, 1]), placeholder: "S0,S1", "smallest and largest"),
  Parameter("levels", .whole(1...10), optional: true, "pyramid levels; chosen from the template where left out"),
]

let matchVerb = Verb(
  "match", "finds a template at any angle and scale", operands: "[IMAGE…]", count: 0...100_000,
  options: searchOptions + [
    Parameter("model", .path, optional: true, "a trained model instead of a template"),
    Parameter("input", .path, repeatable: true, short: "i", placeholder: "IMAGE", "the picture to search; more may follow"),
    Parameter("min-score", .real(0...1), default: 0.7, "least score of a match"),
    Parameter("max-matches", .whole(1...10_000), default: 100, "how many at most"),
    Parameter("max-overlap", .real(0...1), default: 0.5, "share of the smaller of two that both may cover"),
    Parameter("polarity", .choice(MatchPolarity.allCases.map(\.rawValue)), default: "same", "sign of the contrast"),
  ],
  example: "inspect match -t part.png -i part.png --angles -10,10",
  details: "Positions are those of the template's centre, angles anticlockwise on the screen.",
  run: { call in
    let machine = Machine(try EngineOptions.instructionSet(), threads: 1)
    let model = try matchModel(call.values, machine)
    let values = call.values
    let query = MatchQuery(
      minScore: values.real("min-score"), maxMatches: values.whole("max-matches"),
      maxOverlap: values.real("max-overlap"),
      polarity: MatchPolarity(rawValue: values.text("polarity")) ?? .same)
    let images = values.texts("input") + call.operands
    guard !images.isEmpty else {
      throw CommandError.usage("-i IMAGE is missing: which picture?", "match")
    }
    for path in images {
      let picture = try readImage(path)
      guard let grey = try? MatchTemplate.grey(picture.view) else { continue }
      let start = MonotonicTime.now
      let matches = model.matches(in: grey.view, query, on: machine)
      let elapsed = (MonotonicTime.now - start) * 1000
      Output.report(
        [
          "image": .string(path), "matches": .array(matches.map(\.json)),
          "elapsed_ms": .rounded(elapsed, 3),
        ], json: true)
    }
    return .done
  })

private func matchModel(_ values: ParameterValues, _ machine: Machine) throws -> CorrelationModel {
  guard values.has("template") else {
    throw CommandError.usage("-t TEMPLATE is missing: what is to be found?", "match")
  }
  let path = values.text("template")
  let picture = try readImage(path)
  let mask = values.has("mask") ? try readImage(values.text("mask")) : nil
  let angles = values.numbers("angles"), scales = values.numbers("scales")
  guard angles[0] <= angles[1] else {
    throw CommandError.usage("--angles \(angles[0]),\(angles[1]): the first is larger", "match")
  }
  guard scales[0] <= scales[1], scales[0] >= 0.1, scales[1] <= 10 else {
    throw CommandError.usage("--scales: two numbers 0.1 to 10, the smaller one first", "match")
  }
  do throws(MatchError) {
    let template = try MatchTemplate(picture.view, mask: mask?.view)
    return try CorrelationModel(
      template,
      MatchRange(
        angles: angles[0]...angles[1], scales: scales[0]...scales[1],
        levels: values.has("levels") ? values.whole("levels") : nil), on: machine)
  } catch {
    throw CommandError(.usage, "cannot use the template", at: path, why: error.description)
  }
}
