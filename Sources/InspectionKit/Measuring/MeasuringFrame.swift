import Configuration
import VisionCore
import VisionImage

/// What every measuring tool is told: in which unit it answers and between which limits.
struct MeasuringFrame: Sendable {
  static let parameters = [
    Parameter("mapping", .path, optional: true, "what 'calibrate plane' or 'points' wrote: results are mm"),
    Parameter("pixel-size", .real(1e-9...1e6), optional: true, "instead: millimetres of a pixel"),
    Parameter("nominal", .real(-1e9...1e9), optional: true, "what it should be; low and high are then around it"),
    Parameter("low", .real(-1e9...1e9), optional: true, strictness: .tighterWhenLarger, "the least that is right"),
    Parameter("high", .real(-1e9...1e9), optional: true, strictness: .looserWhenLarger, "the most that is right"),
  ]

  let name: String
  private let mapping: PlaneMapping?
  private let low: Double?
  private let high: Double?

  init(_ settings: ToolSettings) throws {
    let values = settings.values
    name = settings.name
    let nominal = values.has("nominal") ? values.real("nominal") : nil
    // With a nominal value the limits are deviations: low is below 0, high above.
    low = values.has("low") ? values.real("low") + (nominal ?? 0) : nil
    high = values.has("high") ? values.real("high") + (nominal ?? 0) : nil
    if let low, let high, low > high { throw ToolError("low is above high") }
    if nominal != nil, low == nil, high == nil { throw ToolError("nominal needs low and high around it") }
    guard !values.has("mapping") || !values.has("pixel-size") else {
      throw ToolError("mapping and pixel_size are given both")
    }
    if values.has("pixel-size") {
      let size = values.real("pixel-size")
      mapping = PlaneMapping(camera: nil, map: Homography([size, 0, 0, 0, size, 0, 0, 0, 1]))
    } else if values.has("mapping") {
      mapping = try Self.mapping(settings)
    } else {
      mapping = nil
    }
  }

  private static func mapping(_ settings: ToolSettings) throws -> PlaneMapping {
    let file = settings.values.text("mapping"), bytes = try settings.file(file)
    do {
      return try PlaneMapping(try JSONParser.parse(bytes, as: .json).json)
    } catch let error as TextError {
      throw ToolError("the mapping \(file) is not JSON: \(error)")
    } catch let error as CalibrationError {
      throw ToolError("the mapping \(file): \(error.description)")
    }
  }

  var lengthUnit: String { mapping == nil ? "px" : "mm" }

  /// The points in the unit of the answer. Without a mapping they are what they were; nil where
  /// one of them does not see the plane.
  func places(_ points: [PixelPoint]) -> [PixelPoint]? {
    guard let mapping else { return points }
    let places = points.compactMap { mapping.point(at: $0) }
    guard places.count == points.count else { return nil }
    return places.map { PixelPoint(x: $0.x, y: $0.y) }
  }

  /// The answer of a tool; `feature` is what later tools may gauge.
  func result(
    _ value: Double?, unit: String? = nil, feature: MeasuredFeature?, points: [PixelPoint]
  ) -> ToolResult {
    let measurement = Measurement(
      name: name, value: value, unit: unit ?? lengthUnit, low: low, high: high, points: points)
    var result = ToolResult(score: measurement.score, defects: [])
    result.measurements = [measurement]
    result.feature = feature
    if !measurement.ok, let box = Self.box(points) {
      result.defects = [Defect(box: box, area: box.area, score: measurement.score, kind: name)]
    }
    return result
  }

  private static func box(_ points: [PixelPoint]) -> PixelRect? {
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
      let top = points.map(\.y).min(), let bottom = points.map(\.y).max()
    else { return nil }
    return PixelRect(
      x: Int(left), y: Int(top), width: max(1, Int(right) - Int(left) + 1),
      height: max(1, Int(bottom) - Int(top) + 1))
  }
}

/// What a measuring tool found, in the unit of its answer.
public struct MeasuredFeature: Sendable {
  enum Shape: Sendable {
    case point(PixelPoint)
    case line(LineShape)
    case ellipse(EllipseShape)
  }
  let shape: Shape
  let unit: String
  /// Where it is in the picture.
  let points: [PixelPoint]

  /// The point that stands for it.
  var place: PixelPoint {
    switch shape {
    case .point(let p): p
    case .line(let line): line.middle
    case .ellipse(let ellipse): ellipse.centre
    }
  }
}
