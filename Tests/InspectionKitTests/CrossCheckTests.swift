import ImageFiles
import Testing
import VisionCore
import VisionImage

@testable import InspectionKit

/// A second engine looks at the same pictures.
@Suite struct CrossCheckTests {
  private static let samples = "\(#filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 })/samples"

  static let recipes = [
    ("board", ["000000.png", "000001.png", "000003.png"]), ("surface", ["000000.png", "000001.png"]),
    ("edge", ["good.png", "burr.png", "nick.png", "filled.png"]),
    ("bead", ["good.png", "gap.png", "thin.png"]), ("pcb", ["000000_test.jpg", "000001_test.jpg"]),
  ]

  @Test(arguments: recipes, [EngineChoice.opencv, .reference])
  func everyEngineSaysTheSameOfTheSamples(sample: (String, [String]), engine: EngineChoice) throws {
    guard engine != .opencv || OpenCVLibrary.shared != nil else { return }
    let folder = "\(Self.samples)/\(sample.0)"
    // The definitions may take as long as they like.
    let path = "\(folder)/recipe.json5"
    let text = String(decoding: try FileBytes(path, limit: 1 << 20).array, as: UTF8.self)
    let recipe = try Recipe(text: text.replacing("deadline_ms: 2000,", with: ""), path: path)
    let native = try Inspector(recipe, engine: .native).worker()
    let other = try Inspector(recipe, engine: engine).worker()
    for name in sample.1 {
      let picture = try ImageFiles.read("\(folder)/\(name)", colour: .grey)
      func record(_ worker: InspectionWorker) -> InspectionRecord {
        worker.inspect(picture.view, image: "\(folder)/\(name)", time: "")
      }
      let first = record(native)
      #expect(first.error == nil, "\(name): \(first.error ?? "")")
      #expect(CrossCheck.disagreement(first, record(other)) == nil, "\(name)")
    }
  }

  @Test(arguments: [(0.0, 0...0), (0.1, 60...140), (0.5, 430...570), (1.0, 1000...1000)])
  func theShareIsKept(rate: Double, due: ClosedRange<Int>) {
    let check = CrossCheck(rate: rate, of: .auto)
    let count = (0..<1000).count { check.isDue("parts/\($0).png") }
    #expect(due.contains(count), "\(count)")
  }

  private static func record(
    _ score: Double, _ defects: [Defect] = [], measured: Double? = 5
  ) -> InspectionRecord {
    var record = InspectionRecord(
      image: "p", time: "", verdict: score >= 1 ? .ng : .ok, score: score, engine: "native",
      recipe: "t", recipeHash: "")
    record.defects = defects
    record.measurements = [
      Measurement(name: "w", value: measured, unit: "px", low: 0, high: 9, points: [])
    ]
    return record
  }

  private static func defect(_ x: Int, _ kind: String = "dark") -> Defect {
    Defect(box: PixelRect(x: x, y: 5, width: 9, height: 9), area: 50, score: 2, kind: kind)
  }

  static let pairs: [(InspectionRecord, InspectionRecord, Bool)] = [
    (record(0.5), record(0.55), true), (record(0.5), record(0.8), false),
    (record(0.99), record(1.01), false), (record(2, [defect(5)]), record(2, [defect(6)]), true),
    (record(2, [defect(5)]), record(2, [defect(9)]), false),
    (record(2, [defect(5)]), record(2, [defect(5, "bright")]), false),
    (record(2, [defect(5), defect(50)]), record(2, [defect(50), defect(5)]), true),
    (record(2, [defect(5)]), record(2, [defect(5), defect(50)]), false),
    (record(0, measured: 5.05), record(0), true), (record(0, measured: 5.4), record(0), false),
    (record(0, measured: nil), record(0), false),
  ]

  @Test(arguments: pairs.indices) func whatIsTooFarApartIsTold(index: Int) {
    let (a, b, agrees) = Self.pairs[index]
    #expect((CrossCheck.disagreement(a, b) == nil) == agrees)
  }

  @Test func anInspectorLooksTwiceAndIsSatisfied() throws {
    guard OpenCVLibrary.shared != nil else { return }
    let recipe = try Recipe(path: "\(Self.samples)/board/recipe.json5")
    let worker = try Inspector(
      recipe, engine: .auto, crossCheck: CrossCheck(rate: 1, of: .auto)
    ).worker()
    let picture = try ImageFiles.read("\(Self.samples)/board/000001.png", colour: .grey)
    let record = worker.inspect(picture.view, image: "000001.png", time: "")
    #expect(record.verdict == .ng && record.failover == nil && record.engine == "native")
  }
}
