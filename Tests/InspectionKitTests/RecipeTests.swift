import CaptureKit
import InspectionKit
import Testing

@Suite struct RecipeTests {
  private func recipe(_ text: String) throws -> Recipe { try Recipe(text: text, path: "r.json5") }
  private static let start = "{ version: 1, name: 'x', tools: [{ tool: 'compare_golden', reference: 'scene:board'"

  @Test(arguments: [
    ("{ version: 2, name: 'x', tools: [] }", "1, column 12", "version 2 is not known"),
    ("{ version: 1, name: 'x' }", "column 1", "'tools' is missing"),
    ("{ version: 1, name: 'x', tools: [] }", "column 33", "decides nothing"),
    ("{ version: 1,\n nmae: 'x' }", "line 2, column 2", "did you mean 'name'?"),
    ("{ version: 1, name: 'x', tools: [{ tool: 'compare_goldn' }] }", "column 42", "did you mean 'compare_golden'?"),
    ("{ version: 1, name: 'x', tools: [{ tool: 'match_ncc' }] }", "column 34", "'template' is missing"),
    (start + ", tolerance: 300 }] }", "column 97", "from 1 to 255"),
    (start + ", tolerance: 5mm }] }", "column 97", "'5mm' is not a number"),
    (start + ", toleranse: 5 }] }", "column 86", "did you mean 'tolerance'?"),
    (start + ", tolerance: 5, tolerance: 6 }] }", "column 100", "second time"),
    (start + ", name: 'a' }, { tool: 'blob', name: 'a' }] }", "line 1", "is taken by the tool"),
    (start + ", roi: { x: 0, y: 0, w: 0, h: 5 } }] }", "line 1", "w: '0'"),
    (start + "}], engine: 'natve' }", "line 1", "did you mean 'native'?"),
    (start + "}], tests: [{ image: 'a.png', verdict: 'ok' }] }", "line 1", "unknown verdict 'ok'"),
    (start + "}], tests: [{ image: 'a.png', verdict: 'OK' }, { image: 'a.png', verdict: 'NG' }] }", "line 1", "tested a second time"),
    (start + "}], tests: [{ image: 'a.png', verdict: 'OK', measurements: { width: {} } }] }", "line 1", "unknown measuring tool 'width'"),
    (start + ", engine: 'opncv' }] }", "line 1", "did you mean 'opencv'?"),
    (start + ", tolerance: '5 px' }] }", "column 97", "write the bare number"),
    (start + "}], deadline_ms: '20ms' }", "line 1", "deadline_ms: '20ms' is not a whole number from 1 to 3600000; write the bare number"),
    (start + ", roi: { x: '3 px', y: 0, w: 1, h: 1 } }] }", "line 1", "x: '3 px' is not a whole number"),
    (start + ", roi: { left: 0 } }] }", "line 1", "unknown key 'left' in roi; known: x, y, w, h"),
    ("", "line 1, column 1", "missing"),
  ])
  func everyMistakeHasItsPlaceAndTheRightWord(text: String, place: String, words: String) {
    #expect {
      try recipe(text)
    } throws: { error in
      guard let error = error as? RecipeError else { return false }
      return error.place.contains(place) && error.message.contains(words)
    }
  }

  @Test func aMissingPictureIsNamedWithItsPlace() throws {
    let text = "{ version: 1, name: 'x', tools: [{ tool: 'compare_golden', reference: 'no.png' }] }"
    let recipe = try recipe(text)
    #expect {
      try Inspector(recipe)
    } throws: { "\($0)".contains("column 71: the picture 'no.png': No such file") }
  }

  /// A reference may show the whole part, or just what the tool looks at.
  @Test func aRegionMustLieInTheReference() throws {
    func inspector(_ roi: String) throws -> Inspector {
      try Inspector(recipe(Self.start + ", roi: { \(roi) } }] }"))
    }
    let part = try #require(SceneKind.find("board")).scene(seed: 1).reference.raster.view
    let record = try inspector("x: 200, y: 100, w: 300, h: 200").worker().inspect(
      part, image: "", time: "")
    #expect(record.verdict == .ok && record.score < 0.5, "\(record.error ?? "")")
    #expect {
      try inspector("x: 900, y: 0, w: 300, h: 200")
    } throws: { "\($0)".contains("column 34: the region 300x200 at (900, 0) is not inside scene:board") }
  }

  @Test func aToolMayHaveAnEngineOfItsOwn() throws {
    let own = try recipe(Self.start + ", engine: 'reference' }, { tool: 'blob' }] }")
    #expect(own.steps.map(\.engine) == [.reference, nil])
    let other = try recipe(Self.start + " }, { tool: 'blob' }] }")
    let changes = RecipeDifference(from: own, to: other, files: (old: [], new: [])).changes
    #expect(changes.map(\.text) == ["changed    compare_golden_1.engine: \"reference\" -> none"])
  }

  @Test func theHashIsOfWhatIsMeantNotOfHowItIsWritten() throws {
    let a = try Inspector(recipe(Self.start + "}] }"))
    let b = try Inspector(recipe("// why\n" + Self.start + ", }], }"))
    let c = try Inspector(recipe(Self.start + ", tolerance: 31 }] }"))
    #expect(a.recipeHash == b.recipeHash && a.recipeHash != c.recipeHash)
  }

  @Test(arguments: SceneKind.all.map(\.name)) func templatesAreRight(scene: String) throws {
    let kind = try #require(SceneKind.find(scene))
    #expect(throws: Never.self) { try Inspector(recipe(RecipeTemplates.scene(kind, name: "t"))) }
    #expect(throws: Never.self) { try Inspector(recipe(RecipeTemplates.general(name: "t"))) }
  }
}
