import Configuration
import InspectionKit

let evaluateVerb = Verb(
  "evaluate", "hold results against the truth", operands: "RESULTS.jsonl", count: 1...1,
  options: [
    Parameter("truth", .path, placeholder: "GT.jsonl", "lines with image and verdict (OK or NG)"),
    Parameter("json", .flag, "one JSON object"),
  ],
  example: "inspect evaluate --truth samples/board/gt.jsonl results.jsonl",
  details: """
    Prints AUROC and AP of the scores, F, escape and overkill of the verdicts (FAULT rejects), the
    classes, and what other limits would give. A result belongs to the line of the truth whose image
    is its path or the longest end of it; results without such a line are left out and counted.
    """,
  run: { call in
    var truth: [String: JSONObject] = [:]
    for line in try readRecords(call.values.text("truth")) {
      guard let image = line["image"]?.string, line["verdict"]?.string != nil else {
        throw CommandError(.inputs, "a line without image or verdict", at: call.values.text("truth"))
      }
      truth[image] = line
    }
    var samples: [Evaluation.Sample] = []
    var unknown = 0
    for record in try readRecords(call.operands[0]) {
      guard let image = record["image"]?.string, let line = lookUp(image, truth) else {
        unknown += 1
        continue
      }
      samples.append(
        Evaluation.Sample(
          image: image, isBad: line["verdict"]?.string != "OK",
          verdict: Verdict(rawValue: record["verdict"]?.string ?? "") ?? .fault,
          score: record["score"]?.number ?? 0,
          label: line["label"]?.string ?? line["defects"]?[0]?["class"]?.string))
    }
    guard !samples.isEmpty else {
      throw CommandError(
        .inputs, "no result fits the truth", at: call.operands[0],
        advice: "'image' of both must end alike")
    }
    var report = Evaluation(samples).json
    report["without_truth"] = .integer(unknown)
    Output.report(report, json: call.values.flag("json"))
    return .done
  })

/// The line for a path: itself, or its longest end that the truth knows.
private func lookUp(_ image: String, _ truth: [String: JSONObject]) -> JSONObject? {
  var rest = image[...]
  while true {
    if let line = truth[String(rest)] { return line }
    guard let slash = rest.firstIndex(of: "/") else { return nil }
    rest = rest[rest.index(after: slash)...]
  }
}
