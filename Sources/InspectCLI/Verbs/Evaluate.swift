import Configuration
import ImageFiles
import InspectionKit
import VisionImage

let evaluateVerb = Verb(
  "evaluate", "hold results against the truth", operands: "RESULTS.jsonl", count: 1...1,
  options: [
    Parameter("truth", .path, placeholder: "GT.jsonl", "lines with image and verdict (OK or NG)"),
    Parameter(
      "csv", .path, optional: true, placeholder: "FILE.csv", "a row a picture, for a spreadsheet"),
    Parameter(
      "report", .path, optional: true, placeholder: "FILE.html",
      "a page with the figures, the curve and what went wrong"),
    Parameter("json", .flag, "one JSON object on one line"),
  ],
  example: "inspect evaluate --truth samples/board/gt.jsonl results.jsonl",
  details: """
    AUROC and AP are of the scores; F, escape and overkill of the verdicts (FAULT rejects); limits
    tells what the best limit would be, and those without an escape or an overkill. A result belongs
    to the line of the truth whose image is its path or the longest end of it; results without such a
    line, and lines without a result, are left out and counted.

    Where records have a map (batch --maps) and the truth a mask ("mask": a picture beside it, other
    than black is bad; or "mask_rle": {"size": [HEIGHT, WIDTH], "runs": [START, LENGTH, …]}), AUROC
    and AP of the pixels are printed too. Good pictures need no mask.
    """,
  run: { call in
    let truth = try Truth(call.values.text("truth"))
    let results = call.operands[0]
    var samples: [Evaluation.Sample] = []
    var pixels = PixelEvaluation()
    var unknown = 0
    var answered: Set<String> = []
    for record in try readRecords(results) {
      guard let image = record["image"]?.string, let line = truth.line(of: image) else {
        unknown += 1
        continue
      }
      answered.insert(line["image"]?.string ?? image)
      let sample = Evaluation.Sample(image: image, record: record, truth: line)
      samples.append(sample)
      if let map = record["map"]?.string, let mask = try truth.mask(line, isBad: sample.isBad) {
        try add(mask, map: map, of: results, to: &pixels)
      }
    }
    guard !samples.isEmpty else {
      throw CommandError(
        .inputs, "no result fits the truth", at: results, advice: "'image' of both must end alike")
    }
    let evaluation = Evaluation(samples, pixels: pixels.pictures > 0 ? pixels : nil)
    if call.values.has("csv") {
      try writeText(EvaluationTable.csv(evaluation), to: call.values.text("csv"))
    }
    if call.values.has("report") {
      try writeText(EvaluationPage.html(evaluation, of: results), to: call.values.text("report"))
    }
    var report = evaluation.json
    report["without_truth"] = .integer(unknown)
    report["without_result"] = .integer(truth.count - answered.count)
    Output.report(report, json: call.values.flag("json"))
    return .done
  })

extension Evaluation.Sample {
  fileprivate init(image: String, record: JSONObject, truth: JSONObject) {
    let defects = record["defects"]?.array ?? []
    let worst = defects.max { ($0["score"]?.number ?? 0) < ($1["score"]?.number ?? 0) }
    self.init(
      image: image, isBad: truth["verdict"]?.string != "OK",
      verdict: Verdict(rawValue: record["verdict"]?.string ?? "") ?? .fault,
      score: record["score"]?.number ?? 0,
      label: truth["label"]?.string ?? truth["defects"]?[0]?["class"]?.string,
      said: record["class"]?.string ?? worst?["class"]?.string)
  }
}

/// The lines of a truth, by their images.
private struct Truth {
  private let path: String
  private var lines: [String: JSONObject] = [:]

  var count: Int { lines.count }

  init(_ path: String) throws {
    self.path = path
    for line in try readRecords(path) {
      guard let image = line["image"]?.string, let verdict = line["verdict"]?.string else {
        throw CommandError(.inputs, "a line without image or verdict", at: path)
      }
      guard ["OK", "NG"].contains(verdict) else {
        throw CommandError(
          .inputs, "the truth is OK or NG", at: path, why: "\(image) has the verdict '\(verdict)'")
      }
      lines[image] = line
    }
  }

  /// The line for a path: itself, or its longest end that the truth knows.
  func line(of image: String) -> JSONObject? {
    var rest = image[...]
    while true {
      if let line = lines[String(rest)] { return line }
      guard let slash = rest.firstIndex(of: "/") else { return nil }
      rest = rest[rest.index(after: slash)...]
    }
  }

  /// Which pixels are bad; nil where the truth does not tell.
  func mask(_ line: JSONObject, isBad: Bool) throws -> TruthMask? {
    if let runs = line["mask_rle"], runs != .null {
      guard let mask = TruthMask(runs: runs) else {
        throw CommandError(.inputs, "a mask_rle that cannot be", at: path, why: line["image"]?.text)
      }
      return mask
    }
    guard let file = line["mask"]?.string else { return isBad ? nil : TruthMask.none }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    return .picture(try readImage(file.hasPrefix("/") ? file : folder + file))
  }
}

/// A map's path is as the batch was told, or beside the results.
private func add(
  _ mask: TruthMask, map path: String, of results: String, to pixels: inout PixelEvaluation
) throws {
  let folder = results.lastIndex(of: "/").map { String(results[...$0]) } ?? ""
  let raster: Raster
  do throws(ImageFileError) {
    raster = try ImageFiles.read(path, colour: .grey)
  } catch {
    raster = try readImage(folder + path)
  }
  guard let map = Image<UInt16>(raster) else {
    throw CommandError(.inputs, "a map has 16-bit pixels", at: path)
  }
  guard let truth = mask.pixels(width: map.width, height: map.height) else {
    throw CommandError(
      .inputs, "map and mask differ in size", at: path, why: "the map is \(map.width)x\(map.height)"
    )
  }
  pixels.add(map.view) { x, y in truth[y * map.width + x] != 0 }
}
