import Configuration
import VisionCore
import VisionImage

/// Runs an operator on the picture; the tools behind it see what comes out.
struct Preprocess: Tool {
  static let kind = ToolKind(
    name: "preprocess", summary: "an operator on the picture, for the tools behind it",
    parameters: [
      Parameter("operator", .text, "its name, with its options as further keys"),
      RegionText.parameter,
    ],
    takesRegion: false, takesFixture: false,
    selector: ("operator", OperatorRegistry.names),
    moreParameters: { (given: JSON) throws(ParameterError) in
      guard let name = given["operator"]?.string else { return [] }
      guard let type = OperatorRegistry.find(name) else {
        throw ParameterError(unknownName("operator", name, among: OperatorRegistry.names))
      }
      let descriptor = type.descriptor
      guard descriptor.inputs == 1, descriptor.formats.contains(.u8) else {
        throw ParameterError("'\(name)' does not make a picture of one grey picture")
      }
      return descriptor.parameters
    },
    make: { settings in
      guard let type = OperatorRegistry.find(settings.values.text("operator")) else {
        throw ToolError("no such operator")
      }
      return try Preprocess(type, settings)
    })

  let name: String
  let step: OperatorPlan.Step
  /// Whether a picture of 8 bits comes out as one of the same size, so that the next operator can
  /// follow at once.
  let keepsShape: Bool
  /// The size of a mask that it is limited to, which pictures must have.
  private let maskSize: (width: Int, height: Int)?

  private init<Op: Operator>(_ type: Op.Type, _ settings: ToolSettings) throws {
    name = Op.descriptor.name
    let op: Op
    var limit: (region: Region, size: (width: Int, height: Int)?)?
    do throws(ParameterError) {
      op = try Op(settings.values)
    } catch {
      throw ToolError("\(name): \(error.message)")
    }
    if settings.values.has("region") {
      let text: RegionText
      do throws(ParameterError) {
        text = try RegionText(settings.values.text("region"))
      } catch {
        throw ToolError("\(name): \(error.message)")
      }
      limit = try text.region { try settings.picture($0) }
    }
    step = OperatorPlan.Step(op, within: limit?.region)
    maskSize = limit?.size
    let probe = RasterLayout(format: .u8, width: 67, height: 71)
    guard let layout = try? op.outputLayout(for: [probe]) else {
      throw ToolError("\(name) answers with numbers and makes no picture")
    }
    keepsShape = layout.sameShape(as: probe)
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker { PreprocessWorker([self], runner) }

  /// One worker for each of some that follow each other in a recipe: the operators go over the picture
  /// together, when the last one's turn comes.
  static func workers(_ tools: [Preprocess], _ runner: OperatorRunner) -> [any ToolWorker] {
    [any ToolWorker](repeating: PreprocessAhead(), count: tools.count - 1)
      + [PreprocessWorker(tools, runner)]
  }

  func check(_ picture: RasterView) throws {
    guard let maskSize, maskSize != (picture.width, picture.height) else { return }
    throw ToolError(
      "\(name): the mask of its region is \(maskSize.width)x\(maskSize.height), the picture \(picture.layout)")
  }
}

private final class PreprocessWorker: ToolWorker {
  private let tools: [Preprocess]
  private let plan: OperatorPlan
  private var result: Raster?

  init(_ tools: [Preprocess], _ runner: OperatorRunner) {
    self.tools = tools
    plan = OperatorPlan(tools.map(\.step), on: runner)
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    for tool in tools { try tool.check(picture) }
    let outcome = try plan.run(picture, into: &result)
    // Places of defects are those of the camera's picture.
    guard let result, result.width == picture.width, result.height == picture.height else {
      throw ToolError(
        "\(tools[tools.count - 1].name) makes a picture of another size; defects would be misplaced")
    }
    return ToolResult(score: 0, defects: [], failover: outcome.failover)
  }

  func output() -> RasterView? { result?.view.eightBit() }
}

/// Leaves the work to the one that follows.
private final class PreprocessAhead: ToolWorker {
  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    ToolResult(score: 0, defects: [])
  }
}
