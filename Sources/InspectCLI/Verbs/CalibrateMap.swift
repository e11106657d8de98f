import Configuration
import VisionCore
import VisionImage

let calibrateMapVerb = Verb(
  "calibrate map", "turn points on stdin from pixels to millimetres",
  options: [
    Parameter("mapping", .path, "what 'calibrate plane' or 'calibrate points' wrote"),
    CalibrationFiles.undistorted,
    Parameter("inverse", .flag, "from millimetres to pixels"),
    Parameter(
      "taught", .numbers(3...3), optional: true, placeholder: "X,Y,ANGLE",
      "where the part lay when the robot was taught, as this verb answered: tells what has changed"),
    Parameter(
      "grip", .numbers(3...3), optional: true, placeholder: "X,Y,ANGLE",
      "where the robot picked that part: tells where it picks this one"),
  ],
  example: "inspect calibrate map --mapping samples/calibration/robot.json < samples/calibration/places.txt",
  details: """
    A line is "u v", "u,v", [u,v] or an object with x and y, and perhaps angle, or a line of
    'inspect match', of which every match is taken. The answer is an object a line: x and y in millimetres,
    and the angle as it is on the plane, anticlockwise from its x axis where its y axis runs up; "sigma"
    is how well the mapping knows that. With --taught also "offset", how the part has moved since, with
    --grip "pick", where the robot takes it, and, where the mapping has the axis of the tool, "place": what
    a tool that holds the part adds, so that the part comes to lie as the taught one did.
    """,
  run: { call in
    guard let mapping = try CalibrationFiles.mapping(call.values) else {
      throw CommandError.usage("--mapping FILE is missing", "calibrate map")
    }
    let guidance = try Guidance(call.values)
    var wrong = 0
    while let line = readLine() {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      let places = places(line)
      if places == nil { Output.note("inspect: error: not a point: \(line.prefix(60))") }
      for (point, angle) in places ?? [] {
        if let answer = answer(mapping, point, angle, inverse: call.values.flag("inverse")) {
          Output.report(guidance.added(to: answer), json: true)
        } else {
          Output.note("inspect: error: the plane is not seen at \(point.x), \(point.y)")
          wrong += 1
        }
      }
      if places == nil { wrong += 1 }
    }
    return wrong == 0 ? .done : .inputs
  })

/// What a robot makes of a place: how sure it is, and what has changed since it was taught.
private struct Guidance {
  private let sigma: JSON?
  private let part: TaughtPart?
  private let grip: PlanePose?
  private let axis: PlanePoint?

  init(_ values: ParameterValues) throws {
    let file = try CalibrationFiles.read(values.text("mapping"), "mapping")
    guard !values.flag("inverse") else {
      (sigma, part, grip, axis) = (nil, nil, nil, nil)
      return
    }
    sigma = file["sigma"]
    func pose(_ name: String) -> PlanePose? {
      guard values.has(name) else { return nil }
      let numbers = values.numbers(name)
      return PlanePose(place: PlanePoint(x: numbers[0], y: numbers[1]), angle: .degrees(numbers[2]))
    }
    let rotation = file["rotation"], sense = rotation?["sense"]?.string
    part = pose("taught").map { TaughtPart($0, turnsFromXToY: sense != "y-to-x") }
    grip = pose("grip")
    if let x = rotation?["robot"]?[0]?.number, let y = rotation?["robot"]?[1]?.number {
      axis = PlanePoint(x: x, y: y)
    } else {
      axis = nil
    }
    if grip != nil && part == nil {
      throw CommandError.usage("--grip needs --taught: where the part lay that was picked there", "calibrate map")
    }
  }

  func added(to answer: JSONObject) -> JSONObject {
    var object = answer
    if let sigma { object["sigma"] = sigma }
    guard let part, let x = answer["x"]?.number, let y = answer["y"]?.number else { return object }
    // A place without an angle is taken as not turned.
    let angle = answer["angle"]?.number ?? part.taught.angle.degrees
    let found = PlanePose(place: PlanePoint(x: x, y: y), angle: .degrees(angle))
    object["offset"] = json(part.offset(of: found))
    if let grip { object["pick"] = json(part.pick(found, grip: grip)) }
    if let axis { object["place"] = json(part.place(found, about: axis)) }
    return object
  }

  private func json(_ pose: PlanePose) -> JSON {
    [
      "x": .number(pose.place.x), "y": .number(pose.place.y), "angle": .number(pose.angle.degrees),
    ]
  }
}

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
