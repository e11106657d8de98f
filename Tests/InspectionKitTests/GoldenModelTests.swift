import Testing
import VisionCore
import VisionImage

@testable import InspectionKit

/// Labels on a printed ground: what every good one shows, and what varies from one to the next.
@Suite struct GoldenModelTests {
  struct Part {
    var seed = 1
    var shift = (x: 0.0, y: 0.0)
    var light = 1.0
    /// Grey values that the light grows by from left to right.
    var slope = 0.0
    /// Pixels that the part is bent by.
    var bend = 0.0
    /// How much brighter the field is; nil: as the seed says.
    var field: Double?
    /// A dark spot of 6 x 6 pixels.
    var spot: (x: Int, y: Int)?

    /// Stripes and a disc on grey; a field whose brightness is another on each.
    func picture(width: Int = 160, height: Int = 128) -> Image<UInt8> {
      var noise = AnomalyTests.Noise(state: UInt64(seed))
      _ = noise.next()
      let field = field ?? Double(noise.next() % 80)
      return Image(width: width, height: height) { x, y in
        let u = Double(x) - shift.x + bend * Self.wave(Double(y) / 100)
        let v = Double(y) - shift.y
        var level = 90.0
        // Edges two pixels wide, so that fractions of a pixel are seen.
        func edge(_ distance: Double) -> Double { max(0, min(1, distance / 2 + 0.5)) }
        for i in 0..<4 {
          let from = 20 + 30 * Double(i)
          level += 80 * edge(min(u - from, from + 10 - u)) * edge(min(v - 16, 70 - v))
        }
        level += 70 * edge(14 - ((u - 40) * (u - 40) + (v - 100) * (v - 100)).squareRoot())
        level += field * edge(min(min(u - 90, 140 - u), min(v - 84, 116 - v)))
        if let spot, x - spot.x >= 0, x - spot.x < 6, y - spot.y >= 0, y - spot.y < 6 { level -= 55 }
        let grown = level * light + slope * Double(x) / Double(width)
        return UInt8(max(0, min(255, grown + Double(noise.next() % 5) - 2)))
      }
    }

    /// A curve between -1 and 1 that needs no library: a parabola on each side.
    private static func wave(_ t: Double) -> Double {
      let phase = t - (t / 2).rounded(.down) * 2
      return phase < 1 ? 4 * phase * (1 - phase) : -4 * (phase - 1) * (2 - phase)
    }
  }

  static let recipe = """
    { version: 1, name: "t", tools: [{ tool: "compare_golden", name: "g", tolerance: 20MORE }] }
    """

  static func good(_ count: Int) -> [Image<UInt8>] {
    (1...count).map { i in
      Part(
        seed: i, shift: (Double(i % 5) * 0.7 - 1.4, Double(i % 3) * 0.9 - 0.9),
        light: 0.9 + 0.02 * Double(i % 10)
      ).picture()
    }
  }

  static func inspector(_ more: String = "", model: LearnedModel? = nil) throws -> Inspector {
    try Inspector(
      try Recipe(text: recipe.replacing("MORE", with: more), path: "r.json5"), model: model)
  }

  static func learned(
    _ more: String = "", from good: [Image<UInt8>], bad: [Image<UInt8>] = []
  ) throws -> (worker: InspectionWorker, learned: Learned) {
    let inspector = try inspector(more)
    let tool = try #require(inspector.tools[0] as? any LearningTool)
    func named(_ images: [Image<UInt8>]) -> [TrainingPicture] {
      images.enumerated().map { TrainingPicture(name: "\($0.offset).png", image: $0.element) }
    }
    let learned = try tool.learn(from: named(good), bad: named(bad))
    let model = LearnedModel(
      recipe: "t", recipeHash: inspector.recipeHash, sources: [],
      parts: [.init(tool: "g", bytes: learned.bytes)])
    let read = try LearnedModel(model.bytes)
    return (try Self.inspector(more, model: read).worker(), learned)
  }

  private func record(_ worker: InspectionWorker, _ part: Part) -> InspectionRecord {
    worker.inspect(part.picture().raster.view, image: "p", time: "")
  }

  // MARK: Pixels

  @Test(arguments: [
    ([10, 10, 10, 10], 10, 0.0), ([8, 10, 12], 10, 1.633), ([5, 5, 5, 5, 5, 5, 5, 5, 5, 250], 5, 0),
    ([0, 255], 255, 180.3),
  ] as [([UInt8], UInt8, Double)])
  func aPixelsMiddleAndItsVariation(values: [UInt8], middle: UInt8, deviation: Double) {
    var column = PixelColumn()
    for _ in 0..<2 {
      // The second time it must have been emptied.
      for value in values { column.add(value) }
      let seen = column.take()
      #expect(seen.middle == middle && abs(seen.deviation - deviation) < 0.1, "\(seen)")
    }
  }

  @Test func aNormalDistributionKeepsItsDeviation() {
    var noise = AnomalyTests.Noise(state: 5)
    var column = PixelColumn()
    for _ in 0..<400 {
      // The sum of twelve even ones: a deviation of 10.
      let sum = (0..<12).reduce(0) { sum, _ in sum + noise.next() % 1000 }
      column.add(UInt8(max(0, min(255, 100 + (sum - 6000) / 100))))
    }
    #expect(abs(column.take().deviation - 10) < 1)
  }

  // MARK: Learning

  @Test func whatVariesPassesAndWhatDoesNotIsFound() throws {
    let (worker, learned) = try Self.learned(from: Self.good(12))
    #expect(learned.goodScores.allSatisfy { $0 < 1 }, "\(learned.goodScores)")
    for seed in 50..<56 {
      let good = record(worker, Part(seed: seed, shift: (1.3, -0.6), light: 1.05))
      #expect(good.verdict == .ok, "seed \(seed): \(good.score) \(good.defects)")
      let bad = record(worker, Part(seed: seed, shift: (-0.8, 0.4), spot: (62, 90)))
      #expect(bad.verdict == .ng && bad.defects.count == 1, "seed \(seed): \(bad.defects)")
      #expect(bad.defects.allSatisfy { $0.kind == "dark" && abs($0.box.x - 62) < 4 })
    }
    // One picture alone says nothing about the field.
    let one = try GoldenPart(picture: Part(field: 0).picture(), tool: try tool())
    #expect(try one.strangeShare(of: one.aligned(Part(field: 79).picture())) > 0.05)
  }

  private func tool() throws -> CompareGolden {
    try #require(Self.inspector().tools[0] as? CompareGolden)
  }

  @Test func aFlawInOneOfTheGoodPicturesDoesNotWidenTheLimits() throws {
    var pictures = Self.good(12)
    pictures[4] = Part(seed: 5, spot: (62, 90)).picture()
    let (worker, _) = try Self.learned(from: pictures)
    #expect(record(worker, Part(seed: 60, spot: (62, 90))).verdict == .ng)
  }

  @Test func theSamePicturesGiveTheSameBytesOnEveryThread() async throws {
    let wanted = try Self.learned(from: Self.good(8)).learned.bytes
    let all = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<4 { group.addTask { try Self.learned(from: Self.good(8)).learned.bytes } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(all.allSatisfy { $0 == wanted })
  }

  @Test func whatWasLearnedCanBeSeen() throws {
    let (_, learned) = try Self.learned(from: Self.good(8))
    #expect(learned.pictures.map(\.name) == ["middle", "variation"])
    let variation = try #require(learned.pictures.last?.picture)
    // Within the field, and on the even ground beside the disc.
    #expect(variation[115, 100] > 60 && variation[65, 100] < 30)
  }

  @Test func badPartsMoveTheLimit() throws {
    // A faint spot, below the tolerance of one who has not seen it.
    let faint = (1...3).map { Part(seed: 90 + $0, spot: (62, 90)).picture() }
    let plain = try Self.learned(", variation: 40", from: Self.good(8))
    let taught = try Self.learned(", variation: 40", from: Self.good(8), bad: faint)
    #expect(taught.learned.badScores.allSatisfy { $0 >= 1 })
    #expect(taught.learned.goodScores.allSatisfy { $0 < 1 })
    #expect(plain.learned.bytes != taught.learned.bytes)
  }

  // MARK: Refusals

  @Test func tooFewAreRefused() {
    #expect(throws: ToolError.self) { try Self.learned(from: Self.good(4)) }
  }

  @Test func aStrangePictureIsNamed() throws {
    var pictures = Self.good(9)
    pictures[6] = Image(width: 160, height: 128) { x, y in UInt8((x * 7 + y * 13) % 256) }
    let refusal = #expect(throws: ToolError.self) { try Self.learned(from: pictures) }
    #expect(refusal?.description.hasPrefix("6.png: ") == true)
    pictures[6] = Part(seed: 7).picture(width: 150)
    let size = #expect(throws: ToolError.self) { try Self.learned(from: pictures) }
    #expect(size?.description.hasPrefix("6.png: ") == true)
    #expect(size?.description.contains("150x128") == true)
  }

  @Test func partsThatHaveNothingInCommonAreRefused() {
    let pictures = (0..<8).map { i in
      Image<UInt8>(width: 160, height: 128) { x, y in UInt8((x * (3 + i) + y * (11 - i)) % 256) }
    }
    #expect(throws: (any Error).self) { try Self.learned(from: pictures) }
  }

  @Test func aDamagedModelIsRefused() throws {
    let bytes = try Self.learned(from: Self.good(5)).learned.bytes
    #expect(throws: ModelError.self) { try GoldenModel(Array(bytes.dropLast())) }
    #expect(throws: ModelError.self) { try GoldenModel([UInt8]()) }
    #expect(try GoldenModel(bytes).bytes == bytes)
  }

  @Test func withoutAModelNothingIsJudged() throws {
    #expect(try Self.inspector().needsModel)
    #expect(throws: ToolError.self) { try Self.inspector().worker() }
  }

  // MARK: Warp, light, masks

  /// A part's record by a recipe with a picture as its reference.
  private func record(_ more: String, _ part: Part, mask: Image<UInt8>? = nil) throws -> ToolResult {
    var tool = try #require(try Self.inspector(more).tools[0] as? CompareGolden)
    let perfect = Part(seed: 3).picture()
    tool = tool.taught(GoldenModel([try GoldenPart(picture: perfect, tool: tool).aligned(perfect)]))
    if let mask { tool = tool.masked(mask) }
    return try tool.worker(OperatorRunner(.native)).inspect(
      part.picture().view.raster, of: PartContext(image: "p", region: nil))
  }

  @Test func whatIsBentIsFollowedWhereAsked() throws {
    let bent = Part(seed: 3, bend: 3)
    #expect(try record("", bent).score >= 1)
    #expect(try record(", warp: 4", bent).score < 1)
    let flawed = try record(", warp: 4", Part(seed: 3, bend: 3, spot: (62, 90)))
    #expect(flawed.score >= 1 && flawed.defects.count == 1, "\(flawed.defects)")
  }

  @Test func lightFromOneSideIsEvenedWhereAsked() throws {
    let uneven = Part(seed: 3, slope: 45)
    #expect(try record("", uneven).score >= 1)
    #expect(try record(", shading: 41", uneven).score < 1)
    let flawed = try record(", shading: 41", Part(seed: 3, slope: 45, spot: (62, 90)))
    #expect(flawed.score >= 1 && flawed.defects.count == 1, "\(flawed.defects)")
  }

  @Test func whatTheMaskHidesIsNotLookedAt() throws {
    let part = Part(seed: 3, spot: (62, 90))
    let mask = Image<UInt8>(width: 160, height: 128) { x, y in
      (55..<75).contains(x) && (85..<100).contains(y) ? 0 : 255
    }
    #expect(try record("", part).score >= 1)
    #expect(try record("", part, mask: mask).score < 1)
    #expect(try record("", Part(seed: 3, spot: (10, 100)), mask: mask).score >= 1)
    let small = Image<UInt8>(width: 16, height: 12, repeating: 255)
    #expect(throws: ToolError.self) { try record("", part, mask: small) }
  }
}
