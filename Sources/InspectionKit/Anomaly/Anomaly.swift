import Configuration
import VisionCore
import VisionImage

/// Judges parts that have no reference picture by what it learned from good ones.
struct Anomaly: LearningTool {
  static let kind = ToolKind(
    name: "anomaly", summary: "what good parts never show, learned from pictures of them",
    parameters: [
      Parameter(
        "method", .choice(AnomalyMethods.all.map(\.name)),
        "what to look for, and how; see the guide"),
      Parameter(
        "overkill", .real(0...0.5), default: 0.05, strictness: .tighterWhenLarger,
        "share of good parts that may be rejected; training sets the limit by it"),
      Parameter("sensitivity", .real(0.1...10), default: 1, strictness: .tighterWhenLarger, "more finds more: the scores' factor"),
      Parameter("min-area", .whole(1...1_000_000), default: 20, strictness: .looserWhenLarger, "pixels of the smallest region told"),
    ],
    takesFixture: false,
    make: { settings in try Anomaly(settings) })

  let type: any AnomalyMethod.Type
  let overkill: Double
  let sensitivity: Double
  let leastArea: Int
  /// What was learned, and the score of the limit; nil before training.
  let learned: (method: any AnomalyMethod, limit: Double)?

  init(_ settings: ToolSettings) throws {
    guard let type = AnomalyMethods.find(settings.values.text("method")) else {
      throw ToolError("no such method")
    }
    self.type = type
    overkill = settings.values.real("overkill")
    sensitivity = settings.values.real("sensitivity")
    leastArea = settings.values.whole("min-area")
    learned = try settings.model.map { part in
      var reader = ModelReader(part.bytes)
      let limit = Double(try reader.float())
      let method = try type.init(&reader)
      guard limit > 0, limit.isFinite else { throw ModelError.damaged("its limit") }
      return (method, limit)
    }
  }

  var needsModel: Bool { learned == nil }

  func worker(_ runner: OperatorRunner) throws -> any ToolWorker {
    guard let learned else {
      throw ToolError("anomaly has not learned yet: run 'inspect train' and give its --model")
    }
    return AnomalyWorker(
      method: learned.method, limit: learned.limit / sensitivity, leastArea: leastArea,
      runner: runner)
  }

  func learn(from good: [TrainingPicture], bad: [TrainingPicture]) throws -> Learned {
    guard good.count >= type.leastPictures else {
      throw ToolError(
        "\(good.count) good pictures are too few: this method needs \(type.leastPictures), better 30")
    }
    return try type.learned(from: good, bad: bad, overkill: overkill, sensitivity: sensitivity)
  }
}

private final class AnomalyWorker: ToolWorker {
  private let method: any AnomalyMethod
  private let limit: Double
  private let leastArea: Int
  private let engine: PlaneEngine
  private let finder: BlobFinder
  private let failover: String?
  private var last: (map: AnomalyMap, width: Int, height: Int)?

  init(method: any AnomalyMethod, limit: Double, leastArea: Int, runner: OperatorRunner) {
    self.method = method
    self.limit = limit
    self.leastArea = leastArea
    engine = PlaneEngine(runner)
    finder = BlobFinder(BlobSearch(.threshold(0)), runner)
    failover = runner.choice == .auto ? runner.nativeFault : nil
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    guard let view = ImageView<UInt8>(picture) else {
      throw ToolError("anomaly works on u8 pictures, not \(picture.format.rawValue)")
    }
    let map = try method.map(of: view, engine)
    last = (map, view.width, view.height)
    let score = Double(map.plane.topMean(share: type(of: method).topShare)) / limit
    return ToolResult(
      score: score, defects: score >= 1 ? try regions(map, in: view) : [], failover: failover)
  }

  /// The places that are over the limit, as boxes in the picture.
  private func regions(_ map: AnomalyMap, in picture: ImageView<UInt8>) throws -> [Defect] {
    let plane = map.plane, limit = Float(limit)
    let mask = Image<UInt8>(width: plane.width, height: plane.height) {
      plane[$0, $1] >= limit ? 255 : 0
    }
    let defects = try finder.find(in: mask.raster.view).regions.map { region in
      var worst: Float = 0
      for run in region.runs {
        for x in run.start..<run.end { worst = max(worst, plane[x, run.y]) }
      }
      return Defect(
        box: map.pictureBox(region.box).intersection(picture.bounds),
        area: region.area * map.reduction * map.reduction, score: Double(worst / limit),
        kind: "anomaly")
    }
    // A part that is rejected has at least one place to look at.
    let large = defects.filter { $0.area >= leastArea }
    return large.isEmpty ? Array(defects.sorted { $0.score > $1.score }.prefix(1)) : large
  }

  func map() -> Image<UInt16>? {
    guard let last else { return nil }
    return last.map.picture(width: last.width, height: last.height, limit: Float(limit))
  }
}
