import Configuration
import InspectionKit
import Testing

@Suite struct RecipeDifferenceTests {
  private static let print =
    "{ tool: 'compare_golden', name: 'print', reference: 'scene:board', tolerance: 30 }"
  private static let spots = "{ tool: 'blob', name: 'spots', max_count: 3, circularity: [0.5, 1] }"
  private static let width =
    "{ tool: 'caliper', name: 'width', from: [0, 0], to: [90, 0], low: 2, high: 5 }"

  private func recipe(_ tools: [String], _ more: String = "") throws -> Recipe {
    try Recipe(
      text: "{ version: 1, name: 'x', tools: [\(tools.joined(separator: ", "))], \(more) }",
      path: "r.json5")
  }

  private func changes(_ old: Recipe, _ new: Recipe) throws -> [String] {
    let files = (old: try Inspector(old).files, new: try Inspector(new).files)
    return RecipeDifference(from: old, to: new, files: files).changes.map(\.text)
  }

  /// What is written instead of what, and what that means.
  @Test(arguments: [
    ("tolerance: 30", "tolerance: 25", ["tightened  print.tolerance: 30 -> 25"]),
    ("tolerance: 30", "tolerance: 40", ["loosened   print.tolerance: 30 -> 40"]),
    (", tolerance: 30", "", []), ("'x'", "/* same */ \"x\"", []),
    ("'print'", "'copper'", ["renamed    print -> copper"]),
    ("max_count: 3, ", "", ["loosened   spots.max_count: 3 -> any"]),
    ("[0.5, 1]", "[0.6, 0.9]", ["changed    spots.circularity: [0.5,1] -> [0.6,0.9]"]),
    ("low: 2", "low: 2.5", ["tightened  width.low: 2 -> 2.5"]),
    (", high: 5", "", ["loosened   width.high: 5 -> none"]),
    (
      "'blob'", "'blob', roi: { x: 1, y: 2, w: 3, h: 4 }",
      ["changed    spots.roi: none -> {\"x\":1,\"y\":2,\"w\":3,\"h\":4}"]
    ),
    (
      "'scene:board'", "'scene:surface'",
      ["changed    print.reference: \"scene:board\" -> \"scene:surface\""]
    ),
    ("deadline_ms: 9", "deadline_ms: 5", ["tightened  deadline_ms: 9 -> 5"]),
    ("'OK'", "'NG'", ["changed    tests.a.png: \"OK\" -> \"NG\""]),
    (
      "tool: 'blob'", "tool: 'blob', fill_holes: true",
      ["changed    spots.fill_holes: false -> true"]
    ),
  ])
  func everyChangeIsToldAsWhatItMeans(old: String, new: String, expected: [String]) throws {
    let more = "deadline_ms: 9, tests: [{ image: 'a.png', verdict: 'OK' }]"
    let before =
      "{ version: 1, name: 'x', tools: [\(Self.print), \(Self.spots), \(Self.width)], \(more) }"
    let place = try #require(before.firstRange(of: old))
    let after = before[..<place.lowerBound] + new + before[place.upperBound...]
    let found = try changes(
      Recipe(text: before, path: "r.json5"), Recipe(text: String(after), path: "r.json5"))
    #expect(found == expected)
  }

  @Test func toolsComeGoAndMove() throws {
    let all = try recipe([Self.print, Self.spots, Self.width])
    #expect(
      try changes(recipe([Self.print, Self.width]), all) == [
        "added      spots (blob, after 'print')"
      ])
    #expect(
      try changes(all, recipe([Self.spots, Self.width])) == [
        "removed    print (compare_golden, the first tool)"
      ])
    #expect(
      try changes(all, recipe([Self.width, Self.print, Self.spots])) == [
        "moved      width (caliper, the first tool)"
      ])
    #expect(try changes(all, all).isEmpty)
  }

  /// A renamed tool is known by what it does, also where a setting changed with the name.
  @Test func aRenamedToolIsNotANewOne() throws {
    let renamed = Self.spots.replacing("'spots'", with: "'dots'").replacing("3", with: "2")
    #expect(
      try changes(recipe([Self.print, Self.spots]), recipe([Self.print, renamed]))
        == ["renamed    spots -> dots", "tightened  dots.max_count: 3 -> 2"])
  }
}
