import Configuration
import VisionCore

let calibrateHandEyeVerb = Verb(
  "calibrate hand-eye", "where a camera sits on a robot, from pairs of poses",
  options: [
    Parameter(
      "pairs", .path,
      "JSON Lines: {\"robot\":4x4 flange in base,\"target\":4x4 target in camera}, millimetres"),
    Parameter(
      "mode", .choice(HandEye.Mode.allCases.map(\.rawValue)), default: "eye-in-hand",
      "whether the camera is on the flange, or stands still"),
    Parameter(
      "method", .choice(HandEye.Method.allCases.map(\.rawValue)), default: "park",
      "OpenCV's closed form, where it computes"),
    CalibrationFiles.output, CalibrationFiles.json,
  ] + CalibrationEngines.parameters,
  example: "inspect calibrate hand-eye --pairs samples/calibration/poses.jsonl -o hand-eye.json",
  details: """
    The file's "transform" is the camera in the flange, or in the base where it stands still. Pairs
    that do not agree with the others are left out and listed; "consistency" is what is left.
    """ + CalibrationEngines.details,
  run: { call in
    let values = call.values, path = values.text("pairs")
    let pairs = try CalibrationFiles.lines(path).map { place, json in
      try CalibrationFiles.orRefuse(place) { () throws(CalibrationError) in
        HandEye.Pair(
          robot: try RigidTransform(json["robot"]), target: try RigidTransform(json["target"]))
      }
    }
    let mode = HandEye.Mode(rawValue: values.text("mode")) ?? .eyeInHand
    let choice = try CalibrationEngines.choice(values)
    let method = HandEye.Method(rawValue: values.text("method")) ?? .park
    let answer = try CalibrationFiles.orRefuse(path) { () throws(CalibrationError) in
      try choice.calibrate { engine throws(CalibrationError) in
        try HandEye(pairs, mode: mode, engine: engine, method: method)
      }
    }
    let result = answer.value
    let outliers = result.residuals.indices.filter { result.residuals[$0].isOutlier }
    let rms = result.rms
    var report: JSONObject = [
      "type": "hand-eye", "mode": .string(mode.rawValue), "unit": "mm",
      "transform": result.transform.json, "target": result.target.json,
      "consistency": ["mm": .number(rms.millimetres), "deg": .number(rms.degrees)],
      "sigma": result.sigmas.map {
        [
          "deg": .array($0[0..<3].map { .number($0) }), "mm": .array($0[3...].map { .number($0) }),
        ]
      } ?? .null,
      "residuals": .array(
        result.residuals.map {
          ["mm": .number($0.millimetres), "deg": .number($0.degrees), "used": .bool(!$0.isOutlier)]
        }),
      "outliers": .array(outliers.map { .integer($0) }),
    ]
    CalibrationEngines.note(answer, in: &report)
    if values.flag("cross-check") {
      let check = try CalibrationEngines.orAlone { () throws(CalibrationError) in
        try HandEyeCrossCheck(result, answer.engine, pairs, mode)
      }
      report["cross_check"] = .object(check.json)
      if !values.flag("json") { Output.line(check.text) }
    }
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

/// One pose from two engines: each of OpenCV's closed forms beside the native fit.
private struct HandEyeCrossCheck {
  private let engine: Engine
  private let distances: [(method: String?, distance: PoseDistance)]

  init(
    _ result: HandEye, _ own: Engine, _ pairs: [HandEye.Pair], _ mode: HandEye.Mode
  ) throws(CalibrationError) {
    engine = CalibrationEngines.other(own)
    if engine == .native {
      let native = try HandEye(pairs, mode: mode)
      distances = [(nil, PoseDistance(result.transform, native.transform))]
      return
    }
    var distances: [(method: String?, distance: PoseDistance)] = []
    for method in HandEye.Method.allCases {
      let other = try HandEye(pairs, mode: mode, engine: .opencv, method: method)
      distances.append((method.rawValue, PoseDistance(result.transform, other.transform)))
    }
    self.distances = distances
  }

  var json: JSONObject {
    [
      "engine": .string(engine.rawValue),
      "poses": .array(
        distances.map {
          [
            "method": $0.method.map { .string($0) } ?? .null,
            "mm": .number($0.distance.millimetres), "deg": .number($0.distance.degrees),
          ]
        }),
    ]
  }

  var text: String {
    let lines = distances.map { method, distance in
      let name = method.map { " (\($0))" } ?? ""
      return "cross-check with \(engine.rawValue)\(name): \(JSON.rounded(distance.millimetres, 4).text) mm "
        + "and \(JSON.rounded(distance.degrees, 4).text) degrees apart"
    }
    return lines.joined(separator: "\n")
  }
}
