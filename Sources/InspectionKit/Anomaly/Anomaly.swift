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
      finder: BlobFinder(BlobSearch(.threshold(0)), runner))
  }

  func learn(from good: [Image<UInt8>], bad: [Image<UInt8>]) throws -> Learned {
    guard good.count >= type.leastPictures else {
      throw ToolError(
        "\(good.count) good pictures are too few: this method needs \(type.leastPictures), better 30")
    }
    return try type.learned(from: good, bad: bad, overkill: overkill, sensitivity: sensitivity)
  }
}

extension AnomalyMethod {
  /// The method's model with its limit, and how it judges what it did not learn from.
  fileprivate static func learned(
    from good: [Image<UInt8>], bad: [Image<UInt8>], overkill: Double, sensitivity: Double
  ) throws -> Learned {
    // Every good picture is judged by what the others teach: in its own lesson it would look better
    // than a new one does.
    let folds = min(5, good.count)
    var held = [Double](repeating: 0, count: good.count)
    for fold in 0..<folds {
      let others = good.indices.filter { $0 % folds != fold }.map { good[$0] }
      let method = try Self(learning: others)
      for i in good.indices where i % folds == fold { held[i] = try method.score(of: good[i].view) }
    }
    let method = try Self(learning: good)
    let badScores = try bad.map { try method.score(of: $0.view) }
    let limit = ScoreLimit(good: held, bad: badScores, overkill: overkill)
    guard limit.value > 0, limit.value.isFinite else {
      throw ToolError("the good pictures show nothing that could be learned: are they all the same?")
    }
    var writer = ModelWriter()
    writer.float(Float(limit.value))
    method.write(to: &writer)
    let scale = sensitivity / Double(Float(limit.value))
    return Learned(
      bytes: writer.bytes, goodScores: held.map { $0 * scale },
      badScores: badScores.map { $0 * scale })
  }
}

/// The score from which on a part is rejected.
struct ScoreLimit {
  let value: Double

  /// Of good parts alone: what all but the share `overkill` of them stay below. With bad ones: in the
  /// gap between the two, where the fewest of either are on the wrong side.
  init(good: [Double], bad: [Double], overkill: Double) {
    let sorted = good.sorted()
    // Between the two neighbours, so that a single picture moves it less.
    let place = (1 - overkill) * Double(sorted.count - 1)
    let low = Int(place), share = place - Double(low)
    let quantile = sorted[low] + share * (sorted[min(low + 1, sorted.count - 1)] - sorted[low])
    guard !bad.isEmpty else {
      value = quantile
      return
    }
    let all = (good + bad).sorted()
    var best = (wrong: Double.infinity, value: quantile)
    for (a, b) in zip(all, all.dropFirst()) where a < b {
      let limit = (a + b) / 2
      let overkills = Double(good.count { $0 >= limit }) / Double(good.count)
      let escapes = Double(bad.count { $0 < limit }) / Double(bad.count)
      if overkills + escapes < best.wrong { best = (overkills + escapes, limit) }
    }
    value = best.value
  }
}

private final class AnomalyWorker: ToolWorker {
  private let method: any AnomalyMethod
  private let limit: Double
  private let leastArea: Int
  private let finder: BlobFinder
  private var last: (map: AnomalyMap, width: Int, height: Int)?

  init(method: any AnomalyMethod, limit: Double, leastArea: Int, finder: BlobFinder) {
    self.method = method
    self.limit = limit
    self.leastArea = leastArea
    self.finder = finder
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    guard let view = ImageView<UInt8>(picture) else {
      throw ToolError("anomaly works on u8 pictures, not \(picture.format.rawValue)")
    }
    let map = try method.map(of: view)
    last = (map, view.width, view.height)
    let score = Double(map.plane.topMean(share: type(of: method).topShare)) / limit
    return ToolResult(score: score, defects: score >= 1 ? try regions(map, in: view) : [])
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

extension AnomalyMap {
  /// The box in the picture that a box of the plane covers.
  fileprivate func pictureBox(_ box: PixelRect) -> PixelRect {
    guard let placement else {
      return PixelRect(
        x: box.x * reduction, y: box.y * reduction, width: box.width * reduction,
        height: box.height * reduction)
    }
    let corners = [(box.x, box.y), (box.maxX, box.y), (box.x, box.maxY), (box.maxX, box.maxY)].map {
      placement.toPicture(Float($0.0 * reduction), Float($0.1 * reduction))
    }
    let left = Int(corners.map(\.x).min()!), right = Int(corners.map(\.x).max()!.rounded(.up))
    let top = Int(corners.map(\.y).min()!), bottom = Int(corners.map(\.y).max()!.rounded(.up))
    return PixelRect(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The deviation of every pixel of the picture, 10000 at the limit; between places of the plane
  /// linearly.
  fileprivate func picture(width: Int, height: Int, limit: Float) -> Image<UInt16> {
    let scale = 10_000 / limit
    var image = Image<UInt16>(uninitializedWidth: width, height: height)
    image.withMutableView { out in
      for y in 0..<height {
        let row = out.row(y)
        for x in 0..<width {
          var place = (x: Float(x), y: Float(y))
          if let placement { place = placement.toCanvas(place.x, place.y) }
          let half = Float(reduction - 1) / 2
          let u = (place.x - half) / Float(reduction), v = (place.y - half) / Float(reduction)
          let value =
            placement != nil && !(0...Float(plane.width - 1) ~= u && 0...Float(plane.height - 1) ~= v)
            ? 0 : plane.interpolated(u, v)
          row[x] = UInt16(max(0, min(65_535, value * scale)))
        }
      }
    }
    return image
  }
}

extension FloatPlane {
  /// The value between four places; beyond the edges the outermost go on.
  func interpolated(_ u: Float, _ v: Float) -> Float {
    let x = min(max(u, 0), Float(width - 1)), y = min(max(v, 0), Float(height - 1))
    let left = min(Int(x), max(0, width - 2)), top = min(Int(y), max(0, height - 2))
    let right = min(left + 1, width - 1), bottom = min(top + 1, height - 1)
    let p = x - Float(left), q = y - Float(top)
    let upper = self[left, top] * (1 - p) + self[right, top] * p
    let lower = self[left, bottom] * (1 - p) + self[right, bottom] * p
    return upper * (1 - q) + lower * q
  }
}
