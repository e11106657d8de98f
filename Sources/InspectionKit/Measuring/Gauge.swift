import Configuration
import VisionCore
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Measures between two things that tools before it found.
struct Gauge: Tool {
  static let kind = ToolKind(
    name: "gauge", summary: "distance, angle or concentricity of two things that other tools found",
    parameters: [
      Parameter("first", .text, "the name of a measuring tool before"),
      Parameter("second", .text, "the name of another"),
      Parameter("measure", .choice(["distance", "angle", "concentricity"]), default: "distance",
        "circles count by their centres, to lines along the normal; concentricity is the zone that two centres need: twice their distance"),
    ] + MeasuringFrame.parameters,
    outputs: [.value], takesRegion: false, takesFixture: false,
    check: { (values, surroundings) throws(SettingError) in
      for key in ["first", "second"] {
        try surroundings.requireEarlier(values.text(key), as: key, where: \.measures)
      }
    },
    make: { settings in
      let values = settings.values
      return Gauge(
        frame: try MeasuringFrame(settings), first: values.text("first"),
        second: values.text("second"), measure: values.text("measure"))
    })

  let frame: MeasuringFrame
  let first: String
  let second: String
  let measure: String
  private var isAngle: Bool { measure == "angle" }

  func worker(_ runner: OperatorRunner) -> any ToolWorker {
    PictureMeasurer { _, part in
      // What was not found has its own NG; what it is gauged by is unknown.
      guard let a = part.features[first], let b = part.features[second] else {
        return frame.result(nil, unit: isAngle ? "deg" : nil, feature: nil, points: [])
      }
      guard a.unit == b.unit else {
        throw ToolError("\(frame.name): \(first) is in \(a.unit), \(second) in \(b.unit)")
      }
      let value = switch measure {
      case "angle": try angle(a, b)
      case "concentricity": try concentricity(a, b)
      default: distance(a, b)
      }
      return frame.result(
        value, unit: isAngle ? "deg" : a.unit, feature: nil,
        points: a.points + b.points)
    }
  }

  private func angle(_ a: MeasuredFeature, _ b: MeasuredFeature) throws -> Double {
    guard case .line(let p) = a.shape, case .line(let q) = b.shape else {
      throw ToolError("\(frame.name): an angle is between two lines")
    }
    let difference = abs(p.angle.degrees - q.angle.degrees)
    return min(difference, 180 - difference)
  }

  private func concentricity(_ a: MeasuredFeature, _ b: MeasuredFeature) throws -> Double {
    guard case .ellipse = a.shape, case .ellipse = b.shape else {
      throw ToolError("\(frame.name): concentricity is of two circles")
    }
    return 2 * distance(a, b)
  }

  private func distance(_ a: MeasuredFeature, _ b: MeasuredFeature) -> Double {
    switch (a.shape, b.shape) {
    case (.line(let p), .line(let q)):
      // Nearly parallel lines: from the middle of each to the other.
      return (abs(p.distance(to: q.middle)) + abs(q.distance(to: p.middle))) / 2
    case (.line(let line), _): return abs(line.distance(to: b.place))
    case (_, .line(let line)): return abs(line.distance(to: a.place))
    default: return hypot(a.place.x - b.place.x, a.place.y - b.place.y)
    }
  }
}
