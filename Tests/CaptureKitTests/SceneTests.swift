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

  /// The truth is exact: outside every box the picture is that of the part without its flaws; in
  /// each box at least 4x4 pixels around those that changed by 15 grey values.
  @Test(arguments: names) func boxesHoldAllThatAFlawChanges(name: String) throws {
    let scene = try scene(name)
    for index in 0..<40 {
      let good = scene.render(part: index, defectRate: 0).image
      let bad = scene.render(part: index, defectRate: 1)
      var restored = bad.image
      for defect in bad.defects {
        let strong = box(where: { $0 >= 15 }, good, bad.image, within: defect.box)
        #expect(
          strong.map { $0.width >= 4 && $0.height >= 4 } == true,
          "part \(index), seed 5: \(defect), strong \(String(describing: strong))")
        // Not larger than what can be seen.
        #expect(box(where: { $0 >= 6 }, good, bad.image, within: defect.box) == defect.box)
        restored.withMutableView {
          $0.cropped(to: defect.box).copyPixels(from: good.view.cropped(to: defect.box).raster)
        }
      }
      #expect(restored == good, "part \(index), seed 5")
    }
  }

  /// The box around the pixels whose difference satisfies `test`.
  private func box(
    where test: (Int) -> Bool, _ a: Image<UInt8>, _ b: Image<UInt8>, within rect: PixelRect
  ) -> PixelRect? {
    var found: PixelRect?
    for y in rect.y..<rect.maxY {
      for x in rect.x..<rect.maxX where test(abs(Int(a[x, y]) - Int(b[x, y]))) {
        let pixel = PixelRect(x: x, y: y, width: 1, height: 1)
        found = found?.union(pixel) ?? pixel
      }
    }
    return found
  }

  /// A good board is the reference seen again: moved by two pixels at the most, and no grey value
  /// further off than edges and light explain.
  @Test func goodBoardsAreTheReferenceMoved() throws {
    let scene = try scene("board")
    let reference = scene.reference
    for index in 0..<20 {
      let part = scene.render(part: index, defectRate: 0).image
      var worst = 0
      reference.view.withRows { a in
        part.view.withRows { b in
          for y in 8..<part.height - 8 {
            for x in 8..<part.width - 8 {
              var low = Int.max, high = 0
              for v in y - 3...y + 3 {
                for u in x - 3...x + 3 {
                  low = min(low, Int(a[v][u]))
                  high = max(high, Int(a[v][u]))
                }
              }
              worst = max(worst, Int(b[y][x]) - high, low - Int(b[y][x]))
            }
          }
        }
      }
      // 205 grey values times 4 % gain and 4 % slope, and six deviations of the noise.
      #expect(worst <= 17 + 12, "part \(index), seed 5")
    }
  }

  /// Parts differ from each other by place, light, sharpness and noise, not by noise alone.
  @Test func everyPartHasAnExposureOfItsOwn() {
    var random = SceneRandom(seed: 4)
    let spread = Exposure.Spread(shift: 1.5, gain: 0.04, slope: 0.02)
    let some = (0..<50).map { _ in Exposure(&random, spread) }
    for value in [\Exposure.shiftX, \.shiftY, \.blurX, \.blurY, \.gain, \.slopeX, \.slopeY] {
      #expect(Set(some.map { $0[keyPath: value] }).count == some.count)
    }
    #expect(Set(some.map(\.grain)).count == some.count)
    #expect(some.allSatisfy { abs($0.shiftX) <= 1.5 && abs($0.shiftY) <= 1.5 })
  }

  @Test(arguments: names) func everyClassOfFlawComesAlong(name: String) throws {
    let kind = try #require(SceneKind.find(name))
    let scene = kind.scene(seed: 3)
    var seen: Set<String> = []
    for index in 0..<60 { seen.formUnion(scene.render(part: index, defectRate: 1).defects.map(\.kind)) }
    #expect(seen == Set(kind.defectClasses))
  }
}
