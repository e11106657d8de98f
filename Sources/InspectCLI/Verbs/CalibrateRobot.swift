import Configuration
import VisionCore
import VisionImage

let calibratePlaneVerb = Verb(
  "calibrate plane", "pixels to millimetres on a plane, from one view of a plate on it",
  operands: "IMAGE", count: 1...1,
  options: CalibrationFiles.target + [
    Parameter("calibration", .path, "what 'calibrate camera' wrote"),
    Parameter(
      "offset", .real(-10_000...10_000), default: .real(0), placeholder: "MM",
      "how far what is measured lies above the plate, towards the camera"),
    CalibrationFiles.output, CalibrationFiles.preview, CalibrationFiles.json,
  ] + CalibrationEngines.parameters,
  example: """
    inspect calibrate plane samples/calibration/view01.png --grid 9x6 --pitch 5 \
    --calibration samples/calibration/camera.json -o plane.json
    """,
  details: "The plate's marks give its pose before the camera." + CalibrationEngines.details,
  run: { call in
    let values = call.values, path = call.operands[0]
    let target = CalibrationFiles.target(values)
    let camera = try CalibrationFiles.camera(values.text("calibration"))
    let picture = try readImage(path)
    guard picture.width == camera.width, picture.height == camera.height else {
      throw CommandError(
        .usage, "nothing was calibrated", at: path,
        why: "\(picture.width)x\(picture.height) pixels, the calibration is for "
          + "\(camera.width)x\(camera.height)")
    }
    typealias Plane = (pixels: [PixelPoint], result: PlaneCalibration)
    func calibrate(
      _ engine: Engine, inOrderOf marks: [PixelPoint]? = nil
    ) throws(CalibrationError) -> Plane {
      let found = try target.find(in: picture.view, engine: engine)
      let pixels = marks.map { CalibrationEngines.inOrder(found, of: $0) } ?? found
      let result = try PlaneCalibration(
        target: target, pixels: pixels, camera: camera, offset: values.real("offset"),
        engine: engine)
      return (pixels, result)
    }
    let choice = try CalibrationEngines.choice(values)
    let answer = try CalibrationFiles.orRefuse(path) { () throws(CalibrationError) in
      try choice.calibrate { engine throws(CalibrationError) in try calibrate(engine) }
    }
    let (pixels, result) = answer.value
    var report = result.mapping.json
    report["kind"] = "plane"
    report["unit"] = "mm"
    report["rms"] = .number(result.rms)
    report["pose"] = result.pose.json
    report["residuals"] = .array(result.errors.map { .number($0) })
    report["sigma"] = MappingSigma(result.errors, at: target.points).json
    if let above = result.mapping.rectification(width: camera.width, height: camera.height) {
      report["rectify"] = .object(above.json)
    }
    CalibrationEngines.note(answer, in: &report)
    if values.flag("cross-check") {
      let other = CalibrationEngines.other(answer.engine)
      let theirs = try CalibrationEngines.orAlone { () throws(CalibrationError) in
        try calibrate(other, inOrderOf: pixels)
      }
      CalibrationEngines.tell(
        other,
        [
          ("marks_px", "marks", "px", CalibrationDistance(pixels, theirs.pixels)),
          ("map_mm", "maps", "mm",
           CalibrationDistance(result.mapping, theirs.result.mapping, at: pixels)),
        ], in: &report, silent: values.flag("json"))
    }
    try CalibrationFiles.write(report, to: values.text("output"))
    if values.has("preview") {
      let canvas = CalibrationPreview.marks(pixels, residuals: result.residuals, on: picture)
      try writeImage(canvas.image.raster.view, to: values.text("preview"))
    }
    if values.flag("json") {
      Output.report(report, json: true)
    } else {
      let worst = result.errors.max() ?? 0
      Output.line(
        "rms \(JSON.rounded(result.rms, 3).text) px, the worst mark is "
          + "\(JSON.rounded(worst, 4).text) mm off")
    }
    return .done
  })

let calibratePointsVerb = Verb(
  "calibrate points", "pixels to a robot's plane, from points known in both",
  options: [
    Parameter(
      "kind", .choice(PointMapping.Kind.allCases.map(\.rawValue)), default: "affine",
      "what the map may do: turn and scale, also shear, also perspective"),
    Parameter("pairs", .path, "JSON Lines: {\"pixel\":[u,v],\"robot\":[x,y]}"),
    Parameter(
      "seen-from", .choice(PointMapping.Side.allCases.map(\.rawValue)), default: "any",
      "from which side the camera sees the robot's plane, above being where its z axis points: what is mirrored then is refused"),
    Parameter(
      "plane", .path, optional: true,
      "what 'calibrate plane' wrote: takes lens and tilt away first, so that a similarity will do"),
    Parameter(
      "rotation", .path, optional: true,
      "JSON Lines: {\"pixel\":[u,v],\"angle\":DEGREES}, a mark on the turning tool"),
    CalibrationFiles.output, CalibrationFiles.json,
  ] + CalibrationEngines.parameters,
  example: "inspect calibrate points --pairs samples/calibration/points.jsonl -o robot.json",
  details: """
    The file holds the residual of every point and its leave-one-out error: how far it is from where
    the other points have it, which is what the map is worth at new places. With --rotation it also
    holds the axis about which the tool turns, from where a mark on a held part is seen at three or
    more angles of the tool.
    """ + CalibrationEngines.details,
  run: { call in
    let values = call.values, path = values.text("pairs")
    let plane = values.has("plane") ? try CalibrationFiles.mapping(values.text("plane")) : nil
    func through(_ map: Homography) -> PlaneMapping {
      plane?.followed(by: map) ?? PlaneMapping(camera: nil, map: map)
    }
    var pixels: [PixelPoint] = []
    let pairs = try CalibrationFiles.lines(path).map { place, json -> PointMapping.Pair in
      guard let u = json["pixel"]?[0]?.number, let v = json["pixel"]?[1]?.number,
        let x = json["robot"]?[0]?.number, let y = json["robot"]?[1]?.number,
        json["pixel"]?.array?.count == 2, json["robot"]?.array?.count == 2
      else {
        throw CommandError(
          .usage, "not a pair of points", at: place,
          why: "a line is {\"pixel\":[u,v],\"robot\":[x,y]}")
      }
      var pixel = PixelPoint(x: u, y: v)
      pixels.append(pixel)
      if let plane {
        guard let seen = plane.point(at: pixel) else {
          throw CommandError(.usage, "the plane is not seen there", at: place)
        }
        pixel = PixelPoint(x: seen.x, y: seen.y)
      }
      return PointMapping.Pair(pixel: pixel, robot: PlanePoint(x: x, y: y))
    }
    let kind = PointMapping.Kind(rawValue: values.text("kind")) ?? .affine
    let side = PointMapping.Side(rawValue: values.text("seen-from")) ?? .any
    let choice = try CalibrationEngines.choice(values)
    let answer = try CalibrationFiles.orRefuse(path) { () throws(CalibrationError) in
      try choice.calibrate { engine throws(CalibrationError) in
        try PointMapping(pairs, kind: kind, seenFrom: side, engine: engine)
      }
    }
    let result = answer.value, mapping = through(result.map)
    let rotation = values.has("rotation")
      ? try rotationCentre(values.text("rotation"), mapping) : nil
    var report = mapping.json
    CalibrationEngines.note(answer, in: &report)
    if let rotation { report["rotation"] = .object(rotation.json(mapping)) }
    if values.flag("cross-check") {
      let other = CalibrationEngines.other(answer.engine)
      let theirs = try CalibrationEngines.orAlone { () throws(CalibrationError) in
        try PointMapping(pairs, kind: kind, seenFrom: side, engine: other)
      }
      CalibrationEngines.tell(
        other,
        [
          ("map_mm", "maps", "mm",
           CalibrationDistance(
             mapping, through(theirs.map), at: pixels))
        ], in: &report, silent: values.flag("json"))
    }
    report["kind"] = .string(kind.rawValue)
    report["unit"] = "mm"
    report["rms"] = .number(rootMeanSquare(result.residuals, without: result.outliers))
    report["residuals"] = .array(result.residuals.map { .number($0) })
    report["leave_one_out"] = result.leaveOneOut.map { errors in
      [
        "rms": .number(rootMeanSquare(errors, without: [])), "max": .number(errors.max() ?? 0),
        "errors": .array(errors.map { .number($0) }),
      ]
    } ?? .null
    report["outliers"] = .array(result.outliers.map { .integer($0) })
    let used = pairs.indices.filter { !result.outliers.contains($0) }
    report["sigma"] = MappingSigma(
      result.leaveOneOut ?? used.map { result.residuals[$0] }, at: used.map { pairs[$0].robot }
    ).json
    report["seen_from"] = .string(result.map.isMirror ? "above" : "below")
    try CalibrationFiles.write(report, to: values.text("output"))
    if values.flag("json") {
      Output.report(report, json: true)
    } else {
      let rms = JSON.rounded(report["rms"]?.number ?? 0, 4).text
      let left = report["leave_one_out"]?["rms"]?.number.map { JSON.rounded($0, 4).text }
      Output.line("\(pairs.count) points, rms \(rms) mm, leave-one-out \(left ?? "unknown") mm")
      for index in result.outliers {
        let off = JSON.rounded(result.residuals[index], 3).text
        Output.line("left out: point \(index + 1), \(off) mm off")
      }
      if let rotation { Output.line(rotation.text) }
    }
    return .done
  })

/// How well a map knows a place and an angle, from how far points are from where it has them.
private struct MappingSigma {
  private let millimetres: Double
  private let degrees: Double

  init(_ errors: [Double], at points: [PlanePoint]) {
    let n = Double(max(1, points.count))
    // An error has two axes.
    millimetres = (errors.reduce(0) { $0 + $1 * $1 } / Double(max(1, errors.count)) / 2).squareRoot()
    let x = points.reduce(0) { $0 + $1.x } / n, y = points.reduce(0) { $0 + $1.y } / n
    let spread = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) + ($1.y - y) * ($1.y - y) }
    degrees = spread > 0 ? millimetres / spread.squareRoot() * 180 / .pi : 0
  }

  var json: JSON { ["mm": .number(millimetres), "deg": .number(degrees)] }
}

private func rootMeanSquare(_ errors: [Double], without left: [Int]) -> Double {
  let used = errors.indices.filter { !left.contains($0) }.map { errors[$0] }
  return (used.reduce(0) { $0 + $1 * $1 } / Double(max(1, used.count))).squareRoot()
}

private func rotationCentre(_ path: String, _ mapping: PlaneMapping) throws -> RotationCentre {
  let sights = try CalibrationFiles.lines(path).map { place, json -> RotationCentre.Sight in
    guard let u = json["pixel"]?[0]?.number, let v = json["pixel"]?[1]?.number,
      json["pixel"]?.array?.count == 2, let angle = json["angle"]?.number,
      let point = mapping.point(at: PixelPoint(x: u, y: v))
    else {
      throw CommandError(
        .usage, "not a sight of the turning mark", at: place,
        why: "a line is {\"pixel\":[u,v],\"angle\":DEGREES}")
    }
    return RotationCentre.Sight(place: point, angle: .degrees(angle))
  }
  return try CalibrationFiles.orRefuse(path) { () throws(CalibrationError) in
    try RotationCentre(sights)
  }
}

extension RotationCentre {
  fileprivate func json(_ mapping: PlaneMapping) -> JSONObject {
    [
      "robot": [.number(centre.x), .number(centre.y)],
      "pixel": mapping.pixel(at: centre).map { [.number($0.x), .number($0.y)] } ?? .null,
      "radius": .number(radius), "sense": turnsFromXToY ? "x-to-y" : "y-to-x",
      "rms": .number(rms), "sigma": .number(sigma),
      "residuals": .array(residuals.map { .number($0) }),
      "outliers": .array(outliers.map { .integer($0) }),
    ]
  }

  fileprivate var text: String {
    func words(_ value: Double) -> String { JSON.rounded(value, 3).text }
    return "the tool turns about \(words(centre.x)), \(words(centre.y)) ± \(words(sigma)) mm, "
      + "the mark is \(words(radius)) mm away; rms \(words(rms)) mm"
  }
}
