import Testing
import VisionImage

@testable import VisionCore

@Suite struct ChanceScoreTests {
  /// A template of 80 pixels with a plate in the middle, on it as many holes off its axes.
  private func template(holes: Int) throws -> MatchTemplate {
    let picture = Image<UInt8>(width: 80, height: 80) { x, y in
      func isNear(_ cx: Int, _ cy: Int, _ r: Int) -> Bool {
        (x - cx) * (x - cx) + (y - cy) * (y - cy) <= r * r
      }
      let places = [(30, 28, 5), (52, 33, 3), (45, 52, 6), (28, 50, 3), (38, 40, 4)]
      if places.prefix(holes).contains(where: { isNear($0.0, $0.1, $0.2) }) { return 30 }
      return abs(x - 40) < 22 && abs(y - 40) < 22 ? 200 : 60
    }
    return try MatchTemplate(picture.raster.view)
  }

  private func least(_ template: MatchTemplate, _ method: MatchMethod = .shape) throws -> Double {
    try MatchModel(method, template, MatchRange(angles: -180...180)).defaultMinScore(on: Machine())
  }

  /// What many things look like has to be seen whole; what nothing looks like, in part.
  @Test func aPlainPlateMustShowMoreThanOneWithHoles() throws {
    let plain = try least(template(holes: 0)), rich = try least(template(holes: 5))
    #expect(plain > rich + 0.1, "plain \(plain), with holes \(rich)")
    #expect((0.36...0.9).contains(plain) && (0.36...0.9).contains(rich))
  }

  /// Grey values of two halves are those of any edge.
  @Test func halfDarkAndHalfBrightMustCorrelateBetter() throws {
    let halves = Image<UInt8>(width: 80, height: 80) { x, y in
      UInt8((x < 37 ? 60 : 180) + (x * 7 + y * 13 + x * y) % 40)
    }
    let plain = try least(MatchTemplate(halves.raster.view), .ncc), rich = try least(template(holes: 5), .ncc)
    #expect(plain > 0.78 && plain <= 0.85 && (0.7..<0.75).contains(rich), "halves \(plain), holes \(rich)")
  }

  @Test func itIsTheSameEveryTime() throws {
    #expect(try least(template(holes: 3)) == least(template(holes: 3)))
  }
}
