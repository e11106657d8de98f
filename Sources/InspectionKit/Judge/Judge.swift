import Configuration
import VisionCore
import VisionImage

/// Decides by a condition over what the tools before said, names what is wrong as the plant calls
/// it, and gives it a number for the machine that sorts.
struct Judge: Tool {
  static let kind = ToolKind(
    name: "judge", summary: "decides by a condition over the results before; the last tool",
    parameters: [
      Parameter("good", .text, "the part is OK where this holds: print.ok and spots.count <= 3"),
      Parameter(
        "classes", .words, default: .words([:]),
        "other names for classes of defects: { short: \"bridge\" }"),
      Parameter(
        "codes", .codes(1...65535), default: .codes([:]),
        "the NG code of a class, or of the tool with the highest score: { bridge: 12 }"),
      Parameter("code", .whole(1...65535), optional: true, "the NG code of everything else"),
    ],
    takesRegion: false, takesFixture: false, decides: true,
    check: { (values, surroundings) throws(SettingError) in
      _ = try condition(values, surroundings)
    },
    make: { try Judge($0) })

  let condition: Condition
  let classes: [String: String]
  let codes: [String: Int]
  let otherCode: Int?

  private init(_ settings: ToolSettings) throws {
    let values = settings.values
    condition = try Self.condition(values, settings.surroundings)
    classes = values.words("classes")
    codes = values.codes("codes")
    otherCode = values.has("code") ? values.whole("code") : nil
  }

  private static func condition(
    _ values: ParameterValues, _ surroundings: ToolSurroundings
  ) throws(SettingError) -> Condition {
    do throws(ConditionParser.Failure) {
      return try ConditionParser.parse(
        values.text("good"),
        sources: surroundings.before.map { step in
          ConditionParser.Source(name: step.name, numbers: step.kind.outputs.map(\.name))
        },
        later: surroundings.after.map(\.name))
    } catch {
      throw SettingError(parameter: "good", offset: error.offset, message: error.message)
    }
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker { JudgeWorker(self) }

  /// What is said about a part with these results.
  func judgement(_ results: EarlierResults) -> Judgement {
    // What cannot be answered does not pass.
    let score = condition.badness(results) ?? 2
    let defects = results.defects.map { defect in
      var defect = defect
      defect.kind = defect.kind.map { classes[$0] ?? $0 }
      return defect
    }
    guard score >= 1 else { return Judgement(score: score, defects: defects) }
    var worst: Defect?
    for defect in defects where defect.score > worst?.score ?? -1 { worst = defect }
    let name = worst?.kind ?? results.worst.first?.tool
    let blamed = results.worst.first { codes[$0.tool] != nil }?.tool
    return Judgement(
      score: score, defects: defects, partClass: name,
      code: name.flatMap { codes[$0] } ?? blamed.flatMap { codes[$0] } ?? otherCode)
  }
}

/// What a judge says about a part; it stands for what the tools before said.
public struct Judgement: Sendable {
  public var score: Double
  /// All defects, under the names that the judge gives them.
  public var defects: [Defect]
  /// What is wrong with the part as a whole; nil where it is good.
  public var partClass: String?
  public var code: Int?
}

private final class JudgeWorker: ToolWorker {
  private let judge: Judge
  init(_ judge: Judge) { self.judge = judge }

  func inspect(_ picture: RasterView, of part: PartContext) -> ToolResult {
    let judgement = judge.judgement(part.earlier)
    var result = ToolResult(score: judgement.score, defects: [])
    result.judgement = judgement
    return result
  }
}
