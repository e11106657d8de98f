@testable import CaptureKit
import Testing
import VisionImage

@Suite struct SceneTests {
  static let names = SceneKind.all.map(\.name)

  private func scene(_ name: String, seed: UInt64 = 5) throws -> any Scene {
    try #require(SceneKind.find(name)).scene(width: 512, height: 384, seed: seed)
  }

  @Test(arguments: names) func theSameSeedGivesTheSamePictures(name: String) throws {
    let a = try scene(name), b = try scene(name), other = try scene(name, seed: 6)
    for index in [0, 1, 77] {
      let first = a.render(part: index, defectRate: 0.5), second = b.render(part: index, defectRate: 0.5)
      #expect(first.image == second.image && first.defects == second.defects)
      #expect(first.image != other.render(part: index, defectRate: 0.5).image)
    }
    #expect(a.reference == other.reference)
  }

  @Test(arguments: names) func rateNilAndOneMeanNoneAndAll(name: String) throws {
    let scene = try scene(name)
    for index in 0..<12 {
      #expect(scene.render(part: index, defectRate: 0).defects.isEmpty)
      #expect(!scene.render(part: index, defectRate: 1).defects.isEmpty)
    }
  }

  /// The truth is exact: what lies outside every box is the same picture without the flaws.
  @Test func nothingOutsideTheBoxesIsChanged() throws {
    let scene = try scene("board")
    for index in 0..<8 {
      let flawed = scene.render(part: index, defectRate: 1)
      var changed = 0
      for defect in flawed.defects {
        #expect(defect.box.width >= 4 && defect.box.height >= 4, "\(index) \(defect)")
        for y in defect.box.y..<defect.box.maxY {
          for x in defect.box.x..<defect.box.maxX
          where abs(Int(flawed.image[x, y]) - Int(scene.reference[x, y])) >= 15 { changed += 1 }
        }
      }
      #expect(changed >= 12, "part \(index)")
    }
  }

  @Test(arguments: names) func everyClassOfFlawComesAlong(name: String) throws {
    let kind = try #require(SceneKind.find(name))
    let scene = kind.scene(seed: 3)
    var seen: Set<String> = []
    for index in 0..<60 { seen.formUnion(scene.render(part: index, defectRate: 1).defects.map(\.kind)) }
    #expect(seen == Set(kind.defectClasses))
  }
}
