import Configuration
import VisionCore
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Measures where an edge is along a line, or how far two edges are apart.
struct CaliperTool: Tool {
  static let kind = ToolKind(
    name: "caliper", summary: "an edge's place along a line, or the width between two edges",
    parameters: [
      Parameter("from", .numbers(2...2), "where the line starts, x and y"),
      Parameter("to", .numbers(2...2), "where it ends"),
      Parameter(
        "measure", .choice(["width", "position"]), default: "width",
        "between the first edge and the last of the other kind, or from the start to an edge"),
    ] + EdgeSearch.parameters + MeasuringFrame.parameters,
    outputs: [.value], takesRegion: false,
    make: { try CaliperTool($0) })

  private let frame: MeasuringFrame
  private let search: EdgeSearch
  private let from: PixelPoint
  private let to: PixelPoint
  private let isWidth: Bool

  private init(_ settings: ToolSettings) throws {
    frame = try MeasuringFrame(settings)
    search = EdgeSearch(settings.values)
    from = EdgeSearch.point(settings.values, "from")
    to = EdgeSearch.point(settings.values, "to")
    isWidth = settings.values.text("measure") == "width"
    guard hypot(to.x - from.x, to.y - from.y) >= 5 else {
      throw ToolError("the caliper is shorter than 5 pixels")
    }
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker {
    PictureMeasurer { picture, part in
      let from = part.fixture(from), to = part.fixture(to)
      return isWidth
        ? width(from, to, in: picture) : position(from, to, in: picture)
    }
  }

  private func position(
    _ from: PixelPoint, _ to: PixelPoint, in picture: RasterView
  ) -> ToolResult {
    guard let edge = search.edge(from: from, to: to, in: picture),
      let places = frame.places([from, edge.place])
    else { return frame.result(nil, feature: nil, points: []) }
    let value = hypot(places[1].x - places[0].x, places[1].y - places[0].y)
    return frame.result(
      value,
      feature: MeasuredFeature(shape: .point(places[1]), unit: frame.lengthUnit, points: [edge.place]),
      points: [edge.place])
  }

  private func width(_ from: PixelPoint, _ to: PixelPoint, in picture: RasterView) -> ToolResult {
    let path = CaliperPath.line(from: from, to: to)
    guard let (first, last) = search.pair(along: path, in: picture),
      let places = frame.places([first.place, last.place])
    else {
      let alone = search.edges(along: path, in: picture, polarity: .any).map(\.place)
      return frame.result(nil, feature: nil, points: alone)
    }
    let middle = PixelPoint(x: (places[0].x + places[1].x) / 2, y: (places[0].y + places[1].y) / 2)
    return frame.result(
      hypot(places[1].x - places[0].x, places[1].y - places[0].y),
      feature: MeasuredFeature(
        shape: .point(middle), unit: frame.lengthUnit, points: [first.place, last.place]),
      points: [first.place, last.place])
  }
}

/// The worker of every tool that needs nothing but the picture and what was found before.
final class PictureMeasurer: ToolWorker {
  private let measure: (RasterView, PartContext) throws -> ToolResult

  init(_ measure: @escaping (RasterView, PartContext) throws -> ToolResult) {
    self.measure = measure
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    try measure(picture, part)
  }
}
