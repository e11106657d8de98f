import Configuration
import VisionCore
import VisionImage

/// What is to be done with a picture, as somebody wrote it down: a text that can be read, compared,
/// reviewed and tested.
public struct Recipe: Sendable {
  public struct Step: Sendable {
    public let name: String
    public let kind: ToolKind
    public let values: ParameterValues
    /// Where the tool looks; nil: everywhere.
    public let region: PixelRect?
    /// The tool that finds the part which this one follows.
    public let fixture: String?
    /// Which engine computes for it; nil: the recipe's.
    public let engine: EngineChoice?
    /// Those that follow from the values: of the operator that it runs.
    let moreParameters: [Parameter]
    let location: SourceLocation
    /// Where the values of its parameters stand.
    let places: [String: SourceLocation]

    /// Where a file is named.
    func place(of file: String) -> SourceLocation {
      let parameter = parameters.first { values[$0.name] == .text(file) }
      return parameter.flatMap { places[$0.name] } ?? location
    }
  }

  /// A picture with what is expected of it.
  public struct Test: Sendable {
    /// What a measuring tool should answer, give or take the tolerance.
    public struct Value: Sendable, Equatable {
      public let tool: String
      public let value: Double
      public let tolerance: Double
    }
    public let image: String
    public let verdict: Verdict
    public let measurements: [Value]
    let location: SourceLocation
  }

  public let name: String
  /// Where pictures come from where the command line does not say.
  public let camera: String?
  let cameraLocation: SourceLocation?
  public let engine: EngineChoice
  /// A part without a verdict after so long is FAULT; nil: as long as it takes.
  public let deadlineMilliseconds: Int?
  public let steps: [Step]
  public let tests: [Test]
  /// The text without comments and spaces: what the hash is taken of.
  let canonicalText: String
  /// The folder that the recipe's files are relative to.
  public let folder: String
  public let path: String

  /// What is wrong with the camera that the recipe names.
  public func cameraError(_ why: String) -> RecipeError {
    RecipeError(path, cameraLocation, "camera: \(why)")
  }

  func surroundings(of step: Int) -> ToolSurroundings {
    ToolSurroundings(before: steps[..<step], after: steps[(step + 1)...])
  }
}

/// What is wrong with a recipe, and where.
public struct RecipeError: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let location: SourceLocation?
  public let message: String

  public init(_ path: String, _ location: SourceLocation?, _ message: String) {
    self.path = path
    self.location = location
    self.message = message
  }

  /// "recipe.json5: line 3, column 5", or the path alone.
  public var place: String { location.map { "\(path): \($0)" } ?? path }
  public var description: String { "\(place): \(message)" }
}
