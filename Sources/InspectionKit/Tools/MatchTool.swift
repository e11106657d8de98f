import Configuration
import VisionCore
import VisionImage

/// Finds a template; too few or too many are NG.
struct MatchTool: Tool {
  static let nccKind = kind(
    .ncc, name: "match_ncc", summary: "a template at any angle and scale, by its grey values")
  static let shapeKind = kind(
    .shape, name: "match_shape", summary: "a template at any angle and scale, by its edges")

  private static func kind(_ method: MatchMethod, name: String, summary: String) -> ToolKind {
    ToolKind(
      name: name, summary: summary,
      parameters: [
        Parameter("template", .picture, "the picture of the part"),
        Parameter("mask", .picture, optional: true, "pixels of the template that count are not zero"),
        Parameter("angles", .numbers(2...2), default: .numbers([0, 0]), "degrees, anticlockwise"),
        Parameter("scales", .numbers(2...2), default: .numbers([1, 1]), "smallest and largest"),
        Parameter("levels", .whole(1...10), optional: true, "pyramid levels"),
        Parameter(
          "min-score", .real(0...1), optional: true,
          "least score of a match; where left out more than any disc or bar reaches, "
            + (method == .ncc ? "0.7 to 0.85" : "0.36 to 0.9")),
        Parameter("max-matches", .whole(1...10_000), default: 100, "how many at most"),
        Parameter("max-overlap", .real(0...1), default: 0.5, "share that two may both cover"),
        Parameter("polarity", .choice(MatchPolarity.allCases.map(\.rawValue)), default: "same", "sign of the contrast"),
        Parameter("greediness", .real(0...1), default: 0.5, "0 misses less, 1 is faster"),
        Parameter("timeout", .real(0.1...3_600_000), optional: true, "milliseconds after which the part is FAULT"),
        Parameter(
          "min-count", .whole(0...10_000), default: 1, strictness: .tighterWhenLarger,
          "fewer are NG"),
        Parameter(
          "max-count", .whole(0...10_000), default: 10_000, strictness: .looserWhenLarger,
          "more are NG"),
        Parameter("origin", .numbers(2...2), default: .numbers([0, 0]), "where the template's upper left pixel lay in the picture that tools which follow are set up in"),
      ],
      outputs: [.matches],
      make: { settings in
        let values = settings.values
        guard values.whole("min-count") <= values.whole("max-count") else {
          throw ToolError("min_count is larger than max_count")
        }
        guard case .text(let name)? = values["template"] else {
          throw ToolError("template is one picture, not a rule")
        }
        let picture = try settings.picture(name)
        var mask: Raster?
        if case .text(let name)? = values["mask"] { mask = try settings.picture(name) }
        do throws(ParameterError) {
          let machine = Machine()
          let model = try MatchModel.trained(
            values, picture.view, mask: mask?.view, method: method, on: machine)
          let minScore =
            values.has("min-score") ? values.real("min-score") : model.defaultMinScore(on: machine)
          return MatchTool(model: model, values: values, minScore: minScore)
        } catch {
          throw ToolError(error.message)
        }
      })
  }

  let model: MatchModel
  let values: ParameterValues
  let minScore: Double

  /// Where the template's centre lay in the picture that the recipe is written for.
  fileprivate var centre: PixelPoint {
    let origin = values.numbers("origin"), template = model.template
    return PixelPoint(
      x: origin[0] + Double(template.width - 1) / 2, y: origin[1] + Double(template.height - 1) / 2)
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker { MatchWorker(self, runner) }
}

private final class MatchWorker: ToolWorker {
  private let tool: MatchTool
  private let runner: OperatorRunner
  private let query: MatchQuery

  init(_ tool: MatchTool, _ runner: OperatorRunner) {
    self.tool = tool
    self.runner = runner
    let values = tool.values
    query = MatchQuery(
      minScore: tool.minScore, maxMatches: values.whole("max-matches"),
      maxOverlap: values.real("max-overlap"),
      polarity: MatchPolarity(rawValue: values.text("polarity")) ?? .same,
      greediness: values.real("greediness"),
      timeout: values.has("timeout") ? values.real("timeout") : nil)
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    let outcome = try runner.matches(of: tool.model, in: picture, query)
    let matches = outcome.matches
    let least = tool.values.whole("min-count"), most = tool.values.whole("max-count")
    var result = ToolResult(score: 0, defects: [])
    result.matches = matches
    result.outputs[ToolOutput.matches.name] = Double(matches.count)
    result.frame = matches.first.map { PartFrame($0, centre: tool.centre) }
    result.failover = outcome.failover
    if matches.count < least {
      result.score = 1 + Double(least - matches.count) / Double(least)
    } else if matches.count > most {
      result.score = Double(matches.count) / Double(max(1, most)) + (most == 0 ? 1 : 0)
    } else {
      // How near the worst of them is to being missed.
      let worst = matches.map(\.score).min() ?? 1
      result.score = query.minScore < 1 ? (1 - worst) / (1 - query.minScore) * 0.999 : 0
    }
    return result
  }
}
