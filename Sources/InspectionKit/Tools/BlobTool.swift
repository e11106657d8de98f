import Configuration
import VisionCore
import VisionImage

/// Counts connected bright or dark areas and decides by their number.
struct BlobTool: Tool {
  static let kind = ToolKind(
    name: "blob", summary: "connected bright or dark areas, judged by their number",
    parameters: [
      Parameter("threshold", .real(0...255), optional: true, "grey value; Otsu's where left out"),
      Parameter("polarity", .choice(["bright", "dark"]), default: "bright", "which side is the object"),
      Parameter("min-area", .whole(1...Int.max), default: 20, "pixels of the smallest that counts"),
      Parameter("max-area", .whole(1...Int.max), default: .whole(.max), "pixels of the largest that counts"),
      Parameter("min-count", .whole(0...Int.max), default: 0, "fewer are NG"),
      Parameter("max-count", .whole(0...Int.max), default: .whole(.max), "more are NG"),
    ],
    make: { settings in
      let values = settings.values
      guard values.whole("min-count") <= values.whole("max-count") else {
        throw ToolError("min_count is larger than max_count")
      }
      return BlobTool(values: values)
    })

  let values: ParameterValues

  func worker(_ runner: OperatorRunner) -> any ToolWorker { BlobWorker(values, runner) }
}

private final class BlobWorker: ToolWorker {
  private let values: ParameterValues
  private let runner: OperatorRunner
  private var mask: Raster?

  init(_ values: ParameterValues, _ runner: OperatorRunner) {
    self.values = values
    self.runner = runner
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    let kind: Threshold.Kind = values.text("polarity") == "bright" ? .binary : .binaryInverted
    let outcome: OperatorOutcome
    if values.has("threshold") {
      outcome = try runner.run(
        Threshold(value: values.real("threshold"), maximum: 255, kind: kind),
        on: OperatorInputs(picture), into: &mask)
    } else {
      outcome = try runner.run(
        Otsu(maximum: 255, kind: kind), on: OperatorInputs(picture), into: &mask)
    }
    guard let mask = mask.flatMap({ Image<UInt8>($0) }) else {
      throw ToolError("blob works on u8 pictures, not \(picture.format.rawValue)")
    }
    let blobs = Self.blobs(Components(mask: mask.view)).filter {
      (values.whole("min-area")...values.whole("max-area")).contains($0.area)
    }
    let least = values.whole("min-count"), most = values.whole("max-count")
    if blobs.count < least {
      return ToolResult(
        score: 1 + Double(least - blobs.count) / Double(least), defects: [],
        failover: outcome.failover)
    }
    let score = Double(blobs.count) / (Double(most) + 1)
    let defects =
      blobs.count > most
      ? blobs.map { Defect(box: $0.box, area: $0.area, score: Double(blobs.count) / Double(max(1, most)), kind: "blob") }
      : []
    return ToolResult(score: score, defects: defects, failover: outcome.failover)
  }

  private static func blobs(_ components: Components) -> [(box: PixelRect, area: Int)] {
    var blobs = [(box: PixelRect, area: Int)](
      repeating: (PixelRect(x: 0, y: 0, width: 0, height: 0), 0), count: components.count)
    for (run, label) in zip(components.runs, components.labels) {
      let box = PixelRect(x: run.start, y: run.y, width: run.count, height: 1)
      blobs[label] = (blobs[label].box.union(box), blobs[label].area + run.count)
    }
    return blobs
  }
}
