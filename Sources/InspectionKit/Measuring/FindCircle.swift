import Configuration
import VisionCore
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds a round edge: calipers outwards all round, and a circle or an ellipse through what they find.
private struct FindRound: Tool {
  static let parameters =
    [
      Parameter("center", .numbers(2...2), "where its middle should be, x and y"),
      Parameter("radius", .real(2...50_000), "pixels to where its edge should be"),
      Parameter("search", .real(5...5000), default: .real(40), "pixels inwards and outwards together"),
      Parameter("count", .whole(5...2000), default: 48, "calipers; they look outwards"),
      Parameter("arc", .numbers(2...2), optional: true, "from and to which angle, degrees anticlockwise; all round where left out"),
    ] + EdgeSearch.parameters + MeasuringFrame.parameters

  let frame: MeasuringFrame
  let search: EdgeSearch
  let calipers: [(from: PixelPoint, to: PixelPoint)]
  let fit: @Sendable ([PixelPoint], Engine) -> EllipseShape?
  let value: @Sendable (EllipseShape) -> Double

  init(
    _ settings: ToolSettings, fit: @escaping @Sendable ([PixelPoint], Engine) -> EllipseShape?,
    value: @escaping @Sendable (EllipseShape) -> Double
  ) throws {
    let values = settings.values
    frame = try MeasuringFrame(settings)
    search = EdgeSearch(values)
    self.fit = fit
    self.value = value
    let centre = EdgeSearch.point(values, "center"), radius = values.real("radius")
    let half = min(values.real("search") / 2, radius - 0.5), count = values.whole("count")
    let arc = values.has("arc") ? values.numbers("arc") : [0, 360]
    guard arc[1] > arc[0] else { throw ToolError("the arc ends before it starts") }
    calipers = (0..<count).map { i in
      let degrees = arc[0] + (arc[1] - arc[0]) * (Double(i) + 0.5) / Double(count)
      let c = cos(degrees * .pi / 180), s = -sin(degrees * .pi / 180)
      let inner = radius - half, outer = radius + values.real("search") / 2
      return (
        PixelPoint(x: centre.x + inner * c, y: centre.y + inner * s),
        PixelPoint(x: centre.x + outer * c, y: centre.y + outer * s)
      )
    }
  }

  func worker(_ runner: OperatorRunner) throws -> any ToolWorker {
    let engine = try EdgeSearch.engine(of: runner)
    return PictureMeasurer { picture, part in
      let found = calipers.compactMap {
        search.edge(from: part.fixture($0.from), to: part.fixture($0.to), in: picture)?.place
      }
      guard found.count * 2 >= calipers.count, let places = frame.places(found),
        let shape = fit(places, engine)
      else { return frame.result(nil, feature: nil, points: found) }
      return frame.result(
        value(shape),
        feature: MeasuredFeature(shape: .ellipse(shape), unit: frame.lengthUnit, points: found),
        points: found)
    }
  }
}

enum FindCircle {
  static let kind = ToolKind(
    name: "find_circle", summary: "a round edge: its diameter, radius or roundness",
    parameters: [
      Parameter("measure", .choice(["diameter", "radius", "roundness"]), default: "diameter", "what is answered")
    ] + FindRound.parameters,
    outputs: [.value], takesRegion: false,
    make: { settings in
      let measure = settings.values.text("measure")
      return try FindRound(settings, fit: { points, _ in EllipseShape.fitCircle(points) }) { circle in
        switch measure {
        case "radius": circle.major
        case "roundness": circle.roundness
        default: 2 * circle.major
        }
      }
    })
}

enum FindEllipse {
  static let kind = ToolKind(
    name: "find_ellipse", summary: "an oval edge: its longer or shorter diameter",
    parameters: [
      Parameter("measure", .choice(["major", "minor"]), default: "major", "which diameter is answered")
    ] + FindRound.parameters,
    outputs: [.value], takesRegion: false,
    make: { settings in
      let isMajor = settings.values.text("measure") == "major"
      return try FindRound(settings, fit: { EllipseShape.fitEllipse($0, engine: $1) }) {
        2 * (isMajor ? $0.major : $0.minor)
      }
    })
}
