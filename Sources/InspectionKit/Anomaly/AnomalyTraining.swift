import VisionCore
import VisionImage

extension AnomalyMethod {
  /// The method's model with its limit, and how it judges what it did not learn from.
  static func learned(
    from good: [TrainingPicture], bad: [TrainingPicture], overkill: Double, sensitivity: Double
  ) throws -> Learned {
    // Any instruction set gives the same bits.
    let engine = PlaneEngine(Machine())
    for picture in good + bad {
      do throws(ToolError) {
        try check(picture.image.view, engine)
      } catch {
        throw ToolError("\(picture.name): \(error.description)")
      }
    }
    // Every good part is judged by what the others teach: in its own lesson it would look better than
    // a new one does.
    let lessons = min(5, good.count)
    let lesson = SamePart.folds(lessons, partNumbers(of: good.map(\.image), engine))
    var held = [Double](repeating: 0, count: good.count)
    var variation: MapMean?
    for absent in 0..<lessons where lesson.contains(absent) {
      let others = good.indices.filter { lesson[$0] != absent }.map { good[$0].image }
      let method = try Self(learning: others, engine)
      for i in good.indices where lesson[i] == absent {
        let map = try method.map(of: good[i].image.view, engine)
        held[i] = Double(map.plane.topMean(share: topShare))
        if variation == nil { variation = MapMean(like: map) }
        variation?.add(map)
      }
    }
    try requireAlike(good, held)
    let method = try Self(learning: good.map(\.image), engine)
    let badScores = try bad.map { try method.score(of: $0.image.view, engine) }
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
      badScores: badScores.map { $0 * scale },
      pictures: variation.map { [("variation", $0.picture(limit: Float(1 / scale)))] } ?? [])
  }

  /// Refuses good pictures of which one is nothing like the others.
  private static func requireAlike(_ good: [TrainingPicture], _ held: [Double]) throws(ToolError) {
    let sorted = held.sorted()
    let median = sorted[sorted.count / 2], upper = sorted[sorted.count * 3 / 4]
    // Good scores trail off to about four times this; what is far beyond is another thing.
    let most = max(median + 15 * (upper - median), 3 * median)
    guard let worst = held.indices.max(by: { held[$0] < held[$1] }), held[worst] > most,
      median > 0
    else { return }
    func text(_ score: Double) -> String { "\((score / median * 10).rounded() / 10)" }
    throw ToolError(
      "\(good[worst].name) is not like the other good pictures: held back it deviates "
        + "\(text(held[worst])) times as much as most, where three quarters stay below "
        + "\(text(upper)); take it out if it is not good, or give more pictures of its kind")
  }
}

/// The mean of maps, drawn to the size of the first.
private struct MapMean {
  private var sum: FloatPlane
  private var count: Float = 0
  private let reduction: Int

  init(like map: AnomalyMap) {
    sum = FloatPlane(width: map.plane.width, height: map.plane.height)
    reduction = map.reduction
  }

  mutating func add(_ map: AnomalyMap) {
    count += 1
    let plane = map.plane
    let (across, down) = (
      Float(plane.width) / Float(sum.width), Float(plane.height) / Float(sum.height)
    )
    for y in 0..<sum.height {
      for x in 0..<sum.width {
        sum[x, y] += max(
          0, plane.interpolated((Float(x) + 0.5) * across - 0.5, (Float(y) + 0.5) * down - 0.5))
      }
    }
  }

  /// White where good parts reach the limit on average.
  func picture(limit: Float) -> Image<UInt8> {
    let scale = 255 / (limit * count)
    let whole = sum.enlarged(
      by: reduction, width: sum.width * reduction, height: sum.height * reduction)
    return Image(width: whole.width, height: whole.height) {
      UInt8(max(0, min(255, whole[$0, $1] * scale)))
    }
  }
}
