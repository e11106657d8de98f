import Configuration
import VisionCore
import VisionImage

let calibrateMapVerb = Verb(
  "calibrate map", "turn points on stdin from pixels to millimetres",
  options: [
    Parameter("mapping", .path, "what 'calibrate plane' or 'calibrate points' wrote"),
    CalibrationFiles.undistorted,
    Parameter("inverse", .flag, "from millimetres to pixels"),
  ],
  example: "inspect calibrate map --mapping samples/calibration/robot.json < samples/calibration/places.txt",
  details: """
    A line is "u v", "u,v", [u,v] or an object with x and y, and perhaps angle, or a line of
    'inspect match', of which every match is taken. The answer is an object a line: x and y in millimetres, and the angle as it
    is on the plane, anticlockwise from its x axis where its y axis runs up.
    """,
  run: { call in
    guard let mapping = try CalibrationFiles.mapping(call.values) else {
      throw CommandError.usage("--mapping FILE is missing", "calibrate map")
    }
    var wrong = 0
    while let line = readLine() {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      let places = places(line)
      if places == nil { Output.note("inspect: error: not a point: \(line.prefix(60))") }
      for (point, angle) in places ?? [] {
        if let answer = answer(mapping, point, angle, inverse: call.values.flag("inverse")) {
          Output.report(answer, json: true)
        } else {
          Output.note("inspect: error: the plane is not seen at \(point.x), \(point.y)")
          wrong += 1
        }
      }
      if places == nil { wrong += 1 }
    }
    return wrong == 0 ? .done : .inputs
  })

private func answer(
  _ mapping: PlaneMapping, _ point: PixelPoint, _ angle: Double?, inverse: Bool
) -> JSONObject? {
  if inverse {
    return mapping.pixel(at: PlanePoint(x: point.x, y: point.y)).map {
      ["x": .number($0.x), "y": .number($0.y)]
    }
  }
  guard let place = mapping.point(at: point) else { return nil }
  var object: JSONObject = ["x": .number(place.x), "y": .number(place.y)]
  if let angle, let turned = mapping.angle(.degrees(angle), at: point) {
    object["angle"] = .number(turned.degrees)
  }
  return object
}

/// The points of a line; nil where it is none.
private func places(_ line: String) -> [(PixelPoint, angle: Double?)]? {
  if line.contains(where: { $0 == "{" || $0 == "[" }) {
    guard let json = try? JSONParser.parse(line, as: .json).json else { return nil }
    if let matches = json["matches"]?.array {
      let places = matches.compactMap(place)
      return places.count == matches.count ? places : nil
    }
    return place(json).map { [$0] }
  }
  let words = line.split { $0 == "," || $0.isWhitespace }
  let numbers = words.compactMap { Double($0) }.filter(\.isFinite)
  guard numbers.count == words.count, (2...3).contains(numbers.count) else { return nil }
  return [(PixelPoint(x: numbers[0], y: numbers[1]), numbers.count == 3 ? numbers[2] : nil)]
}

private func place(_ json: JSON) -> (PixelPoint, angle: Double?)? {
  guard let x = json["x"]?.number ?? json[0]?.number ?? json["pixel"]?[0]?.number,
    let y = json["y"]?.number ?? json[1]?.number ?? json["pixel"]?[1]?.number
  else { return nil }
  return (PixelPoint(x: x, y: y), json["angle"]?.number ?? json[2]?.number)
}
