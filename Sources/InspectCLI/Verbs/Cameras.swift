import CaptureKit
import Configuration

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

let cameraVerbs: [Verb] = [
  Verb(
    "camera list", "the cameras that are there",
    options: [Parameter("json", .flag, "an object a line")], example: "inspect camera list",
    details: cameraKinds,
    run: { call in
      for why in CameraKind.all.flatMap({ $0.obstacles() }) { Output.note("inspect: note: \(why)") }
      for camera in CameraKind.all.flatMap({ $0.list() }) {
        if call.values.flag("json") {
          let object: JSONObject = [
            "url": .string(camera.url), "name": .string(camera.name),
            "serial": .string(camera.serial),
          ]
          Output.report(object, json: true)
        } else {
          Output.line("\(camera.url.padded(to: 28)) \(camera.name) (\(camera.serial))")
        }
      }
      return .done
    }),
  Verb(
    "camera probe", "what a camera can do: formats, sizes, rates, controls", operands: "URL",
    count: 1...1, options: [Parameter("json", .flag, "one JSON object")],
    example: "inspect camera probe synthetic:board",
    run: { call in
      let camera = try openCamera(call.operands[0])
      Output.report(camera.description.report, json: call.values.flag("json"))
      return .done
    }),
  Verb(
    "camera grab", "pictures from a camera into a folder, and what became of each",
    operands: "URL", count: 1...1,
    options: [
      Parameter("count", .whole(1...Int.max), default: 1, short: "n", "good pictures"),
      Parameter("output", .path, optional: true, short: "o", placeholder: "DIR", "the folder; none is written where left out"),
      Parameter("raw", .flag, "the driver's bytes (.raw) instead of .png"),
      Parameter("patience", .real(0.1...3600), default: 10, placeholder: "SECONDS", "give up after so long without a good picture"),
      Parameter("json", .flag, "the summary as one JSON object"),
    ],
    example: "inspect camera grab 'synthetic:board?fps=0' -n 3 -o pictures",
    details: """
      Files are named by the picture's number. A damaged picture is counted and never written. At the
      end: delivered + dropped + corrupt + incomplete = last - first + 1; starved is a part of
      dropped: no buffer was free. A camera that is lost is looked for again. Exit status 4 where it
      gives nothing any more.
      """,
    run: { call in
      StopRequest.listen()
      let values = call.values
      let folder = values.has("output") ? values.text("output") : nil
      if let folder { try makeFolder(folder) }
      let camera = try openCamera(try withRaw(call.operands[0], values.flag("raw")))
      let grab = GrabRun(
        camera, count: values.whole("count"), patience: values.real("patience"), folder: folder,
        isRaw: values.flag("raw"))
      let failure = try grab.run()
      Output.report(grab.summary, json: values.flag("json"))
      if let failure {
        throw CommandError(.failed, "the camera gives no pictures", at: camera.url.text, why: failure)
      }
      return .done
    }),
  Verb(
    "camera set", "set controls of a camera and read them back", operands: "URL NAME=VALUE…",
    count: 2...1000, options: [Parameter("json", .flag, "one JSON object")],
    example: "inspect camera set synthetic:board fps=50",
    run: { call in
      let camera = try openCamera(call.operands[0])
      var names: [String] = []
      for pair in call.operands.dropFirst() {
        let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2 else {
          throw CommandError.usage("'\(pair)' is not NAME=VALUE", "camera set")
        }
        do throws(CaptureError) {
          try camera.set(String(sides[0]), to: String(sides[1]))
        } catch {
          let status: ExitStatus = if case .refused = error { .usage } else { .failed }
          throw CommandError(status, "cannot set \(sides[0])", at: camera.url.text, why: error.why)
        }
        names.append(String(sides[0]))
      }
      var report = JSONObject()
      for name in names {
        guard let control = camera.control(name) else { continue }
        // "exposure" may be called otherwise in the camera; whoever asked looks for that word.
        report[control.isCalled(name) ? control.parameter.name : name] = control.json
      }
      Output.report(report, json: call.values.flag("json"))
      return .done
    }),
]

private let cameraKinds =
  "URLs:\n" + CameraKind.all.map { "  \($0.summary)" }.joined(separator: "\n")

/// The URL with the wish for the driver's own bytes, where its kind knows such a wish.
private func withRaw(_ url: String, _ isRaw: Bool) throws -> String {
  let scheme = url.prefix { $0 != ":" }
  guard isRaw, let kind = CameraKind.all.first(where: { $0.scheme == scheme }),
    kind.parameters.contains(where: { $0.name == "raw" }), !url.contains("raw=")
  else { return url }
  return url + (url.contains("?") ? "&" : "?") + "raw=1"
}

extension CameraDescription {
  fileprivate var report: JSONObject {
    [
      "name": .string(name), "serial": serial.map { .string($0) } ?? .null,
      "formats": .array(
        formats.map { format in
          [
            "format": .string(format.name),
            "sizes": .array(format.sizes.map { .string("\($0.width)x\($0.height)") }),
            "rates": .array(format.rates.map { .rounded($0, 3) }),
          ]
        }),
      "dmabuf": sharesBuffers.map { .bool($0) } ?? .null,
      "controls": .array(
        controls.map { control in
          var object: JSONObject = ["name": .string(control.parameter.name), "value": control.json]
          switch control.parameter.kind {
          case .whole(let range):
            object["min"] = .integer(range.lowerBound)
            object["max"] = .integer(range.upperBound)
          case .real(let range):
            object["min"] = .number(range.lowerBound)
            object["max"] = .number(range.upperBound)
          default: break
          }
          if !control.unit.isEmpty { object["unit"] = .string(control.unit) }
          if !control.parameter.help.isEmpty { object["help"] = .string(control.parameter.help) }
          return .object(object)
        }),
    ]
  }
}

extension CameraControl {
  fileprivate var json: JSON {
    if let text { return .string(text) }
    return Int(exactly: value).map { .integer($0) } ?? .number(value)
  }
}

extension CaptureError {
  var why: String {
    switch self {
    case .cannotOpen(_, let why), .unavailable(_, let why), .lost(_, let why), .refused(_, let why): why
    case .ended: description
    }
  }
}
