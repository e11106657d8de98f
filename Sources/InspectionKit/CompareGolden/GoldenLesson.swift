import VisionCore
import VisionImage

/// Why one of the pictures cannot be learned from.
struct PictureRefusal: Error {
  /// Its place among the pictures, the good ones first.
  let index: Int
  let why: String
}

/// Makes a model of what good parts look like from pictures of them.
struct GoldenLesson {
  let tool: CompareGolden
  let good: [Image<UInt8>]

  /// Fewer say too little about what varies.
  private static let leastPictures = 5
  /// A good part differs from the others in a smaller share of its pixels than this.
  private static let strangeShare = 0.05
  /// Parts that vary in a larger share of their pixels have nothing in common.
  private static let mostVague = 0.25
  /// Side of the blocks that the most usual picture is chosen by.
  private static let thumbnail = 8

  func learned(bad: [Image<UInt8>]) throws -> Learned {
    guard good.count >= Self.leastPictures else {
      throw ToolError(
        "\(good.count) good pictures are too few: \(Self.leastPictures) are needed, better 20")
    }
    try requireOneSize(good + bad)
    let aligned = try aligned()
    try requireLikeness(aligned)
    let held = try heldBackScores(aligned)
    var model = GoldenModel(aligned)
    var badScores = try scores(of: bad, with: model)
    var factor = 1.0
    // Bad parts move the limit into the middle between the two.
    if let worst = held.max(), let least = badScores.min(), worst > 0.05, least > worst {
      model.scale = Float((worst * least).squareRoot())
      factor = 1 / Double(model.scale)
      badScores = try scores(of: bad, with: model)
    }
    return Learned(
      bytes: model.bytes, goodScores: held.map { $0 * factor }, badScores: badScores,
      pictures: [("middle", model.middle), ("variation", model.deviation)])
  }

  private func requireOneSize(_ pictures: [Image<UInt8>]) throws {
    for (i, picture) in pictures.enumerated()
    where picture.width != good[0].width || picture.height != good[0].height {
      throw PictureRefusal(
        index: i,
        why: "it has \(picture.width)x\(picture.height) pixels, the first one "
          + "\(good[0].width)x\(good[0].height). Take them with one camera and one region")
    }
  }

  /// All pictures as they would be had the part lain in one place, under one light.
  private func aligned() throws -> [Image<UInt8>] {
    // First over the most usual of them, then over what they have in common.
    let first = try GoldenPart(picture: good[mostUsual], tool: tool)
    let middle = GoldenModel(try good.map { try first.aligned($0) }).middle
    let second = try GoldenPart(picture: middle, isSmooth: true, tool: tool)
    return try good.map { try second.aligned($0) }
  }

  /// The picture that differs the least from all others, seen in coarse blocks.
  private var mostUsual: Int {
    let side = Self.thumbnail
    let small = good.map { picture -> [Int] in
      picture.view.withRows { rows in
        stride(from: 0, to: picture.height, by: side).flatMap { y -> [Int] in
          stride(from: 0, to: picture.width, by: side).map { x -> Int in
            var sum = 0
            for v in y..<min(y + side, picture.height) {
              for u in x..<min(x + side, picture.width) { sum += Int(rows[v][u]) }
            }
            return sum
          }
        }
      }
    }
    let differences = small.map { a in
      small.reduce(0) { sum, b in sum + zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } }
    }
    return differences.indices.min { differences[$0] < differences[$1] } ?? 0
  }

  /// Refuses pictures that show something else, or that could not be brought over the others.
  private func requireLikeness(_ aligned: [Image<UInt8>]) throws {
    let model = GoldenModel(aligned)
    guard vagueShare(of: model) <= Self.mostVague else {
      throw ToolError(
        "the good pictures differ among themselves over more than "
          + "\(Int(Self.mostVague * 100)) % of their pixels. Bring the parts to one place (a match "
          + "tool before, a larger search), set warp where they are bent, or train one model a kind")
    }
    let common = try GoldenPart(
      picture: model.middle, isSmooth: true,
      limits: model.limits(tolerance: tool.tolerance, variation: tool.variation), tool: tool)
    let shares = try aligned.map { try common.strangeShare(of: $0) }
    let worst = shares.indices.max { shares[$0] < shares[$1] } ?? 0
    guard shares[worst] > Self.strangeShare else { return }
    let several = shares.count { $0 > Self.strangeShare }
    throw PictureRefusal(
      index: worst,
      why: "it differs from the other good ones over \(Int((shares[worst] * 100).rounded())) % of its "
        + "pixels" + (several > 1 ? ", and \(several - 1) more do" : "")
        + ". Take it out if it is no good part; where it lies elsewhere, raise search or put a match "
        + "tool before")
  }

  /// The share of pixels whose standard deviation alone is more than a good part may differ.
  private func vagueShare(of model: GoldenModel) -> Double {
    let limit = min(254, tool.tolerance * GoldenModel.deviationUnit)
    let vague = model.deviation.view.withRows { rows in
      (0..<model.deviation.height).reduce(0) { sum, y in
        sum + (0..<model.deviation.width).count { Int(rows[y][$0]) > limit }
      }
    }
    return Double(vague) / Double(model.deviation.width * model.deviation.height)
  }

  /// Every good picture judged by what the others teach.
  private func heldBackScores(_ aligned: [Image<UInt8>]) throws -> [Double] {
    let folds = min(5, good.count)
    var held = [Double](repeating: 0, count: good.count)
    for fold in 0..<folds {
      let model = GoldenModel(good.indices.filter { $0 % folds != fold }.map { aligned[$0] })
      let mine = good.indices.filter { $0 % folds == fold }
      for (i, score) in zip(mine, try scores(of: mine.map { good[$0] }, with: model)) {
        held[i] = score
      }
    }
    return held
  }

  private func scores(of pictures: [Image<UInt8>], with model: GoldenModel) throws -> [Double] {
    let worker = try tool.taught(model).worker(OperatorRunner(.native))
    return try pictures.map {
      try worker.inspect($0.view.raster, of: PartContext(image: "", region: nil)).score
    }
  }
}
