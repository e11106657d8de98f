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
    name: "gauge", summary: "distance or angle between two things that other tools found",
    parameters: [
      Parameter("first", .text, "the name of a measuring tool before"),
      Parameter("second", .text, "the name of another"),
      Parameter("measure", .choice(["distance", "angle"]), default: "distance", "circles count by their centres, to lines along the normal"),
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
        second: values.text("second"), isAngle: values.text("measure") == "angle")
    })

  let frame: MeasuringFrame
  let first: String
  let second: String
  let isAngle: Bool

  func worker(_ runner: OperatorRunner) -> any ToolWorker {
    PictureMeasurer { _, part in
      // What was not found has its own NG; what it is gauged by is unknown.
      guard let a = part.features[first], let b = part.features[second] else {
        return frame.result(nil, unit: isAngle ? "deg" : nil, feature: nil, points: [])
      }
      guard a.unit == b.unit else {
        throw ToolError("\(frame.name): \(first) is in \(a.unit), \(second) in \(b.unit)")
      }
      return frame.result(
        try isAngle ? angle(a, b) : distance(a, b), unit: isAngle ? "deg" : a.unit, feature: nil,
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
