import Configuration
import InspectionKit
import Testing
import VisionImage

@Suite struct JudgeTests {
  /// Two spots of 64 pixels and one of 16, bright on dark.
  private static let picture = Image<UInt8>(width: 100, height: 40) { x, y in
    let isSpot = (10..<18).contains(y) && ((10..<18).contains(x) || (40..<48).contains(x))
    return isSpot || (10..<14).contains(y) && (70..<74).contains(x) ? 200 : 20
  }

  private func text(_ judge: String) -> String {
    """
    { version: 1, name: 'j', tools: [
      { tool: 'blob', name: 'spots', threshold: 128, min_area: 10, max_count: 2 },
      { tool: 'caliper', name: 'gap', from: [5, 14], to: [60, 14], width: 3, low: 1, high: 100 },
      { tool: 'caliper', name: 'far away', from: [5, 30], to: [60, 30], width: 3 },
      { tool: 'judge', name: 'sorter', \(judge) },
    ] }
    """
  }

  private func judged(_ judge: String) throws -> InspectionRecord {
    let recipe = try Recipe(text: text(judge), path: "r.json5")
    return try Inspector(recipe).worker().inspect(Self.picture.raster.view, image: "", time: "")
  }

  /// There are 3 spots where 2 may be; nothing is at 'far away'.
  @Test(arguments: [
    ("spots.ok", "NG"), ("not spots.ok", "OK"), ("spots.count == 3", "OK"),
    ("spots.count <= 3", "OK"),
    ("spots.count < 3", "NG"), ("spots.count <= 2 or spots.area < 150", "OK"),
    ("spots.count <= 2 and spots.area < 150", "NG"), ("1 < spots.count < 4", "OK"),
    ("spots.area / spots.count < 50", "OK"), ("spots.largest > 63 && spots.largest != 65", "OK"),
    ("abs(spots.count - 5) * 2 - 1 == 3", "OK"), ("-spots.count == -3", "OK"), ("true", "OK"),
    ("!(spots.ok || false)", "OK"),
    // What was not measured neither holds nor fails, and nothing passes by it.
    ("'far away'.value < 5", "NG"), ("not 'far away'.value < 5", "NG"),
    ("'far away'.value < 5 or spots.count == 3", "OK"), ("1 / (spots.count - 3) > 0", "NG"),
  ])
  func conditionsDecideInThePlaceOfTheTools(good: String, verdict: String) throws {
    let record = try judged("good: \"\(good)\"")
    #expect(record.verdict.rawValue == verdict && record.error == nil)
    #expect((record.score >= 1) == (verdict == "NG"))
  }

  @Test func theScoreTellsHowNearTheLimitIs() throws {
    #expect(try judged("good: 'spots.count <= 4'").score == 0.75)
    #expect(try judged("good: 'spots.count <= 2'").score == 1.5)
    #expect(try judged("good: 'spots.count <= 3'").score == 0.9999)
  }

  @Test func defectsAreNamedAndNumberedAsThePlantDoes() throws {
    let record = try judged(
      "good: 'spots.ok', classes: { blob: 'spatter' }, codes: { spatter: 12 }, code: 99")
    #expect(record.partClass == "spatter" && record.code == 12)
    #expect(record.defects.count == 3 && record.defects.allSatisfy { $0.kind == "spatter" })
    #expect(record.json["class"]?.string == "spatter" && record.json["ng_code"]?.integer == 12)
    #expect(try judged("good: 'spots.ok', codes: { spots: 7 }").code == 7)
    #expect(try judged("good: 'spots.ok', code: 99").code == 99)
    let good = try judged("good: 'spots.count == 3', code: 99")
    #expect(good.partClass == nil && good.code == nil && good.defects.count == 3)
  }

  /// Line and column are those of the recipe, whatever escapes stand before.
  @Test(arguments: [
    ("good: 'spts.ok'", 21, "unknown tool 'spts'; did you mean 'spots'?"),
    ("good: 'spots.cuont < 3'", 27, "did you mean 'count'?"),
    ("good: '\\u0073pots.cuont < 3'", 32, "did you mean 'count'?"),
    ("good: 'spots < 3'", 27, "one of spots's results (ok, score"),
    ("good: 'spots.count'", 21, "compare it, as in spots.count < 1"),
    ("good: 'spots.ok < 3'", 21, "a condition where a number"),
    ("good: '1 <'", 24, "the end where a number"),
    ("good: 'spots.count = 3'", 33, "equal is '=='"),
    ("good: 'spots.count < 5mm'", 35, "'5mm' is not"),
    ("good: '(spots.ok'", 30, "the end where ')'"),
    ("good: 'spots.ok gap.ok'", 30, "'gap' where 'and', 'or'"),
    ("good: \"'spots.ok\"", 21, "never closed"),
    ("good: '\(String(repeating: "(", count: 99))'", 81, "nested deeper"),
    ("good: 'sorter.ok'", 21, "unknown tool 'sorter'"),
  ])
  func mistakesAreToldWhereTheyStand(judge: String, column: Int, words: String) {
    #expect {
      try judged(judge)
    } throws: { error in
      guard let error = error as? RecipeError else { return false }
      return error.location?.line == 5 && error.location?.column == column + 22
        && error.message.contains(words)
    }
  }

  @Test(arguments: [
    ("{ tool: 'judge', good: 'true' }, { tool: 'blob' }", "no tool may stand behind it"),
    ("{ tool: 'judge', good: 'b.ok' }, { tool: 'blob', name: 'b' }", "no tool may stand behind it"),
    (
      "{ tool: 'gauge', first: 'a', second: 'b' }, { tool: 'caliper', name: 'a', from: [0, 0], to: [9, 9] }",
      "first: the tool 'a' comes after this one"
    ),
    (
      "{ tool: 'blob', name: 'a' }, { tool: 'gauge', first: 'a', second: 'b' }",
      "first: a blob does not give"
    ),
    ("{ tool: 'judge', good: 'true', codes: { a: 70000 } }", "from 1 to 65535"),
    ("{ tool: 'judge', good: 'true', classes: { a: 1 } }", "texts by their names"),
  ])
  func toolsReferToToolsBeforeThem(tools: String, words: String) {
    #expect {
      try Recipe(text: "{ version: 1, name: 'x', tools: [\(tools)] }", path: "r.json5")
    } throws: { "\($0)".contains(words) }
  }
}
