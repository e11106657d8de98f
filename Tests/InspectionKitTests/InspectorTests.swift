import CaptureKit
import InspectionKit
import Testing
import VisionCore
import VisionImage

@Suite struct InspectorTests {
  private func worker(_ scene: String, _ engine: EngineChoice = .native) throws -> InspectionWorker {
    let kind = try #require(SceneKind.find(scene))
    // The reference engine on a busy machine may take longer than a line allows.
    let text = RecipeTemplates.scene(kind, name: scene).split(separator: "\n")
      .filter { !$0.contains("deadline_ms") }.joined(separator: "\n")
    let recipe = try Recipe(text: text, path: "r.json5")
    return try Inspector(recipe, engine: engine).worker()
  }

  /// Every rendered part gets the verdict that is true of it, and every flaw has its box.
  @Test(arguments: ["board", "surface"]) func verdictsAreTrue(scene: String) throws {
    let worker = try worker(scene)
    let parts = try #require(SceneKind.find(scene)).scene(seed: 4242)
    for index in 0..<60 {
      let part = parts.render(part: index, defectRate: 0.5)
      let record = worker.inspect(part.image.raster.view, image: "\(index)", time: "")
      #expect(record.verdict == (part.defects.isEmpty ? .ok : .ng), "seed 4242, part \(index)")
      for defect in part.defects {
        let found = record.defects.contains {
          !$0.box.grown(by: 2).intersection(defect.box).isEmpty
        }
        #expect(found, "seed 4242, part \(index): \(defect)")
      }
    }
  }

  /// Neighbouring operators run as one plan; an engine of its own keeps a tool out of it.
  @Test func operatorsThatFollowEachOtherSayTheSameTogether() throws {
    func worker(_ engine: String) throws -> InspectionWorker {
      let text = """
        { version: 1, name: "chain", tools: [
          { tool: "preprocess", operator: "gaussian", size: 5 },
          { tool: "preprocess", operator: "not"\(engine), region: "circle:60,50,40" },
          { tool: "preprocess", operator: "median", size: 3 },
          { tool: "blob", max_count: 0 } ] }
        """
      return try Inspector(Recipe(text: text, path: "r.json5")).worker()
    }
    let together = try worker(""), apart = try worker(", engine: 'native'")
    let parts = try #require(SceneKind.find("surface")).scene(seed: 11)
    for index in 0..<4 {
      let view = parts.render(part: index, defectRate: 1).image.raster.view
      let a = together.inspect(view, image: "", time: ""), b = apart.inspect(view, image: "", time: "")
      #expect(a.error == nil && !a.defects.isEmpty && a.score == b.score)
      #expect(a.defects.map(\.box) == b.defects.map(\.box))
      #expect(a.toolMilliseconds.count == 4)
    }
  }

  /// Of turned parts, that one is missing or upside down.
  @Test func partsAreCounted() throws {
    let worker = try worker("parts")
    let parts = try #require(SceneKind.find("parts")).scene(seed: 77)
    for index in 0..<16 {
      let part = parts.render(part: index, defectRate: 0.5)
      let record = worker.inspect(part.image.raster.view, image: "\(index)", time: "")
      #expect(record.verdict == (part.defects.isEmpty ? .ok : .ng), "seed 77, part \(index)")
      #expect(record.matches.count == part.poses.count, "seed 77, part \(index)")
    }
  }

  @Test(arguments: [EngineChoice.opencv, .reference])
  func everyEngineSaysTheSame(engine: EngineChoice) throws {
    if engine == .opencv, let why = OpenCVLibrary.loadError {
      print("skipped: OpenCV is not here: \(why)")
      return
    }
    let native = try worker("board"), other = try worker("board", engine)
    let parts = try #require(SceneKind.find("board")).scene(seed: 7)
    for index in 0..<(engine == .reference ? 2 : 12) {
      let view = parts.render(part: index, defectRate: 1).image.raster.view
      let a = native.inspect(view, image: "", time: ""), b = other.inspect(view, image: "", time: "")
      #expect(a.verdict == b.verdict && a.defects.count == b.defects.count)
      #expect(abs(a.score - b.score) < 0.1, "\(a.score) \(b.score)")
      #expect(b.engine == engine.rawValue)
    }
  }

  @Test func aFaultOfTheNativeKernelsFallsOverToOpenCVAndSaysSo() throws {
    if let why = OpenCVLibrary.loadError {
      print("skipped: OpenCV is not here: \(why)")
      return
    }
    let kind = try #require(SceneKind.find("board"))
    let recipe = try Recipe(text: RecipeTemplates.scene(kind, name: "b"), path: "r.json5")
    let worker = try Inspector(recipe, engine: .auto).worker(nativeFault: "the self-test failed")
    let part = kind.scene(seed: 1).render(part: 0, defectRate: 0)
    let record = worker.inspect(part.image.raster.view, image: "", time: "")
    #expect(record.verdict == .ok && record.engine == "opencv")
    #expect(record.failover?.contains("the self-test failed") == true)
  }

  @Test func aPictureOfAnotherSizeIsFaultNotOK() throws {
    let record = try worker("board").inspect(
      Image<UInt8>(width: 640, height: 480, repeating: 90).raster.view, image: "x", time: "")
    #expect(record.verdict == .fault)
    #expect(record.error?.contains("640x480") == true)
  }

  @Test func aPartThatTakesTooLongIsFault() throws {
    let text = """
      { version: 1, name: 'x', deadline_ms: 1,
        tools: [{ tool: 'compare_golden', reference: 'scene:board' }] }
      """
    let worker = try Inspector(Recipe(text: text, path: "r"), engine: .reference).worker()
    let part = SceneKind.all[0].scene(seed: 1).render(part: 0, defectRate: 0)
    let record = worker.inspect(part.image.raster.view, image: "", time: "")
    #expect(record.verdict == .fault && record.error?.contains("late") == true)
  }

  /// A bar, a square, and a square with a hole; only what lies within the limits is counted.
  @Test(arguments: [
    ("", 3), ("eccentricity: [0.9, 1]", 1), ("holes: [1, 9]", 1), ("fill_holes: true, holes: [1, 9]", 0),
    ("width: [10, 10], convexity: [0.99, 1]", 1), ("contrast: [0, 1]", 0), ("feret_max: [0, 25]", 2),
    ("min_area: 90, max_area: 96", 1),
  ])
  func blobsAreChosenByTheirFeatures(limits: String, count: Int) throws {
    let picture = Image<UInt8>(width: 100, height: 40) { x, y in
      if (44..<46).contains(x) && (14..<16).contains(y) { return 20 }
      let isObject =
        (5..<30).contains(x) && (5..<9).contains(y)
        || (40..<50).contains(x) && (10..<20).contains(y)
        || (70..<80).contains(x) && (20..<30).contains(y)
      return isObject ? 200 : 20
    }
    // So many and no other number is OK.
    let text = """
      { version: 1, name: 'x', tools: [{ tool: 'blob', threshold: 128, min_count: \(count),
      max_count: \(count), \(limits) }] }
      """
    let worker = try Inspector(Recipe(text: text, path: "r.json5")).worker()
    let record = worker.inspect(picture.raster.view, image: "", time: "")
    #expect(record.verdict == .ok, "\(record)")
  }

  @Test(arguments: [
    ("holes: [3, 1]", "holes: 3.0 is larger"), ("adaptive: [4, 0]", "odd"),
    ("threshold: 3, adaptive: [5, 0]", "either"), ("min_area: 9, max_area: 3", "larger"),
  ])
  func limitsThatCannotBeAreRefused(limits: String, why: String) throws {
    let text = "{ version: 1, name: 'x', tools: [{ tool: 'blob', \(limits) }] }"
    let error = #expect(throws: (any Error).self) {
      try Inspector(Recipe(text: text, path: "r.json5"))
    }
    #expect(error.map { "\($0)".contains(why) } == true, "\(String(describing: error))")
  }

  @Test(arguments: [(0, 0, "OK"), (3, 2, "NG"), (2, 2, "OK"), (0, 2, "OK")])
  func blobsAreJudgedByTheirNumber(spots: Int, most: Int, verdict: String) throws {
    let text = "{ version: 1, name: 'x', tools: [{ tool: 'blob', threshold: 128, max_count: \(most) }] }"
    let worker = try Inspector(Recipe(text: text, path: "r")).worker()
    let image = Image<UInt8>(width: 90, height: 30) { x, y in
      x / 20 < spots && x % 20 < 8 && (10..<18).contains(y) ? 200 : 20
    }
    #expect(worker.inspect(image.raster.view, image: "", time: "").verdict.rawValue == verdict)
  }
}
