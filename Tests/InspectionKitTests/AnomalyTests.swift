import CaptureKit
import Testing
import Threading
import VisionCore
import VisionImage

@testable import InspectionKit

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct AnomalyTests {
  static let recipe = """
    { version: 1, name: "t", tools: [{ tool: "anomaly", name: "a", method: "METHOD" }] }
    """

  static func inspector(_ method: String, model: LearnedModel? = nil) throws -> Inspector {
    let text = recipe.replacing("METHOD", with: method)
    return try Inspector(try Recipe(text: text, path: "r.json5"), model: model)
  }

  /// Numbers that look random and are the same every time.
  struct Noise {
    var state: UInt64
    mutating func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
  }

  /// Ground metal: stripes and grain; with a thin dark crack where wanted.
  static func surface(_ seed: Int, cracked: Bool = false) -> Image<UInt8> {
    var noise = Noise(state: UInt64(seed))
    let columns = (0..<160).map { _ in noise.next() % 16 }
    var image = Image<UInt8>(width: 160, height: 200) { x, _ in UInt8(110 + columns[x]) }
    image.withMutableView { out in
      for y in 0..<200 { for x in 0..<160 { out.row(y)[x] += UInt8(noise.next() % 16) } }
      guard cracked else { return }
      for x in 20..<140 {
        let y = 90 + (x - 20) / 5
        for v in y..<y + 3 { out.row(v)[x] -= 35 }
      }
    }
    return image
  }

  /// A nail on a bright ground: head, shaft, at an angle; with a bite where wanted.
  static func nail(_ seed: Int, degrees: Double, bitten: Bool = false) -> Image<UInt8> {
    var noise = Noise(state: UInt64(seed))
    let c = cos(degrees * .pi / 180), s = sin(degrees * .pi / 180)
    return Image<UInt8>(width: 256, height: 256) { x, y in
      let dx = Double(x) - 128, dy = Double(y) - 128
      let t = dx * c + dy * s, u = -dx * s + dy * c
      var isNail = (-90 ... -78 ~= t && abs(u) < 26) || (-78...90 ~= t && abs(u) < 10)
      if bitten && 5...25 ~= t && u > 2 { isNail = false }
      return UInt8((isNail ? 70 : 190) + noise.next() % 6)
    }
  }

  static func learned(
    _ method: String, _ pictures: [Image<UInt8>]
  ) throws -> (model: LearnedModel, learned: Learned) {
    let inspector = try inspector(method)
    let tool = try #require(inspector.tools[0] as? any LearningTool)
    let learned = try tool.learn(
      from: pictures.enumerated().map { TrainingPicture(name: "\($0.offset).png", image: $0.element) },
      bad: [])
    let model = LearnedModel(
      recipe: "t", recipeHash: inspector.recipeHash,
      sources: [.init(name: "a.png", hash: "00", isGood: true)],
      parts: [.init(tool: "a", bytes: learned.bytes)])
    return (model, learned)
  }

  @Test(arguments: ["lines", "surface"]) func cracksAreFound(method: String) throws {
    let good = (1...20).map { Self.surface($0) }
    let (model, learned) = try Self.learned(method, good)
    #expect(learned.goodScores.count == 20)
    let worker = try Self.inspector(method, model: LearnedModel(model.bytes)).worker()
    for seed in 101...104 {
      let bad = worker.inspect(
        Self.surface(seed, cracked: true).raster.view, image: "", time: "", wantsMap: true)
      let fine = worker.inspect(Self.surface(seed).raster.view, image: "", time: "")
      #expect(
        bad.verdict == .ng && bad.score > 1.4 * fine.score,
        "\(method) seed \(seed): \(bad.score), \(fine.score)")
      // One in twenty good ones may pass the limit, by a little.
      #expect(fine.score < 1.25, "\(method) seed \(seed): \(fine.score)")
      let crack = PixelRect(x: 20, y: 90, width: 120, height: 27)
      #expect(bad.defects.contains { !$0.box.intersection(crack).isEmpty })
      let map = try #require(bad.map)
      #expect(map.width == 160 && map.height == 200 && map[80, 103] > map[80, 20])
    }
  }

  @Test(arguments: [0.0, 33, 90, 145, 200, 287]) func poseIsFound(degrees: Double) throws {
    let part = try PartSegment(Self.nail(3, degrees: degrees).view, PlaneEngine(Machine()))
    let radians = degrees * .pi / 180
    #expect(abs(Double(part.cosine) - cos(radians)) < 0.03)
    #expect(abs(Double(part.sine) - sin(radians)) < 0.03)
    #expect(abs(part.x - 128) < 2.5 && abs(part.y - 128) < 2.5)
  }

  @Test func bitesAreFoundAtAnyAngle() throws {
    let good = (1...14).map { Self.nail($0, degrees: Double($0) * 77) }
    let (model, _) = try Self.learned("part", good)
    let worker = try Self.inspector("part", model: model).worker()
    for angle in [10.0, 100, 250] {
      let bad = worker.inspect(
        Self.nail(50, degrees: angle, bitten: true).raster.view, image: "", time: "")
      let fine = worker.inspect(Self.nail(51, degrees: angle).raster.view, image: "", time: "")
      #expect(
        bad.verdict == .ng && bad.score > 1.5 * fine.score,
        "\(angle): \(bad.score), \(fine.score)")
    }
  }

  @Test func theSamePicturesGiveTheSameModel() throws {
    let good = (1...10).map { Self.surface($0) }
    #expect(try Self.learned("lines", good).model.bytes == Self.learned("lines", good).model.bytes)
  }

  @Test func everyEngineLearnsTheSameModel() throws {
    let surfaces = (1...10).map { Self.surface($0) }
    let nails = (1...12).map { Self.nail($0, degrees: Double($0) * 77) }
    func bytes(_ type: any AnomalyMethod.Type, _ pictures: [Image<UInt8>], _ engine: PlaneEngine)
      throws -> [UInt8]
    {
      var writer = ModelWriter()
      let method = try type.init(learning: pictures, engine)
      method.write(to: &writer)
      // What is learned, and what is said.
      writer.floats(try method.map(of: pictures[0].view, engine).plane.values)
      return writer.bytes
    }
    for (type, pictures) in [
      (DarkPaths.self as any AnomalyMethod.Type, surfaces), (SurfaceStatistics.self, surfaces),
      (PartComparison.self, nails),
    ] {
      let definition = try bytes(type, pictures, .reference)
      for set in InstructionSet.available {
        let kernels = PlaneEngine(Machine(set))
        #expect(try bytes(type, pictures, kernels) == definition, "\(type), \(set)")
      }
    }
  }

  /// Three parts, each at three exposures, in turns.
  @Test func exposuresOfAPartAreHeldBackTogether() throws {
    let pictures = (0..<9).map { i in
      let part = Self.surface(1 + i % 3)
      return Image<UInt8>(width: 160, height: 200) { x, y in
        UInt8(Int(part[x, y]) * [10, 7, 14][i / 3] / 10)
      }
    }
    let numbers = SamePart.numbers(of: pictures, PlaneEngine(Machine()))
    #expect(numbers == [0, 1, 2, 0, 1, 2, 0, 1, 2])
    let folds = SamePart.folds(2, numbers)
    #expect(folds == [0, 1, 0, 0, 1, 0, 0, 1, 0])
    // One part alone cannot be held back from itself.
    #expect(SamePart.folds(2, [0, 0, 0]) == [0, 1, 0])
  }

  /// A cell that is mostly glare silences two cells around it; a bright grain does not.
  @Test func glareAndItsRimAreNoLines() {
    var weights = FloatPlane(width: 12, height: 9, repeating: 16)
    weights[6, 3] = 7
    weights[1, 7] = 9
    var plane = FloatPlane(width: 48, height: 36, repeating: 1)
    Glare(weights: weights, cell: 4, width: 48, height: 36).overwrite(&plane, with: -1)
    for y in 0..<36 {
      for x in 0..<48 {
        let isNear = (16..<36).contains(x) && (4..<24).contains(y)
        #expect(plane[x, y] == (isNear ? -1 : 1), "\(x), \(y)")
      }
    }
  }

  @Test func threadsLearnTheSameModel() throws {
    let good = (1...8).map { Self.surface($0) }
    let models = Guarded<[[UInt8]]>([])
    let threads = (0..<3).map { NamedThread(name: "learner \($0)") }
    for thread in threads {
      thread.start {
        let bytes = (try? Self.learned("lines", good).model.bytes) ?? []
        models.withLock { $0.append(bytes) }
      }
    }
    for thread in threads { thread.join() }
    #expect(Set(models.withLock { $0 }).count == 1 && models.withLock { !$0[0].isEmpty })
  }

  @Test func aStrangerAmongTheGoodIsNamed() throws {
    var good = (1...20).map { Self.surface($0) }
    good[7] = Image(width: 160, height: 200) { x, y in (x / 16 + y / 16) % 2 == 0 ? 30 : 220 }
    for method in ["lines", "surface"] {
      let error = #expect(throws: ToolError.self) { try Self.learned(method, good) }
      #expect(error?.description.hasPrefix("7.png is not like") == true, "\(error as Any)")
    }
    var nails = (1...13).map { Self.nail($0, degrees: Double($0) * 77) }
    nails[4] = Image(width: 256, height: 256, repeating: 90)
    let error = #expect(throws: ToolError.self) { try Self.learned("part", nails) }
    #expect(error?.description.hasPrefix("4.png: there is no part") == true, "\(error as Any)")
  }

  @Test func trainingShowsWhereGoodPartsVary() throws {
    let learned = try Self.learned("surface", (1...12).map { Self.surface($0) }).learned
    let variation = try #require(learned.pictures.first { $0.name == "variation" }).picture
    #expect((variation.width, variation.height) == (160, 200))
    #expect((0..<200).contains { y in (0..<160).contains { variation[$0, y] > 0 } })
  }

  /// Stripes that end somewhere and go on otherwise below.
  @Test func stripesThatBreakOffAreFound() throws {
    let (model, _) = try Self.learned("surface", (1...20).map { Self.surface($0) })
    let worker = try Self.inspector("surface", model: model).worker()
    var broken = Self.surface(301)
    let other = Self.surface(302)
    broken.withMutableView { out in
      for y in 150..<200 { for x in 0..<160 { out.row(y)[x] = other[x, y] } }
    }
    let bad = worker.inspect(broken.raster.view, image: "", time: "", wantsMap: true)
    let fine = worker.inspect(Self.surface(301).raster.view, image: "", time: "")
    #expect(bad.verdict == .ng && bad.score > 1.5 * fine.score, "\(bad.score), \(fine.score)")
    let map = try #require(bad.map)
    #expect(map[80, 185] > 2 * map[80, 40], "\(map[80, 185]), \(map[80, 40])")
  }

  @Test func modelsThatAreNoneAreRefused() throws {
    let bytes = try Self.learned("lines", (1...6).map { Self.surface($0) }).model.bytes
    #expect(try LearnedModel(bytes).bytes == bytes)
    #expect(throws: ModelError.notAModel) { try LearnedModel([1, 2, 3]) }
    #expect(throws: ModelError.self) { try LearnedModel(Array(bytes.dropLast())) }
    for place in stride(from: 40, to: bytes.count, by: 37) {
      var broken = bytes
      broken[place] ^= 1
      #expect(throws: ModelError.self) { try LearnedModel(broken) }
    }
    let model = try LearnedModel(bytes)
    #expect(throws: ModelError.otherRecipe) { try Self.inspector("surface", model: model) }
  }

  @Test func tooFewPicturesAreRefused() throws {
    #expect(throws: ToolError.self) { try Self.learned("lines", [Self.surface(1)]) }
    let empty = [Image<UInt8>](repeating: Image(width: 80, height: 80, repeating: 9), count: 12)
    #expect(throws: ToolError.self) { try Self.learned("part", empty) }
  }

  @Test func withoutAModelThereIsNoWorker() throws {
    let inspector = try Self.inspector("lines")
    #expect(inspector.needsModel)
    #expect(throws: ToolError.self) { try inspector.worker() }
  }

  @Test func limitsLeaveTheShareOutside() {
    let good = (1...20).map { Double($0) }
    #expect(good.count { $0 >= ScoreLimit(good: good, bad: [], overkill: 0.1).value } == 2)
    #expect(ScoreLimit(good: good, bad: [], overkill: 0).value == 20)
    #expect(ScoreLimit(good: good, bad: [30, 31], overkill: 0.1).value == 25)
  }

  @Test func ourFunctionsAreTheLibrarys() {
    for x in stride(from: -30.0, to: 5, by: 0.37) {
      #expect(abs(FixedMath.exp(x) / exp(x) - 1) < 1e-12)
    }
    for x in [1e-6, 0.3, 0.9999, 1, 1.41, 2, 8, 263, 1e9] {
      #expect(abs(FixedMath.log(x) - log(x)) < 1e-12)
    }
  }
}
