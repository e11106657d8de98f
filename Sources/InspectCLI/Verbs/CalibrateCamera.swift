import Configuration
import ImageFiles
import VisionCore
import VisionImage

let calibrateCameraVerb = Verb(
  "calibrate camera", "a camera's lens and centre, from views of a plate", operands: "IMAGE…",
  count: 1...10_000,
  options: CalibrationFiles.target + [
    CalibrationFiles.output,
    Parameter(
      "lens", .choice(CameraModel.Lens.allCases.map(\.rawValue)), default: "pinhole",
      "5 distortion coefficients, or 8"),
    CalibrationFiles.preview, CalibrationFiles.json,
  ] + CalibrationEngines.parameters,
  example: "inspect calibrate camera --grid 9x6 --pitch 5 samples/calibration/view*.png -o camera.json",
  details: """
    Views in which the plate is not found whole, or that do not agree with the others, are listed
    as rejected, each with the reason. Three views are the least, 10 to 20 in different tilts good.
    """ + CalibrationEngines.details,
  run: { call in
    let values = call.values
    let target = CalibrationFiles.target(values)
    let engine = try CalibrationEngines.choice(values)
    let found = FoundPlates(call.operands, target, engine)
    guard let size = found.size else {
      throw CommandError(
        .inputs, "no picture could be read", at: call.operands[0], why: found.rejected.first?.why)
    }
    let lens = CameraModel.Lens(rawValue: values.text("lens")) ?? .pinhole
    let place = found.rejected.first.map { "\($0.image): \($0.why)" } ?? call.operands[0]
    func fit(_ views: [CameraCalibration.View], _ engine: Engine) throws(CalibrationError) -> CameraCalibration {
      try CameraCalibration(
        target: target, width: size.width, height: size.height, views: views, lens: lens,
        engine: engine)
    }
    let answer = try CalibrationFiles.orRefuse(place) { () throws(CalibrationError) in
      try engine.calibrate { engine throws(CalibrationError) in try fit(found.views, engine) }
    }
    let result = answer.value
    var report = cameraReport(result)
    CalibrationEngines.note(answer, in: &report)
    report["failovers"] = .array(
      found.failovers.map { ["image": .string($0.image), "why": .string($0.why)] })
    if values.flag("cross-check") {
      // The same pictures from the marks on, then the other engine's fit of the same marks.
      let other = answer.engine == .native ? EngineChoice.opencv : .native
      let theirs = FoundPlates(call.operands, target, other)
      let (whole, sameMarks) = try CalibrationEngines.orAlone { () throws(CalibrationError) in
        (try fit(theirs.views, other.first), try fit(result.views.map(\.view), other.first))
      }
      let check = CameraCrossCheck(
        result, whole, sameMarks, other.first, marks: found.distance(to: theirs))
      report["cross_check"] = .object(check.json)
      if !values.flag("json") { Output.line(check.text) }
    }
    report["rejected"] = .array(
      (found.rejected + result.rejected).map { ["image": .string($0.image), "why": .string($0.why)] })
    report["target"] = [
      "pattern": .string(target.pattern.rawValue), "grid": [.integer(target.columns), .integer(target.rows)],
      "pitch": .number(target.pitch),
    ]
    try CalibrationFiles.write(report, to: values.text("output"))
    if values.has("preview"), let first = result.views.first {
      let canvas = CalibrationPreview.camera(result, on: try readImage(first.view.image))
      try writeImage(canvas.image.raster.view, to: values.text("preview"))
    }
    if values.flag("json") {
      Output.report(report, json: true)
    } else {
      tell(result, found.rejected + result.rejected)
      for view in found.failovers { Output.note("note: \(view.image): found by OpenCV; native: \(view.why)") }
    }
    return found.unreadable == 0 ? .done : .inputs
  })

/// The plates of many pictures.
private struct FoundPlates {
  private(set) var views: [CameraCalibration.View] = []
  private(set) var rejected: [CameraCalibration.Rejected] = []
  /// Pictures in which only OpenCV found the plate, and why the native engine did not.
  private(set) var failovers: [CameraCalibration.Rejected] = []
  private(set) var size: (width: Int, height: Int)?
  private(set) var unreadable = 0

  init(_ paths: [String], _ target: CalibrationTarget, _ choice: EngineChoice) {
    for path in paths {
      let picture: Raster
      do throws(ImageFileError) {
        picture = try ImageFiles.read(path, colour: .grey)
      } catch {
        unreadable += 1
        rejected.append(.init(image: path, why: error.reason))
        continue
      }
      let size = self.size ?? (picture.width, picture.height)
      self.size = size
      guard size == (picture.width, picture.height) else {
        let why = "\(picture.width)x\(picture.height) pixels, the first picture has \(size.width)x\(size.height)"
        rejected.append(.init(image: path, why: why))
        continue
      }
      do throws(CalibrationError) {
        let found = try choice.calibrate { engine throws(CalibrationError) in
          try target.find(in: picture.view, engine: engine)
        }
        views.append(.init(image: path, pixels: found.value))
        if let why = found.failover { failovers.append(.init(image: path, why: why)) }
      } catch {
        rejected.append(.init(image: path, why: error.description))
      }
    }
  }

  /// Between the marks of the pictures in which both found them; nil where there is none.
  func distance(to other: FoundPlates) -> CalibrationDistance? {
    let theirs = Dictionary(other.views.map { ($0.image, $0.pixels) }, uniquingKeysWith: { a, _ in a })
    let both = views.compactMap { view in theirs[view.image].map { (view.pixels, $0) } }
    return both.isEmpty
      ? nil
      : CalibrationDistance(
        both.flatMap(\.0), both.flatMap { CalibrationEngines.inOrder($0.1, of: $0.0) })
  }
}

/// One camera from two engines.
private struct CameraCrossCheck {
  let engine: Engine
  let views: Int
  let marks: CalibrationDistance?
  let model: CalibrationDistance
  let modelOfSameMarks: CalibrationDistance
  let rms: Double

  init(
    _ own: CameraCalibration, _ other: CameraCalibration, _ sameMarks: CameraCalibration,
    _ engine: Engine, marks: CalibrationDistance?
  ) {
    self.engine = engine
    self.marks = marks
    views = other.views.count
    rms = other.rms
    model = CalibrationDistance(own.camera, other.camera)
    modelOfSameMarks = CalibrationDistance(own.camera, sameMarks.camera)
  }

  var json: JSONObject {
    [
      "engine": .string(engine.rawValue), "views": .integer(views), "rms": .number(rms),
      "marks_px": marks.map { .object($0.json) } ?? .null, "model_px": .object(model.json),
      "model_of_same_marks_px": .object(modelOfSameMarks.json),
    ]
  }

  var text: String {
    let seen = marks.map { "marks \($0.text) px, " } ?? ""
    return "cross-check with \(engine.rawValue), \(views) views: \(seen)models \(model.text) px, "
      + "of the same marks \(modelOfSameMarks.text) px apart"
  }
}

private func cameraReport(_ result: CameraCalibration) -> JSONObject {
  var report = result.camera.json
  report["rms"] = .number(result.rms)
  report["views"] = .array(
    result.views.map { view in
      let p = view.pose.parameters
      return [
        "image": .string(view.view.image), "rms": .number(view.rms),
        "rvec": .array(p[0..<3].map { .number($0) }), "tvec": .array(p[3...].map { .number($0) }),
        "outliers": .array(view.outliers.map { .integer($0) }),
      ]
    })
  report["rejected"] = []
  report["sigma"] = [
    "fx": .number(result.sigmas[0]), "fy": .number(result.sigmas[1]),
    "cx": .number(result.sigmas[2]), "cy": .number(result.sigmas[3]),
    "dist": .array(result.sigmas[4...].map { .number($0) }),
  ]
  report["advice"] = .array(result.advice.map { .string($0) })
  return report
}

private func tell(_ result: CameraCalibration, _ rejected: [CameraCalibration.Rejected]) {
  func text(_ value: Double) -> String { JSON.rounded(value, 3).text }
  let camera = result.camera, sigmas = result.sigmas
  Output.line("\(result.views.count) views, rms \(text(result.rms)) px, \(rejected.count) rejected")
  Output.line("focal length \(text(camera.fx)) ± \(text(sigmas[0])), \(text(camera.fy)) ± \(text(sigmas[1])) px")
  Output.line("centre       \(text(camera.cx)) ± \(text(sigmas[2])), \(text(camera.cy)) ± \(text(sigmas[3])) px")
  for view in rejected { Output.line("rejected \(view.image): \(view.why)") }
  for advice in result.advice { Output.line("advice: \(advice)") }
}
