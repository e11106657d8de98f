import Configuration
import VisionCore
import VisionImage

/// Compares a part with a reference picture, or with what it learned from many good parts: what
/// differs by more than it may is a defect.
///
/// The picture is brought over the reference first (shift, gain, offset; where asked place by place).
/// At edges of the pattern the tolerance is wider: a pixel must lie outside everything that the
/// reference shows within `edge_band` pixels, so that half a pixel of shift or blur never alarms.
struct CompareGolden: LearningTool {
  static let kind = ToolKind(
    name: "compare_golden",
    summary: "difference to a reference picture, or to what good parts show, beyond a tolerance",
    parameters: [
      Parameter(
        "reference", .picture, optional: true,
        "the picture of a perfect part; scene:NAME for a rendered one; { replace: [A, B] } in the part's path; left out: learned"),
      Parameter("tolerance", .whole(1...255), default: 30, strictness: .looserWhenLarger, "grey values that a good part may differ"),
      Parameter(
        "variation", .real(0...50), default: 5, strictness: .looserWhenLarger,
        "deviations that a good part may differ where good parts vary; for what is learned"),
      Parameter("min-area", .whole(1...1_000_000), default: 9, strictness: .looserWhenLarger, "pixels of the smallest defect"),
      Parameter("edge-band", .odd(1...31), default: 3, strictness: .looserWhenLarger, "window at edges within which all levels pass"),
      Parameter("search", .whole(0...64), default: 8, strictness: .looserWhenLarger, "largest shift of the part in pixels"),
      Parameter("warp", .whole(0...8), default: 0, strictness: .looserWhenLarger, "pixels that every place may lie elsewhere by itself"),
      Parameter("shading", .whole(0...255), default: 0, strictness: .looserWhenLarger, "window in pixels within which the light is evened; 0: over the whole only"),
      Parameter("mask", .picture, optional: true, "a picture of the reference's size; what is black in it is not looked at"),
      Parameter("link", .whole(0...20), default: 2, "gap in pixels that still belongs to one defect"),
    ],
    make: { try CompareGolden($0) })

  /// Nil where it is learned.
  let reference: ReferencePicture?
  let tolerance: Int
  let variation: Double
  let leastArea: Int
  let edgeBand: Int
  let search: Int
  let warp: Int
  let shading: Int
  /// 255 where the part is looked at, 0 where not; nil: everywhere.
  private(set) var mask: Image<UInt8>?
  let link: Int
  private(set) var learned: GoldenModel?
  /// Of larger pictures is not kept what can be computed again, in bands of so many pixels.
  var keptPixels = 16 << 20
  var bandPixels = 2 << 20

  init(_ settings: ToolSettings) throws {
    let values = settings.values
    reference = try values.has("reference") ? ReferencePicture(settings) : nil
    tolerance = values.whole("tolerance")
    variation = values.real("variation")
    leastArea = values.whole("min-area")
    edgeBand = values.whole("edge-band")
    search = values.whole("search")
    warp = values.whole("warp")
    shading = values.whole("shading")
    link = values.whole("link")
    mask = try Self.mask(settings)
    learned = try reference == nil ? settings.model.map { try GoldenModel($0.bytes) } : nil
  }

  private static func mask(_ settings: ToolSettings) throws -> Image<UInt8>? {
    switch settings.values["mask"] {
    case nil: return nil
    case .text(let name)?:
      let picture = try settings.regional(settings.picture(name), name)
      guard let view = picture.view.eightBit().flatMap({ ImageView<UInt8>($0) })
      else { throw ToolError("the mask \(name) is not a grey picture") }
      return view.withRows { rows in
        Image(width: view.width, height: view.height) { x, y in rows[y][x] == 0 ? 0 : 255 }
      }
    default: throw ToolError("the mask is one picture for all parts")
    }
  }

  /// The same tool with what it learned.
  func taught(_ model: GoldenModel) -> CompareGolden {
    var tool = self
    tool.learned = model
    return tool
  }

  /// The same tool that looks only where the picture is not black.
  func masked(_ mask: Image<UInt8>) -> CompareGolden {
    var tool = self
    tool.mask = mask
    return tool
  }

  var needsModel: Bool { reference == nil && learned == nil }

  func learn(from good: [TrainingPicture], bad: [TrainingPicture]) throws -> Learned {
    do {
      return try GoldenLesson(tool: self, good: good.map(\.image)).learned(bad: bad.map(\.image))
    } catch let refusal as PictureRefusal {
      throw ToolError("\((good + bad)[refusal.index].name): \(refusal.why)")
    }
  }

  func worker(_ runner: OperatorRunner) throws -> any ToolWorker {
    guard !needsModel else {
      throw ToolError(
        "compare_golden has no reference and has not learned yet: run 'inspect train' and give its "
          + "--model")
    }
    return try CompareGoldenWorker(self, runner)
  }
}
