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
  ],
  example: """
    inspect calibrate plane samples/calibration/view01.png --grid 9x6 --pitch 5 \
    --calibration samples/calibration/camera.json -o plane.json
    """,
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
    let (pixels, result) = try CalibrationFiles.orRefuse(path) { () throws(CalibrationError) in
      let pixels = try target.find(in: picture.view)
      return (
        pixels,
        try PlaneCalibration(
          target: target, pixels: pixels, camera: camera, offset: values.real("offset"))
      )
    }
    var report = result.mapping.json
    report["kind"] = "plane"
    report["unit"] = "mm"
    report["rms"] = .number(result.rms)
    report["pose"] = result.pose.json
    report["residuals"] = .array(result.errors.map { .number($0) })
    if let above = result.mapping.rectification(width: camera.width, height: camera.height) {
      report["rectify"] = .object(above.json)
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
      "plane", .path, optional: true,
      "what 'calibrate plane' wrote: takes lens and tilt away first, so that a similarity will do"),
    CalibrationFiles.output, CalibrationFiles.json,
  ],
  example: "inspect calibrate points --pairs samples/calibration/points.jsonl -o robot.json",
  details: """
    The file holds the residual of every point and its leave-one-out error: how far it is from where
    the other points have it, which is what the map is worth at new places.
    """,
  run: { call in
    let values = call.values, path = values.text("pairs")
    let plane = values.has("plane") ? try CalibrationFiles.mapping(values.text("plane")) : nil
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
      if let plane {
        guard let seen = plane.point(at: pixel) else {
          throw CommandError(.usage, "the plane is not seen there", at: place)
        }
        pixel = PixelPoint(x: seen.x, y: seen.y)
      }
      return PointMapping.Pair(pixel: pixel, robot: PlanePoint(x: x, y: y))
    }
    let kind = PointMapping.Kind(rawValue: values.text("kind")) ?? .affine
    let result = try CalibrationFiles.orRefuse(path) { () throws(CalibrationError) in
      try PointMapping(pairs, kind: kind)
    }
    let whole = plane?.followed(by: result.map) ?? PlaneMapping(camera: nil, map: result.map)
    var report = whole.json
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
    }
    return .done
  })

let calibrateHandEyeVerb = Verb(
  "calibrate hand-eye", "where a camera sits on a robot, from pairs of poses",
  options: [
    Parameter(
      "pairs", .path,
      "JSON Lines: {\"robot\":4x4 flange in base,\"target\":4x4 target in camera}, millimetres"),
    Parameter(
      "mode", .choice(HandEye.Mode.allCases.map(\.rawValue)), default: "eye-in-hand",
      "whether the camera is on the flange, or stands still"),
    CalibrationFiles.output, CalibrationFiles.json,
  ],
  example: "inspect calibrate hand-eye --pairs samples/calibration/poses.jsonl -o hand-eye.json",
  details: """
    The file's "transform" is the camera in the flange, or in the base where it stands still. Pairs
    that do not agree with the others are left out and listed; "consistency" is what is left.
    """,
  run: { call in
    let values = call.values, path = values.text("pairs")
    let plane = values.has("plane") ? try CalibrationFiles.mapping(values.text("plane")) : nil
    let pairs = try CalibrationFiles.lines(path).map { place, json in
      try CalibrationFiles.orRefuse(place) { () throws(CalibrationError) in
        HandEye.Pair(
          robot: try RigidTransform(json["robot"]), target: try RigidTransform(json["target"]))
      }
    }
    let mode = HandEye.Mode(rawValue: values.text("mode")) ?? .eyeInHand
    let result = try CalibrationFiles.orRefuse(path) { () throws(CalibrationError) in
      try HandEye(pairs, mode: mode)
    }
    let outliers = result.residuals.indices.filter { result.residuals[$0].isOutlier }
    let rms = result.rms
    let report: JSONObject = [
      "type": "hand-eye", "mode": .string(mode.rawValue), "unit": "mm",
      "transform": result.transform.json, "target": result.target.json,
      "consistency": ["mm": .number(rms.millimetres), "deg": .number(rms.degrees)],
      "sigma": [
        "deg": .array(result.sigmas[0..<3].map { .number($0) }),
        "mm": .array(result.sigmas[3...].map { .number($0) }),
      ],
      "residuals": .array(
        result.residuals.map {
          ["mm": .number($0.millimetres), "deg": .number($0.degrees), "used": .bool(!$0.isOutlier)]
        }),
      "outliers": .array(outliers.map { .integer($0) }),
    ]
    try CalibrationFiles.write(report, to: values.text("output"))
    if values.flag("json") {
      Output.report(report, json: true)
    } else {
      Output.line(
        "\(pairs.count - outliers.count) of \(pairs.count) poses agree within "
          + "\(JSON.rounded(rms.millimetres, 3).text) mm and \(JSON.rounded(rms.degrees, 3).text) degrees")
    }
    return .done
  })

private func rootMeanSquare(_ errors: [Double], without left: [Int]) -> Double {
  let used = errors.indices.filter { !left.contains($0) }.map { errors[$0] }
  return (used.reduce(0) { $0 + $1 * $1 } / Double(max(1, used.count))).squareRoot()
}
