import Configuration
import VisionCore
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds a straight edge: calipers across the line on which it should lie, and a line through what
/// they find.
struct FindLine: Tool {
  static let kind = ToolKind(
    name: "find_line", summary: "a straight edge near a line: its angle or its straightness",
    parameters: [
      Parameter("from", .numbers(2...2), "where the edge should start, x and y"),
      Parameter("to", .numbers(2...2), "where it should end"),
      Parameter("search", .real(5...5000), default: .real(40), "pixels across the line in which it is looked for"),
      Parameter("count", .whole(2...1000), default: 24, "calipers; they look from the left of the line to its right"),
      Parameter("measure", .choice(["angle", "straightness"]), default: "angle", "degrees from the x axis, or how wide a strip the edge needs"),
    ] + EdgeSearch.parameters + MeasuringFrame.parameters,
    outputs: [.value], takesRegion: false,
    make: { try FindLine($0) })

  private let frame: MeasuringFrame
  private let search: EdgeSearch
  private let calipers: [(from: PixelPoint, to: PixelPoint)]
  private let isAngle: Bool

  private init(_ settings: ToolSettings) throws {
    let values = settings.values
    frame = try MeasuringFrame(settings)
    search = EdgeSearch(values)
    isAngle = values.text("measure") == "angle"
    let from = EdgeSearch.point(values, "from"), to = EdgeSearch.point(values, "to")
    let length = hypot(to.x - from.x, to.y - from.y)
    guard length >= 5 else { throw ToolError("the line is shorter than 5 pixels") }
    let half = values.real("search") / 2, count = values.whole("count")
    // The left of who walks along the line, as seen on the screen.
    let left = (x: (to.y - from.y) / length * half, y: -(to.x - from.x) / length * half)
    calipers = (0..<count).map { i in
      let t = (Double(i) + 0.5) / Double(count)
      let x = from.x + t * (to.x - from.x), y = from.y + t * (to.y - from.y)
      return (PixelPoint(x: x + left.x, y: y + left.y), PixelPoint(x: x - left.x, y: y - left.y))
    }
  }

  func worker(_ runner: OperatorRunner) throws -> any ToolWorker {
    let engine = try EdgeSearch.engine(of: runner)
    return PictureMeasurer { picture, part in
      let found = calipers.compactMap {
        search.edge(from: part.fixture($0.from), to: part.fixture($0.to), in: picture)?.place
      }
      // Fewer than half: whatever was found is not this edge.
      guard found.count * 2 >= calipers.count, let places = frame.places(found),
        let line = LineShape.fit(places, engine: engine)
      else { return frame.result(nil, unit: isAngle ? "deg" : nil, feature: nil, points: found) }
      return frame.result(
        isAngle ? line.angle.degrees : line.straightness, unit: isAngle ? "deg" : nil,
        feature: MeasuredFeature(shape: .line(line), unit: frame.lengthUnit, points: found),
        points: found)
    }
  }
}
