import Configuration
import VisionCore
import VisionImage

/// A kind of tool as recipes name it. The registry of these gives the parser, the checks, the help
/// and the guide; a new tool is added there and nowhere else.
public struct ToolKind: Sendable {
  /// In snake_case.
  public let name: String
  public let summary: String
  public let parameters: [Parameter]
  /// Further parameters that follow from what was given: those of the operator that a tool runs.
  public let moreParameters: @Sendable (_ given: JSON) throws(ParameterError) -> [Parameter]
  /// False for tools that work on the whole picture.
  public let takesRegion: Bool
  /// Makes the tool from its settings; files that they name are read now.
  public let make: @Sendable (ToolSettings) throws -> any Tool

  public init(
    name: String, summary: String, parameters: [Parameter], takesRegion: Bool = true,
    moreParameters: @escaping @Sendable (JSON) throws(ParameterError) -> [Parameter] = {
      (_: JSON) throws(ParameterError) in []
    },
    make: @escaping @Sendable (ToolSettings) throws -> any Tool
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.takesRegion = takesRegion
    self.moreParameters = moreParameters
    self.make = make
  }

  public static let all: [ToolKind] = [
    Preprocess.kind, CompareGolden.kind, ComparePattern.kind, Anomaly.kind, EdgeFlaw.kind,
    Bead.kind, BlobTool.kind,
    CaliperTool.kind, FindLine.kind, FindCircle.kind, FindEllipse.kind, Gauge.kind,
  ]

  public static func find(_ name: String) -> ToolKind? { all.first { $0.name == name } }
}

/// What a recipe says about one of its tools.
public struct ToolSettings: Sendable {
  public let name: String
  public let values: ParameterValues
  /// Opens a picture that the settings name, relative to the recipe.
  public let picture: @Sendable (String) throws -> Raster
  /// The bytes of a file that the settings name, relative to the recipe.
  public let file: @Sendable (String) throws -> [UInt8]
  /// What the tool learned; nil before training.
  public let model: LearnedModel.Part?
}

/// A tool with everything that it learned from its settings; shared by all threads.
public protocol Tool: Sendable {
  /// A worker with buffers of its own, for one thread.
  func worker(_ runner: OperatorRunner) throws -> any ToolWorker
}

public protocol ToolWorker: AnyObject {
  /// Reads what belongs to the part before the clock runs: its reference picture by rule.
  func prepare(for part: PartContext) throws
  /// What the tool says about a picture.
  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult
  /// The picture that the tools behind it see; nil where that is the same as before.
  func output() -> RasterView?
  /// How much every pixel of the last picture is not as it should be, 10000 at the limit; nil for
  /// tools that do not judge by pixels.
  func map() -> Image<UInt16>?
}

extension ToolWorker {
  public func prepare(for part: PartContext) throws {}
  public func output() -> RasterView? { nil }
  public func map() -> Image<UInt16>? { nil }
}

/// What a tool may want to know of a part besides its pixels.
public struct PartContext: Sendable {
  /// The picture's path, or another name.
  public let image: String
  /// Where the pixels lie in the whole picture; nil: they are all of it.
  public let region: PixelRect?
  /// What the measuring tools before found, by their names.
  public var features: [String: MeasuredFeature] = [:]
}

public struct ToolResult: Sendable {
  public var score: Double
  public var defects: [Defect]
  public var measurements: [Measurement] = []
  /// What a measuring tool found, for those that gauge it.
  public var feature: MeasuredFeature?
  /// Why an engine did not answer, where the second one did.
  public var failover: String?

  public init(score: Double, defects: [Defect], failover: String? = nil) {
    self.score = score
    self.defects = defects
    self.failover = failover
  }
}

/// Why a tool cannot say anything about a picture.
public struct ToolError: Error, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
