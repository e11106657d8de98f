import Configuration
import VisionCore
import VisionImage

/// Compares a part's outline with that of a perfect one, to a fraction of a pixel: burrs stick out,
/// nicks are cut in.
struct EdgeFlaw: Tool {
  static let kind = ToolKind(
    name: "edge_flaw", summary: "a part's contours against those of a perfect one: burrs and nicks",
    parameters: [
      Parameter(
        "reference", .picture,
        "the picture of a perfect part, or { replace: [A, B] } in the part's path"),
      Parameter("part", .choice(["bright", "dark"]), default: "bright", "what the part is before its ground"),
      Parameter("threshold", .real(1...254), optional: true, "grey value between; Otsu's where left out"),
      Parameter(
        "tolerance", .real(0.2...1000), default: .real(2), strictness: .looserWhenLarger,
        "pixels that an edge may be off"),
      Parameter(
        "length", .real(1...10_000), default: .real(4), strictness: .looserWhenLarger,
        "pixels along the edge over which it must be off"),
      Parameter(
        "align", .choice(["rigid", "shift", "none"]), default: "rigid",
        "how the part may lie: turned a little and shifted, shifted, or just so"),
      Parameter(
        "search", .real(1...500), default: .real(20), strictness: .looserWhenLarger,
        "pixels that the part may be off its place"),
      Parameter(
        "min-contour", .real(4...100_000), default: .real(30), strictness: .looserWhenLarger,
        "length of the shortest contour that counts"),
    ],
    make: { try EdgeFlaw($0) })

  let reference: ReferencePicture
  let isDark: Bool
  let threshold: Double?
  let tolerance: Double
  let length: Int
  let align: String
  let search: Double
  let leastContour: Double

  private init(_ settings: ToolSettings) throws {
    let values = settings.values
    reference = try ReferencePicture(settings)
    isDark = values.text("part") == "dark"
    threshold = values.has("threshold") ? values.real("threshold") : nil
    tolerance = values.real("tolerance")
    length = max(1, Int(values.real("length").rounded()))
    align = values.text("align")
    search = values.real("search")
    leastContour = values.real("min-contour")
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker { EdgeFlawWorker(self, runner) }
}

private final class EdgeFlawWorker: ToolWorker {
  private let tool: EdgeFlaw
  private let runner: OperatorRunner
  private var wanted: (name: String, picture: Image<UInt8>)?
  private var nominal: (name: String, contours: [SubpixelContour], map: ContourMap)?
  private var scratch: Raster?
  private var failover: String?

  init(_ tool: EdgeFlaw, _ runner: OperatorRunner) {
    self.tool = tool
    self.runner = runner
  }

  func prepare(for part: PartContext) throws { wanted = try tool.reference.picture(of: part) }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    failover = nil
    guard let view = ImageView<UInt8>(picture) else {
      throw ToolError("edge_flaw works on u8 pictures, not \(picture.format.rawValue)")
    }
    guard let wanted else { throw ToolError("the reference was not read") }
    if nominal?.name != wanted.name {
      let contours = try contours(wanted.picture.view)
      guard !contours.isEmpty else { throw ToolError("the reference shows no contour") }
      nominal = (wanted.name, contours, ContourMap(contours))
    }
    guard let nominal else { throw ToolError("the reference was not read") }
    let contours = try contours(view)
    let points = contours.flatMap(\.points)
    // The pose is known from far fewer points than the outline has.
    let step = max(1, points.count / 600)
    let sample = stride(from: 0, to: points.count, by: step).map { points[$0] }
    let middle = PixelPoint(x: Double(view.width) / 2, y: Double(view.height) / 2)
    let pose =
      tool.align == "none"
      ? ContourPose(middle: middle)
      : ContourPose(
        sample, to: nominal.map, middle: middle, reach: tool.search, turns: tool.align == "rigid")
    let comparison = ContourComparison(
      tolerance: tool.tolerance, length: tool.length, isDark: tool.isDark, frame: view.bounds)
    let found = comparison.flaws(of: contours, against: nominal.map) { pose.toNominal($0) }
    // What the part lacks altogether has no contour there: it is asked for from the other side.
    let own = ContourMap(contours)
    let lacking = comparison.missing(of: nominal.contours, in: own) { pose.toPicture($0) }
    // Under a burr or beside a nick the nominal contour is far from the part's, too.
    let alone = lacking.defects.filter { lack in
      !found.defects.contains { !$0.box.intersection(lack.box).isEmpty }
    }
    return ToolResult(
      score: max(found.score, lacking.score), defects: found.defects + alone, failover: failover)
  }

  private func contours(_ view: ImageView<UInt8>) throws -> [SubpixelContour] {
    var level = tool.threshold ?? 0
    if tool.threshold == nil {
      let outcome = try runner.run(
        Otsu(maximum: 255, kind: .binary), on: OperatorInputs(view.raster), into: &scratch)
      failover = failover ?? outcome.failover
      level = outcome.numbers[0] + 0.5
    }
    return SubpixelContour.trace(view, at: level).filter { $0.length >= tool.leastContour }
  }
}
