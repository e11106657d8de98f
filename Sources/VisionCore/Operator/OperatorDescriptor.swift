import Configuration
import VisionImage

/// All there is to know about an operator but its code.
public struct OperatorDescriptor: Sendable {
  /// In kebab-case; the OpenCV engine's function and the guide page have the same name.
  public let name: String
  /// One line for lists and the help.
  public let summary: String
  public let parameters: [Parameter]
  /// Images it takes, 1 or 2.
  public let inputs: Int
  public let formats: [PixelFormat]
  /// How far the engines may differ.
  public let tolerance: Tolerance
  /// How far OpenCV may differ with these settings, where that is further.
  public let openCVTolerance: (@Sendable (_ settings: String, PixelFormat) -> Tolerance)?
  /// What pictures it is made for; the conformance suite and the benchmark use such.
  public let content: Content
  /// Settings that the conformance suite runs, one command line each; together they reach every
  /// branch of the code.
  public let conformanceCases: [String]
  public let benchmarkCases: [BenchmarkCase]
  /// False where OpenCV has nothing to compose it from.
  public let hasOpenCV: Bool

  public init(
    name: String, summary: String, parameters: [Parameter], inputs: Int = 1,
    formats: [PixelFormat], tolerance: Tolerance,
    openCVTolerance: (@Sendable (_ settings: String, PixelFormat) -> Tolerance)? = nil,
    content: Content = .any,
    conformanceCases: [String],
    benchmarkCases: [BenchmarkCase], hasOpenCV: Bool = true
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.inputs = inputs
    self.formats = formats
    self.tolerance = tolerance
    self.openCVTolerance = openCVTolerance
    self.content = content
    self.conformanceCases = conformanceCases
    self.benchmarkCases = benchmarkCases
    self.hasOpenCV = hasOpenCV
  }

  /// How far the engines may differ on such pixels. Single precision is not rounded to levels.
  public func tolerance(for format: PixelFormat) -> Tolerance {
    format == .f32 ? .ofRange(1e-5) : tolerance
  }

  /// How far OpenCV may differ.
  public func openCVTolerance(for format: PixelFormat, _ settings: String) -> Tolerance {
    openCVTolerance?(settings, format) ?? tolerance(for: format)
  }

  /// Settings from words of a command line: `--size 5 --sigma 1.1`.
  public func values(_ commandLine: String) throws(ParameterError) -> ParameterValues {
    let words = commandLine.split(separator: " ").map(String.init)
    var given: [String: ParameterValue] = [:]
    var i = 0
    while i < words.count {
      let name = String(words[i].drop { $0 == "-" })
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        throw ParameterError(unknownName("option", name, among: parameters.map(\.name)))
      }
      if case .flag = parameter.kind {
        given[name] = .flag(true)
        i += 1
        continue
      }
      guard i + 1 < words.count else { throw ParameterError("--\(name) needs a value") }
      given[name] = try parameter.parse(words[i + 1])
      i += 2
    }
    return try ParameterValues(given, of: parameters)
  }
}

/// What an operator's pictures show.
public enum Content: Sendable, Equatable {
  case any
  /// Zero, and what is not zero.
  case binary
  /// The same; rendered for the benchmark it is some thousand spots.
  case blobs
  /// The first picture is any, the second holds a few labelled spots on zero.
  case markers
  /// Bytes of a camera: width and height are multiples of these.
  case groups(width: Int, height: Int)
}

/// How far two engines' results may lie apart.
public enum Tolerance: Sendable, Equatable {
  case exact
  /// Every pixel within so many levels of an 8-bit or 16-bit image.
  case levels(Int)
  /// At least this share of the pixels within so many levels.
  case share(Double, levels: Int)
  /// Numbers, relative to the larger.
  case relative(Double)
  /// Pixels within so much of each other.
  case within(Double)
  /// Pixels within this share of the largest that occurs, whatever its sign.
  case ofRange(Double)
}

public struct BenchmarkCase: Sendable {
  /// Carries the parameters, as in `gaussian-5-s1.1`.
  public let name: String
  /// For a picture of so many columns and rows.
  public let settings: @Sendable (_ width: Int, _ height: Int) -> String

  public init(_ name: String, _ settings: String) {
    self.init(name) { _, _ in settings }
  }

  /// Where places and sizes follow the picture.
  public init(_ name: String, _ settings: @escaping @Sendable (Int, Int) -> String) {
    self.name = name
    self.settings = settings
  }
}
