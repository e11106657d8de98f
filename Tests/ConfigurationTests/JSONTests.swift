import Configuration
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    ("{}", "{}"), ("[1, 2.5, -3e2]", "[1,2.5,-300]"), ("\"a\\u00e9\\n\\ud83d\\ude00\"", "\"aé\\n😀\""),
    ("{\"b\": true, \"a\": null}", "{\"b\":true,\"a\":null}"),
  ])
  func strictTextReadsAndWrites(text: String, canonical: String) throws {
    #expect(try JSONParser.parse(text, as: .json).json.text == canonical)
  }

  @Test func json5AddsCommentsBareKeysQuotesAndTrailingCommas() throws {
    let text = "// a recipe\n{ a: 'x', /* why */ 'b c': [+1, .5, 5.,], }\n"
    #expect(try JSONParser.parse(text, as: .json5).json.text == "{\"a\":\"x\",\"b c\":[1,0.5,5]}")
    #expect(throws: TextError.self) { try JSONParser.parse(text, as: .json) }
  }

  @Test(arguments: [
    ("{\n  a: 1,\n  a: 2\n}", 3, 3, "second time"), ("{ a: 5mm }", 1, 6, "'5mm' is not a number"),
    ("[1, 2", 1, 6, "the end of the text"), ("{ a: on }", 1, 6, "'on' is not a value"),
    ("\n\n  /* x", 3, 3, "never closed"), ("[01]", 1, 2, "'01' is not a number"),
    ("{\"é\": 'x}", 1, 7, "never closed"), ("", 1, 1, "missing"), ("[1] 2", 1, 5, "after the end"),
    (String(repeating: "[", count: 70), 1, 65, "nested deeper"),
  ])
  func mistakesHaveLineAndColumn(text: String, line: Int, column: Int, words: String) {
    #expect {
      try JSONParser.parse(text, as: .json5)
    } throws: { error in
      guard let error = error as? TextError else { return false }
      return error.location == SourceLocation(line: line, column: column)
        && error.message.contains(words)
    }
  }

  @Test func whatIsNotUTF8IsRefusedWhereItStops() {
    #expect {
      try JSONParser.parse([0x7b, 0xff, 0x2a, 0xf0, 0x2f], as: .json5)
    } throws: { ($0 as? TextError)?.location == SourceLocation(line: 1, column: 2) }
  }

  @Test func textThatIsTooLongIsRefusedUnread() {
    #expect(throws: TextError.self) {
      try JSONParser.parse(Array(repeating: 0x20, count: 100), as: .json, limit: 99)
    }
  }
}
