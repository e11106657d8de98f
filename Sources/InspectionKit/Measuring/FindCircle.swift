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
  /// The circle on which the edge should be, and where it is looked for.
  let centre: PixelPoint
  let radius: Double
  let half: Double
  let directions: [Double]
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
    centre = EdgeSearch.point(values, "center")
    radius = values.real("radius")
    half = values.real("search") / 2
    let count = values.whole("count")
    let arc = values.has("arc") ? values.numbers("arc") : [0, 360]
    guard arc[1] > arc[0] else { throw ToolError("the arc ends before it starts") }
    directions = (0..<count).map { arc[0] + (arc[1] - arc[0]) * (Double($0) + 0.5) / Double(count) }
  }

  func worker(_ runner: OperatorRunner) throws -> any ToolWorker {
    let engine = try EdgeSearch.engine(of: runner)
    return PictureMeasurer { picture, part in
      let found = edges(of: part, in: picture, engine)
      guard found.count * 2 >= directions.count, let places = frame.places(found),
        let shape = fit(places, engine)
      else { return frame.result(nil, feature: nil, points: found) }
      return frame.result(
        value(shape),
        feature: MeasuredFeature(shape: .ellipse(shape), unit: frame.lengthUnit, points: found),
        points: found)
    }
  }

  /// Felt from where the middle should be, then again across what was found: a strip sees a round edge
  /// where it is only if it knows how the edge bends.
  private func edges(
    of part: PartContext, in picture: RasterView, _ engine: Engine
  ) -> [PixelPoint] {
    let middle = part.fixture(centre)
    let rays = directions.map { degrees -> (path: CaliperPath, direction: Angle, rim: PixelPoint) in
      let angle = degrees * .pi / 180
      let rim = part.fixture(
        PixelPoint(x: centre.x + radius * cos(angle), y: centre.y - radius * sin(angle)))
      let direction = Angle.radians(atan2(middle.y - rim.y, rim.x - middle.x))
      let distance = hypot(rim.x - middle.x, rim.y - middle.y)
      let path = CaliperPath.ray(
        centre: middle, direction: direction, from: distance - min(half, distance - 0.5),
        to: distance + half)
      return (path, direction, rim)
    }
    let first = rays.compactMap { search.edge(along: $0.path, in: picture)?.place }
    guard first.count * 2 >= directions.count, let shape = fit(first, engine) else { return first }
    // No farther than was looked before.
    let away = rays.map { abs(shape.distance(to: $0.rim)) }.max() ?? 0
    let narrower = max(min(half, 5), half - away)
    let second = rays.compactMap {
      search.edge(along: shape.ray(towards: $0.direction, half: narrower), in: picture)?.place
    }
    return second.count < first.count ? first : second
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
