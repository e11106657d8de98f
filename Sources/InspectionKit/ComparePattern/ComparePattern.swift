import Configuration
import ImageFiles
import VisionCore
import VisionImage

/// Compares a printed or etched pattern of two levels with its reference, net by net: what is parted,
/// joined, missing or too much, by name.
struct ComparePattern: Tool {
  static let kind = ToolKind(
    name: "compare_pattern",
    summary: "a pattern of two levels against its reference: opens, shorts, bites, spurs, holes, islands",
    parameters: [
      Parameter(
        "reference", .picture,
        "the picture of a perfect part, or { replace: [A, B] } in the part's path"),
      Parameter("pattern", .choice(["bright", "dark"]), default: "bright", "what the nets are"),
      Parameter("threshold", .whole(0...255), optional: true, "grey value between; Otsu's where left out"),
      Parameter("search", .whole(0...100), default: 64, strictness: .looserWhenLarger, "largest shift of the part in pixels"),
      Parameter("min-area", .whole(1...1_000_000), default: 9, strictness: .looserWhenLarger, "pixels of the smallest flaw"),
      Parameter("sensitivity", .real(0.1...10), default: 1, "more finds more: the scores' factor"),
      Parameter("margin", .whole(0...50), default: 2, "pixels around a flaw that its box takes in"),
    ],
    make: { try ComparePattern($0) })

  let reference: ReferencePicture
  let isDark: Bool
  let threshold: Int?
  let search: Int
  let leastArea: Int
  let margin: Int
  let sensitivity: Double

  init(_ settings: ToolSettings) throws {
    reference = try ReferencePicture(settings)
    isDark = settings.values.text("pattern") == "dark"
    threshold = settings.values.has("threshold") ? settings.values.whole("threshold") : nil
    search = settings.values.whole("search") / 4 * 4
    leastArea = settings.values.whole("min-area")
    margin = settings.values.whole("margin")
    sensitivity = settings.values.real("sensitivity")
  }

  func worker(_ runner: OperatorRunner) throws -> any ToolWorker {
    ComparePatternWorker(self, runner)
  }
}

private final class ComparePatternWorker: ToolWorker {
  private let tool: ComparePattern
  private let runner: OperatorRunner
  private var reference: (name: String, bitmap: Bitmap)?
  private var wanted: (name: String, picture: Image<UInt8>)?
  private var scratch: Raster?
  private var failover: String?

  init(_ tool: ComparePattern, _ runner: OperatorRunner) {
    self.tool = tool
    self.runner = runner
  }

  func prepare(for part: PartContext) throws {
    wanted = try tool.reference.picture(of: part)
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    failover = nil
    if let wanted, reference?.name != wanted.name {
      reference = (wanted.name, try bitmap(wanted.picture.view))
    }
    guard let reference = reference?.bitmap, let view = ImageView<UInt8>(picture) else {
      throw ToolError("compare_pattern works on u8 pictures, not \(picture.format.rawValue)")
    }
    guard reference.width == view.width, reference.height == view.height else {
      throw ToolError(
        "the picture has \(view.width)x\(view.height) pixels, the reference "
          + "\(reference.width)x\(reference.height)")
    }
    let nets = try bitmap(view)
    let fit = PatternRegistration(range: tool.search, engine: PatternEngine(runner))
      .fit(reference, to: nets)
    let defects = PatternDefects(
      part: nets, reference: fit.reference, known: fit.known, leastArea: tool.leastArea,
      margin: tool.margin, sensitivity: tool.sensitivity
    ).find()
    return ToolResult(
      score: defects.map(\.score).max() ?? 0, defects: defects.filter { $0.score >= 1 },
      failover: failover)
  }

  /// The nets as bits.
  private func bitmap(_ view: ImageView<UInt8>) throws -> Bitmap {
    var level = UInt8(tool.threshold ?? 0)
    if tool.threshold == nil {
      let outcome = try runner.run(
        Otsu(maximum: 255, kind: .binary), on: OperatorInputs(view.raster), into: &scratch)
      failover = failover ?? outcome.failover
      level = UInt8(max(0, min(255, outcome.numbers[0])))
    }
    let bitmap = Bitmap(width: view.width, height: view.height, margin: Bitmap.wideMargin)
    bitmap.set(from: view, above: level, inverted: tool.isDark)
    return bitmap
  }
}
