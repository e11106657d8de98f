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
  ],
  example: "inspect calibrate camera --grid 9x6 --pitch 5 samples/calibration/view*.png -o camera.json",
  details: """
    Views in which the plate is not found whole, or that do not agree with the others, are listed
    as rejected, each with the reason. Three views are the least, 10 to 20 in different tilts good.
    """,
  run: { call in
    let values = call.values
    let target = CalibrationFiles.target(values)
    let found = findPlates(call.operands, target)
    guard let size = found.size else {
      throw CommandError(
        .inputs, "no picture could be read", at: call.operands[0], why: found.rejected.first?.why)
    }
    let lens = CameraModel.Lens(rawValue: values.text("lens")) ?? .pinhole
    let place = found.rejected.first.map { "\($0.image): \($0.why)" } ?? call.operands[0]
    let result = try CalibrationFiles.orRefuse(place) { () throws(CalibrationError) in
      try CameraCalibration(
        target: target, width: size.width, height: size.height, views: found.views, lens: lens)
    }
    var report = cameraReport(result)
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
    }
    return found.unreadable == 0 ? .done : .inputs
  })

private struct FoundPlates {
  var views: [CameraCalibration.View] = []
  var rejected: [CameraCalibration.Rejected] = []
  var size: (width: Int, height: Int)?
  var unreadable = 0
}

private func findPlates(_ paths: [String], _ target: CalibrationTarget) -> FoundPlates {
  var found = FoundPlates()
  for path in paths {
    let picture: Raster
    do throws(ImageFileError) {
      picture = try ImageFiles.read(path, colour: .grey)
    } catch {
      found.unreadable += 1
      found.rejected.append(.init(image: path, why: error.reason))
      continue
    }
    let size = found.size ?? (picture.width, picture.height)
    found.size = size
    guard size == (picture.width, picture.height) else {
      let why = "\(picture.width)x\(picture.height) pixels, the first picture has \(size.width)x\(size.height)"
      found.rejected.append(.init(image: path, why: why))
      continue
    }
    do throws(CalibrationError) {
      found.views.append(.init(image: path, pixels: try target.find(in: picture.view)))
    } catch {
      found.rejected.append(.init(image: path, why: error.description))
    }
  }
  return found
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
