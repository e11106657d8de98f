import Configuration
import VisionCore
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Measures along an arc: teeth, slots and marks around a middle.
struct ArcCaliper: Tool {
  static let kind = ToolKind(
    name: "arc_caliper", summary: "edges along an arc: the width or the angle between two of them",
    parameters: [
      Parameter("center", .numbers(2...2), "the middle of the arc, x and y"),
      Parameter("radius", .real(2...50_000), "pixels from there to the arc"),
      Parameter("arc", .numbers(2...2), "from and to which angle, degrees anticlockwise from the x axis; clockwise where the second is smaller"),
      Parameter(
        "measure", .choice(["width", "angle", "position"]), default: "width",
        "straight across from the first edge to the last of the other kind, the angle between these, or the angle of one edge"),
    ] + EdgeSearch.parameters + MeasuringFrame.parameters,
    outputs: [.value], takesRegion: false,
    make: { try ArcCaliper($0) })

  private let frame: MeasuringFrame
  private let search: EdgeSearch
  private let centre: PixelPoint
  private let radius: Double
  private let arc: (start: Double, sweep: Double)
  private let measure: String

  private init(_ settings: ToolSettings) throws {
    let values = settings.values
    frame = try MeasuringFrame(settings)
    search = EdgeSearch(values)
    centre = EdgeSearch.point(values, "center")
    radius = values.real("radius")
    let angles = values.numbers("arc")
    arc = (angles[0], angles[1] - angles[0])
    measure = values.text("measure")
    guard abs(arc.sweep) <= 360 else { throw ToolError("the arc is longer than a whole turn") }
    guard radius * abs(arc.sweep) * .pi / 180 >= 5 else {
      throw ToolError("the arc is shorter than 5 pixels")
    }
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker {
    PictureMeasurer { picture, part in
      let middle = part.fixture(centre)
      // As the part is turned, so is where the arc starts.
      let start = part.fixture(
        PixelPoint(
          x: centre.x + radius * cos(arc.start * .pi / 180),
          y: centre.y - radius * sin(arc.start * .pi / 180)))
      let path = CaliperPath.arc(
        centre: middle, radius: hypot(start.x - middle.x, start.y - middle.y),
        start: .radians(atan2(middle.y - start.y, start.x - middle.x)), sweep: .degrees(arc.sweep))
      return measure == "position" ? position(path, in: picture) : width(path, in: picture)
    }
  }

  private func position(_ path: CaliperPath, in picture: RasterView) -> ToolResult {
    guard let edge = search.edge(along: path, in: picture), let places = frame.places([edge.place])
    else { return frame.result(nil, unit: "deg", feature: nil, points: []) }
    let along = edge.position / path.length * arc.sweep
    return frame.result(
      arc.start + along, unit: "deg",
      feature: MeasuredFeature(shape: .point(places[0]), unit: frame.lengthUnit, points: [edge.place]),
      points: [edge.place])
  }

  private func width(_ path: CaliperPath, in picture: RasterView) -> ToolResult {
    let isAngle = measure == "angle"
    guard let (first, last) = search.pair(along: path, in: picture),
      let places = frame.places([first.place, last.place])
    else { return frame.result(nil, unit: isAngle ? "deg" : nil, feature: nil, points: []) }
    let points = [first.place, last.place]
    let across = hypot(places[1].x - places[0].x, places[1].y - places[0].y)
    let degrees = (last.position - first.position) / path.length * abs(arc.sweep)
    return frame.result(
      isAngle ? degrees : across, unit: isAngle ? "deg" : nil,
      feature: MeasuredFeature(
        shape: .point(PixelPoint(x: (places[0].x + places[1].x) / 2, y: (places[0].y + places[1].y) / 2)),
        unit: frame.lengthUnit, points: points),
      points: points)
  }
}
