import Configuration
import VisionImage

/// A measured value and its limits.
public struct Measurement: Sendable, Equatable {
  public let name: String
  /// Nil where there was nothing to be measured.
  public let value: Double?
  /// px, mm or deg
  public let unit: String
  public let low: Double?
  public let high: Double?
  /// Where it was measured, in pixels of the whole picture.
  public let points: [PixelPoint]

  public init(
    name: String, value: Double?, unit: String, low: Double?, high: Double?, points: [PixelPoint]
  ) {
    self.name = name
    self.value = value
    self.unit = unit
    self.low = low
    self.high = high
    self.points = points
  }

  /// What was not measured is not right.
  public var ok: Bool {
    guard let value else { return false }
    return value >= low ?? -.infinity && value <= high ?? .infinity
  }

  /// 0 in the middle of the limits, 1 just outside them.
  var score: Double {
    guard let value else { return 2 }
    guard let low, let high, high > low else { return ok ? 0 : 1.5 }
    let off = abs(value - (low + high) / 2) / ((high - low) / 2)
    return ok ? min(off, 0.9999) : max(off, 1)
  }

  var json: JSONObject {
    [
      "name": .string(name), "value": value.map { .rounded($0, 6) } ?? .null, "unit": .string(unit),
      "low": low.map { .number($0) } ?? .null, "high": high.map { .number($0) } ?? .null,
      "ok": .bool(ok),
    ]
  }

  /// With the places, as 'inspect measure' prints it.
  public func json(image: String) -> JSONObject {
    var object: JSONObject = ["image": .string(image)]
    for member in json.members { object[member.key] = member.value }
    object["points"] = .array(points.map { [.rounded($0.x, 4), .rounded($0.y, 4)] })
    return object
  }
}
