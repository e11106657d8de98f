import Configuration
import Testing

@Suite struct ParameterTests {
  static let size = Parameter("size", .odd(1...31), default: 3, "window")
  static let type = Parameter("type", .choice(["binary", "trunc"]), default: "binary", "kind")
  static let box = Parameter("box", .size(1...9), "box")

  @Test(arguments: [
    (Self.size, "5", ParameterValue.whole(5)), (Self.type, "trunc", .text("trunc")),
    (Self.box, "3", .size(width: 3, height: 3)), (Self.box, "3x4", .size(width: 3, height: 4)),
  ])
  func wordsBecomeValues(parameter: Parameter, word: String, value: ParameterValue) throws {
    #expect(try parameter.parse(word) == value)
  }

  @Test(arguments: [
    (Self.size, "4", "'4' is not an odd whole number from 1 to 31"), (Self.size, "33", "from 1 to 31"),
    (Self.type, "binry", "did you mean 'binary'?"), (Self.box, "3x", "K or WxH"),
    (Self.box, "1x2x3", "K or WxH"),
  ])
  func misfitsSayWhatWouldFit(parameter: Parameter, word: String, words: String) {
    #expect {
      try parameter.parse(word)
    } throws: { ($0 as? ParameterError)?.message.contains(words) == true }
  }

  @Test func defaultsFillInAndMissingOnesAreNamed() throws {
    let values = try ParameterValues(["box": .size(width: 2, height: 2)], of: [Self.size, Self.box])
    #expect(values.whole("size") == 3 && values.size("box").width == 2)
    #expect(values.given == ["box"])
    #expect(throws: ParameterError.self) { try ParameterValues([:], of: [Self.box]) }
  }

  @Test(arguments: [("thresold", "threshold"), ("gausian", "gaussian"), ("thr", "threshold")])
  func nearNamesAreFound(word: String, expected: String) {
    #expect(nearestName(to: word, among: ["threshold", "gaussian", "box"]) == expected)
  }

  @Test func farNamesAreNotGuessed() {
    #expect(nearestName(to: "zebra", among: ["threshold", "gaussian", "box"]) == nil)
  }
}
