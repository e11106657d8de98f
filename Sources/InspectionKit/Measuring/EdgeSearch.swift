import Configuration
import VisionCore
import VisionImage

/// How edges are looked for: the same words for every tool that does.
struct EdgeSearch: Sendable {
  enum Choice: String, CaseIterable { case first, last, strongest }

  static let parameters = [
    Parameter("width", .real(1...1000), default: .real(9), "pixels across a caliper that are taken together"),
    Parameter(
      "polarity", .choice(Caliper.Polarity.allCases.map(\.rawValue)), default: "any",
      "whether it gets brighter (rising) or darker along the caliper"),
    Parameter("edge", .choice(Choice.allCases.map(\.rawValue)), default: "strongest", "which, of several"),
    Parameter("contrast", .real(0.5...255), default: .real(15), "grey levels of the smallest step that counts"),
  ]

  let width: Double
  let polarity: Caliper.Polarity
  private let choice: Choice
  private let contrast: Double

  init(_ values: ParameterValues) {
    width = values.real("width")
    polarity = Caliper.Polarity(rawValue: values.text("polarity")) ?? .any
    choice = Choice(rawValue: values.text("edge")) ?? .strongest
    contrast = values.real("contrast")
  }

  func edges(
    along path: CaliperPath, in picture: RasterView, polarity: Caliper.Polarity? = nil
  ) -> [Caliper.Edge] {
    Caliper(along: path, width: width, polarity: polarity ?? self.polarity, contrast: contrast)
      .edges(in: picture)
  }

  func edge(from: PixelPoint, to: PixelPoint, in picture: RasterView) -> Caliper.Edge? {
    edge(along: .line(from: from, to: to), in: picture)
  }

  /// The first edge of the polarity that is asked for, and the last one of the other.
  func pair(
    along path: CaliperPath, in picture: RasterView
  ) -> (first: Caliper.Edge, last: Caliper.Edge)? {
    let edges = edges(along: path, in: picture, polarity: .any)
    let isFirst = { (edge: Caliper.Edge) in
      polarity == .any || (edge.step > 0) == (polarity == .rising)
    }
    guard let first = edges.first(where: isFirst),
      let last = edges.last(where: {
        $0.position > first.position && ($0.step > 0) != (first.step > 0)
      })
    else { return nil }
    return (first, last)
  }

  func edge(along path: CaliperPath, in picture: RasterView) -> Caliper.Edge? {
    let found = edges(along: path, in: picture)
    switch choice {
    case .first: return found.first
    case .last: return found.last
    case .strongest: return found.max { abs($0.step) < abs($1.step) }
    }
  }

  /// Who fits curves through edges: OpenCV only where it is asked for by name.
  static func engine(of runner: OperatorRunner) throws(ToolError) -> Engine {
    guard runner.choice == .opencv else { return .native }
    if let why = OpenCVLibrary.calibrationLoadError {
      throw ToolError("OpenCV cannot fit curves here: \(why); take another engine")
    }
    return .opencv
  }

  static func point(_ values: ParameterValues, _ name: String) -> PixelPoint {
    let numbers = values.numbers(name)
    return PixelPoint(x: numbers[0], y: numbers[1])
  }
}
