import Configuration
import VisionCore
import VisionImage

/// Runs an operator on the picture; the tools behind it see what comes out.
struct Preprocess: Tool {
  static let kind = ToolKind(
    name: "preprocess", summary: "an operator on the picture, for the tools behind it",
    parameters: [Parameter("operator", .text, "its name, with its options as further keys")],
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
      return try make(type, settings.values)
    })

  private let open: @Sendable (OperatorRunner) -> any ToolWorker

  private static func make<Op: Operator>(_ type: Op.Type, _ values: ParameterValues) throws -> Preprocess {
    let op: Op
    do throws(ParameterError) {
      op = try Op(values)
    } catch {
      throw ToolError("\(Op.descriptor.name): \(error.message)")
    }
    let probe = RasterLayout(format: .u8, width: 64, height: 64)
    if (try? op.outputLayout(for: [probe])) == .some(nil) {
      throw ToolError("\(Op.descriptor.name) answers with numbers and makes no picture")
    }
    return Preprocess(open: { PreprocessWorker(op, $0) })
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker { open(runner) }
}

private final class PreprocessWorker<Op: Operator>: ToolWorker {
  private let op: Op
  private let runner: OperatorRunner
  private var result: Raster?

  init(_ op: Op, _ runner: OperatorRunner) {
    self.op = op
    self.runner = runner
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    let outcome = try runner.run(op, on: OperatorInputs(picture), into: &result)
    // Places of defects are those of the camera's picture.
    guard let result, result.width == picture.width, result.height == picture.height else {
      throw ToolError("\(Op.descriptor.name) makes a picture of another size; defects would be misplaced")
    }
    return ToolResult(score: 0, defects: [], failover: outcome.failover)
  }

  func output() -> RasterView? { result?.view.eightBit() }
}
