import Configuration
import VisionCore
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds a rectangular edge: calipers outwards across every side, and a line through what each finds.
struct FindRectangle: Tool {
  static let kind = ToolKind(
    name: "find_rectangle", summary: "a rectangular edge: its width, height, angle or skew",
    parameters: [
      Parameter("center", .numbers(2...2), "where its middle should be, x and y"),
      Parameter("size", .numbers(2...2), "how wide and how high it should be, pixels"),
      Parameter("angle", .real(-360...360), default: .real(0), "of its width, degrees anticlockwise from the x axis"),
      Parameter("search", .real(5...5000), default: .real(40), "pixels inwards and outwards together"),
      Parameter("count", .whole(2...1000), default: 16, "calipers of a side; they look outwards"),
      Parameter(
        "measure", .choice(["width", "height", "angle", "skew"]), default: "width",
        "what is answered; skew is the largest deviation of a corner from 90 degrees"),
    ] + EdgeSearch.parameters + MeasuringFrame.parameters,
    outputs: [.value], takesRegion: false,
    make: { try FindRectangle($0) })

  /// Of a side; its ends may be rounded, and near the corners a caliper would see two edges.
  private static let usedShare = 0.8

  private let frame: MeasuringFrame
  private let search: EdgeSearch
  private let sides: [[(from: PixelPoint, to: PixelPoint)]]
  private let measure: String

  private init(_ settings: ToolSettings) throws {
    let values = settings.values
    frame = try MeasuringFrame(settings)
    search = EdgeSearch(values)
    measure = values.text("measure")
    let centre = EdgeSearch.point(values, "center"), size = values.numbers("size")
    guard size[0] >= 5, size[1] >= 5 else { throw ToolError("the rectangle is smaller than 5 pixels") }
    let turn = -values.real("angle") * .pi / 180, reach = values.real("search") / 2
    let count = values.whole("count")
    func place(_ u: Double, _ v: Double) -> PixelPoint {
      PixelPoint(
        x: centre.x + u * cos(turn) - v * sin(turn), y: centre.y + u * sin(turn) + v * cos(turn))
    }
    // Upper, right, lower, left: which way is out, and how far it is there.
    let outwards = [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]
    sides = outwards.map { x, y in
      let half = (x != 0 ? size[0] : size[1]) / 2, along = (x != 0 ? size[1] : size[0]) / 2
      let inner = half - min(reach, half - 0.5), outer = half + reach
      return (0..<count).map { i in
        let t = along * Self.usedShare * (2 * (Double(i) + 0.5) / Double(count) - 1)
        return (
          place(x * inner + abs(y) * t, y * inner + abs(x) * t),
          place(x * outer + abs(y) * t, y * outer + abs(x) * t)
        )
      }
    }
  }

  func worker(_ runner: OperatorRunner) throws -> any ToolWorker {
    let engine = try EdgeSearch.engine(of: runner)
    return PictureMeasurer { picture, part in
      let found = sides.map { side in
        side.compactMap {
          search.edge(from: part.fixture($0.from), to: part.fixture($0.to), in: picture)?.place
        }
      }
      let points = found.flatMap { $0 }, isAngle = measure == "angle" || measure == "skew"
      let places = found.compactMap { frame.places($0) }
      guard zip(found, sides).allSatisfy({ $0.count * 2 >= $1.count }), places.count == 4,
        let shape = RectangleShape.fit(places, engine: engine)
      else { return frame.result(nil, unit: isAngle ? "deg" : nil, feature: nil, points: points) }
      return frame.result(
        value(shape), unit: isAngle ? "deg" : nil,
        feature: MeasuredFeature(
          shape: .point(shape.centre), unit: frame.lengthUnit, points: points),
        points: points)
    }
  }

  private func value(_ shape: RectangleShape) -> Double {
    switch measure {
    case "height": shape.height
    case "angle": shape.angle.degrees
    case "skew": shape.skew
    default: shape.width
    }
  }
}
