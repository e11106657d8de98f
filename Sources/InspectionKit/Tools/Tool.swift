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
  /// Whether it can follow a part that an earlier tool found.
  public let takesFixture: Bool
  /// What a judge behind it may ask of it, besides whether it is ok.
  public let outputs: [ToolOutput]
  /// A parameter whose value brings further ones, and the values that it may have.
  public let selector: (parameter: String, values: [String])?
  /// It decides in the place of all tools before, so nothing may stand behind it.
  public let decides: Bool
  /// Checks what no parameter can know by itself: names of other tools.
  public let check: @Sendable (ParameterValues, ToolSurroundings) throws(SettingError) -> Void
  /// Makes the tool from its settings; files that they name are read now.
  public let make: @Sendable (ToolSettings) throws -> any Tool

  public init(
    name: String, summary: String, parameters: [Parameter], outputs: [ToolOutput] = [],
    takesRegion: Bool = true, takesFixture: Bool = true, decides: Bool = false,
    selector: (parameter: String, values: [String])? = nil,
    moreParameters: @escaping @Sendable (JSON) throws(ParameterError) -> [Parameter] = {
      (_: JSON) throws(ParameterError) in []
    },
    check: @escaping @Sendable (ParameterValues, ToolSurroundings) throws(SettingError) -> Void = {
      (_: ParameterValues, _: ToolSurroundings) throws(SettingError) in
    },
    make: @escaping @Sendable (ToolSettings) throws -> any Tool
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.outputs = ToolOutput.ofEveryTool + outputs
    self.takesRegion = takesRegion
    self.takesFixture = takesFixture
    self.decides = decides
    self.selector = selector
    self.check = check
    self.moreParameters = moreParameters
    self.make = make
  }

  public static let all: [ToolKind] = [
    Preprocess.kind, CompareGolden.kind, ComparePattern.kind, Anomaly.kind, EdgeFlaw.kind, Bead.kind,
    BlobTool.kind, MatchTool.nccKind, MatchTool.shapeKind,
    CaliperTool.kind, ArcCaliper.kind, FindLine.kind, FindCircle.kind, FindEllipse.kind,
    FindRectangle.kind, Gauge.kind,
    Judge.kind,
  ]

  /// Whether it answers with a measured value.
  var measures: Bool { outputs.contains { $0.name == ToolOutput.value.name } }

  /// Whether it tells where parts lie.
  var locates: Bool { outputs.contains { $0.name == ToolOutput.matches.name } }

  public static func find(_ name: String) -> ToolKind? { all.first { $0.name == name } }
}

/// A number that a tool says about a part.
public struct ToolOutput: Sendable {
  public let name: String
  public let summary: String

  public init(_ name: String, _ summary: String) {
    self.name = name
    self.summary = summary
  }

  static let ofEveryTool = [
    ToolOutput("score", "1 and above is beyond the tool's limits"),
    ToolOutput("defects", "how many it found"),
    ToolOutput("largest", "pixels of the largest defect, 0 without one"),
  ]
  static let matches = ToolOutput("matches", "how many parts it found")
  static let value = ToolOutput("value", "what was measured, in its unit")
}

/// The tools around one in its recipe.
public struct ToolSurroundings: Sendable {
  public let before: ArraySlice<Recipe.Step>
  public let after: ArraySlice<Recipe.Step>

  /// Whether the names of other tools are those of tools before, as `parameter` must name them.
  func requireEarlier(
    _ name: String, as parameter: String, where fits: (ToolKind) -> Bool
  ) throws(SettingError) {
    if before.contains(where: { $0.name == name && fits($0.kind) }) { return }
    let able = before.filter { fits($0.kind) }.map(\.name)
    let message =
      if after.contains(where: { $0.name == name }) {
        "the tool '\(name)' comes after this one"
      } else if let other = before.first(where: { $0.name == name }) {
        "a \(other.kind.name) does not give what is needed here"
      } else {
        unknownName("tool", name, among: able)
      }
    throw SettingError(parameter: parameter, message: message)
  }
}

/// What is wrong with a setting that fits its parameter by itself.
public struct SettingError: Error, Sendable {
  public let parameter: String
  /// The character of a text that is wrong, counted from 0; nil: all of it.
  public var offset: Int?
  public let message: String
}

/// What a recipe says about one of its tools.
public struct ToolSettings: Sendable {
  public let name: String
  public let values: ParameterValues
  /// Where the tool looks; nil: everywhere.
  public let region: PixelRect?
  public let surroundings: ToolSurroundings
  /// Opens a picture that the settings name, relative to the recipe.
  public let picture: @Sendable (String) throws -> Raster
  /// The bytes of a file that the settings name, relative to the recipe.
  public let file: @Sendable (String) throws -> [UInt8]
  /// What the tool learned; nil before training.
  public let model: LearnedModel.Part?
}

extension ToolSettings {
  /// What the tool looks at of a picture that shows all; one of the region's size shows just that.
  func regional(_ picture: Raster, _ name: String) throws -> Raster {
    guard let region, picture.width != region.width || picture.height != region.height else {
      return picture
    }
    guard picture.layout.bounds.contains(region) else {
      throw ToolError(
        "the region \(region) is not inside \(name) of \(picture.width)x\(picture.height) pixels")
    }
    return Raster(copying: picture.view.cropped(to: region))
  }
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
  /// Where the coordinates of the recipe lie in the tool's pixels: a part that it follows.
  public var fixture = PartFrame.whole
  /// What the measuring tools before found, by their names.
  public var features: [String: MeasuredFeature] = [:]
  /// What all tools before said.
  public var earlier = EarlierResults()
  /// Whether `map` will be asked for.
  public var wantsMap = false
}

public struct ToolResult: Sendable {
  public var score: Double
  public var defects: [Defect]
  /// Parts that were found, in the pixels that the tool was given.
  public var matches: [Match] = []
  /// Where the coordinates of the picture lie that the recipe was written for, for tools that follow.
  public var frame: PartFrame?
  public var measurements: [Measurement] = []
  /// What a measuring tool found, for those that gauge it.
  public var feature: MeasuredFeature?
  /// The numbers that the tool's kind declares.
  public var outputs: [String: Double] = [:]
  /// Stands for what the tools before said.
  public var judgement: Judgement?
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
