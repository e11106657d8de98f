import Configuration
import Testing
import VisionCore
import VisionImage

@testable import InspectionKit

/// Four lines and a pad, and what can happen to them.
@Suite struct ComparePatternTests {
  /// Bright copper on dark ground: lines 8 pixels wide, 24 apart, and a round pad.
  private static func isCopper(_ x: Int, _ y: Int) -> Bool {
    let isLine = (20..<300).contains(x) && y >= 40 && y < 140 && (y - 40) % 24 < 8
    let isPad = (x - 160) * (x - 160) + (y - 200) * (y - 200) < 20 * 20
    return isLine || isPad
  }

  private static func picture(_ isSet: (Int, Int) -> Bool) -> Image<UInt8> {
    Image(width: 320, height: 256) { isSet($0, $1) ? 200 : 40 }
  }

  private func find(_ part: Image<UInt8>) throws -> [Defect] {
    let margin = Bitmap.wideMargin
    let reference = Bitmap(width: 320, height: 256, margin: margin)
    let nets = Bitmap(width: 320, height: 256, margin: margin)
    reference.set(from: Self.picture(Self.isCopper).view, above: 120, inverted: false)
    nets.set(from: part.view, above: 120, inverted: false)
    let fit = PatternRegistration(range: 32, engine: PatternEngine(Machine()))
      .fit(reference, to: nets)
    return PatternDefects(
      part: nets, reference: fit.reference, known: fit.known, leastArea: 9, margin: 2, sensitivity: 1
    ).find().filter { $0.score >= 1 }
  }

  struct Flaw: CustomTestStringConvertible {
    let kind: String
    /// Where copper is missing, or too much.
    let box: PixelRect
    let isMissing: Bool
    var testDescription: String { kind }
  }

  static let flaws = [
    Flaw(kind: "open", box: PixelRect(x: 150, y: 63, width: 8, height: 10), isMissing: true),
    Flaw(kind: "short", box: PixelRect(x: 90, y: 47, width: 6, height: 18), isMissing: false),
    Flaw(kind: "pin-hole", box: PixelRect(x: 157, y: 197, width: 7, height: 7), isMissing: true),
    Flaw(kind: "copper", box: PixelRect(x: 240, y: 190, width: 9, height: 9), isMissing: false),
    Flaw(kind: "mousebite", box: PixelRect(x: 200, y: 88, width: 9, height: 5), isMissing: true),
    Flaw(kind: "spur", box: PixelRect(x: 220, y: 120, width: 8, height: 6), isMissing: false),
  ]

  @Test(arguments: flaws, [(0, 0), (9, -6)])
  func aFlawIsFoundAndNamed(flaw: Flaw, shift: (Int, Int)) throws {
    let part = Self.picture { x, y in
      let u = x - shift.0, v = y - shift.1
      return flaw.box.contains(x: u, y: v) ? !flaw.isMissing : Self.isCopper(u, v)
    }
    let found = try find(part)
    #expect(found.map(\.kind) == [flaw.kind], "\(found)")
    let moved = PixelRect(
      x: flaw.box.x + shift.0, y: flaw.box.y + shift.1, width: flaw.box.width,
      height: flaw.box.height)
    #expect(found.allSatisfy { !$0.box.intersection(moved).isEmpty })
  }

  /// Neither a shift nor lines a pixel wider are flaws.
  @Test(arguments: [(0, 0, 0), (13, 7, 0), (0, 0, 1), (-5, 4, 1)])
  func aGoodPartHasNone(dx: Int, dy: Int, growth: Int) throws {
    let part = Self.picture { x, y in
      (-growth...growth).contains { j in
        (-growth...growth).contains { Self.isCopper(x - dx + $0, y - dy + j) }
      }
    }
    #expect(try find(part).isEmpty)
  }

  /// Every instruction set brings the reference to the very place that the definition does.
  @Test(arguments: [(250, 90), (640, 130), (1100, 70)])
  func everyEngineFitsAlike(width: Int, height: Int) {
    func bitmap(_ dx: Int, _ dy: Int) -> Bitmap {
      let bitmap = Bitmap(width: width, height: height, margin: Bitmap.wideMargin)
      // Wide lines and thin ones that bend a little.
      let picture = Image<UInt8>(width: width, height: height) { x, y in
        let u = x - dx - y / 40, v = y - dy
        return u * 7 % 41 < 17 || (v % 23 < 6 && u % 90 > 11) ? 200 : 40
      }
      bitmap.set(from: picture.view, above: 120, inverted: false)
      return bitmap
    }
    func fitted(_ engine: PatternEngine) -> Bitmap {
      PatternRegistration(range: 16, engine: engine).fit(bitmap(0, 0), to: bitmap(5, -3)).reference
    }
    let definition = fitted(.reference)
    for set in InstructionSet.available {
      let found = fitted(PatternEngine(Machine(set)))
      let unlike = (0..<height).contains { y in
        (0..<definition.words).contains { found.row(y)[$0] != definition.row(y)[$0] }
      }
      #expect(!unlike, "\(set)")
    }
  }

  @Test func theReferenceByRuleIsNamedWhereItIsMissing() throws {
    let recipe = try Recipe(
      text: """
        { version: 1, name: "r", tools: [
          { tool: "compare_pattern", reference: { replace: ["_test", "_temp"] } } ] }
        """, path: "r.json5")
    let worker = try Inspector(recipe).worker()
    let view = Self.picture(Self.isCopper).raster.view
    for (image, why) in [
      ("nowhere/a_test.png", "nowhere/a_temp.png"), ("nowhere/a.png", "no '_test'"),
    ] {
      let record = worker.inspect(view, image: image, time: "")
      #expect(record.verdict == .fault)
      #expect(record.error?.contains(why) == true, "\(record.error ?? "")")
    }
  }
}
