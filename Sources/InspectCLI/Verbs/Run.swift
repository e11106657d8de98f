import CaptureKit
import Configuration
import ImageFiles
import InspectionKit
import LineKit
import VisionCore

let runVerb = Verb(
  "run", "a line at work: cameras, inspection, verdicts, a durable log", operands: "RECIPE",
  count: 1...1,
  options: [
    ModelOption.parameter,
    Parameter(
      "camera", .text, repeatable: true, placeholder: "URL",
      "synthetic:SCENE?fps=30 or folder:DIR; the recipe's where left out; may be repeated"),
    Parameter("log", .path, optional: true, placeholder: "DIR", "the folder of the line log"),
    Parameter("parts", .whole(1...Int.max), optional: true, "end after so many parts"),
    Parameter("duration", .real(0.1...1e9), optional: true, placeholder: "SECONDS", "end after so long"),
    EngineOptions.engine,
    EngineOptions.crossCheck,
    Parameter("json", .flag, "every part's record and at last the summary, an object a line"),
    Parameter("no-progress", .flag, "no counters on stderr"),
  ],
  example: "inspect run samples/board/recipe.json5 --camera 'synthetic:board?fps=30' --parts 100 --log line-log",
  details: """
    Every trigger has an outcome: OK, NG, or FAULT where the system cannot decide (no picture, a
    damaged one, too late). A verdict leaves when its record is on the disk. SIGINT and SIGTERM end
    the line with a summary.
    """,
  run: { call in
    let recipe = try readRecipe(call.operands[0])
    var urls = call.values.texts("camera")
    if urls.isEmpty, let camera = recipe.camera { urls = [camera] }
    guard !urls.isEmpty else {
      throw CommandError.usage("--camera URL is missing, and the recipe names none", "run")
    }
    let engine = try EngineOptions.forced(call.values)
    let inspector = try makeTrainedInspector(
      recipe, engine, call.values, crossCheck: try crossCheckRate(call.values))
    let cameras = try urls.map { try openCamera($0) }
    let limits = LineRun.Limits(
      parts: call.values.has("parts") ? call.values.whole("parts") : nil,
      seconds: call.values.has("duration") ? call.values.real("duration") : nil)
    return try runLine(
      inspector, cameras, limits, log: call.values.has("log") ? call.values.text("log") : nil,
      json: call.values.flag("json"), progress: !call.values.flag("no-progress"))
  })

func readRecipe(_ path: String) throws -> Recipe {
  do throws(RecipeError) {
    return try Recipe(path: path)
  } catch {
    throw CommandError(error)
  }
}

extension CommandError {
  init(_ error: RecipeError) {
    self.init(.usage, "the recipe is wrong", at: error.place, why: error.message)
  }
}

/// `model` is the path of what the recipe's tools learned.
func makeInspector(
  _ recipe: Recipe, _ engine: EngineChoice?, model path: String? = nil, crossCheck rate: Double? = nil
) throws -> Inspector {
  do {
    return try Inspector(
      recipe, model: try path.map { try readModel($0) }, engine: engine,
      instructionSet: try EngineOptions.instructionSet(),
      crossCheck: rate.map { CrossCheck(rate: $0, of: engine ?? recipe.engine) })
  } catch let error as RecipeError {
    throw CommandError(error)
  } catch let error as ModelError {
    throw CommandError(
      .usage, "the model cannot be used", at: path, why: error.description,
      advice: "'inspect train' makes one")
  }
}

/// An inspector that can judge: what learns has its model. `crossCheck`: the share of pictures that a
/// second engine looks at, too.
func makeTrainedInspector(
  _ recipe: Recipe, _ engine: EngineChoice?, _ values: ParameterValues, crossCheck: Double? = nil
) throws -> Inspector {
  let inspector = try makeInspector(
    recipe, engine, model: values.has("model") ? values.text("model") : nil,
    crossCheck: crossCheck)
  guard !inspector.needsModel else {
    throw CommandError(
      .usage, "the recipe needs a model", at: recipe.path,
      advice: "Make one with 'inspect train' and give it as --model FILE")
  }
  return inspector
}

/// What cannot be checked is refused before anything is inspected.
func crossCheckRate(_ values: ParameterValues) throws -> Double? {
  guard values.has("cross-check") else { return nil }
  guard OpenCVLibrary.shared != nil else {
    throw CommandError(
      .usage, "--cross-check needs a second engine", at: "opencv",
      why: OpenCVLibrary.loadError ?? "it is not there", advice: "'inspect doctor' tells more")
  }
  return values.real("cross-check")
}

private func readModel(_ path: String) throws -> LearnedModel {
  let bytes: [UInt8]
  do throws(ImageFileError) {
    bytes = try FileBytes(path, limit: 1 << 30).array
  } catch {
    throw CommandError(.usage, "cannot read the model", at: path, why: error.reason)
  }
  return try LearnedModel(bytes)
}

func openCamera(_ url: String) throws -> any Camera {
  do throws(CaptureError) {
    return try CameraKind.open(url)
  } catch {
    throw cameraError(error, url)
  }
}

/// A wish that no camera can fulfil is wrong usage; a camera that is not to be had is not.
func cameraError(_ error: CaptureError, _ url: String) -> CommandError {
  let status: ExitStatus =
    switch error {
    case .cannotOpen, .refused: .usage
    case .unavailable, .lost, .ended: .failed
    }
  return CommandError(status, "cannot open the camera", at: url, why: error.why)
}

/// Runs a line to its end and tells the summary.
func runLine(
  _ inspector: Inspector, _ cameras: [any Camera], _ limits: LineRun.Limits, log path: String?,
  json: Bool, progress: Bool
) throws -> ExitStatus {
  StopRequest.listen()
  let instructionSet = try EngineOptions.instructionSet()
  let nativeFault = inspector.engine == .auto ? SelfTest.fault(of: Machine(instructionSet)) : nil
  if let nativeFault { Output.note("inspect: alarm: native kernels: \(nativeFault)") }
  let log: LineLog?
  do {
    log = try path.map { try LineLog(folder: $0) }
  } catch let error as LineLogError {
    throw CommandError(.failed, "cannot open the log", at: path, why: error.description)
  } catch let error as LogDiskError {
    throw CommandError(.failed, "cannot open the log", at: path, why: error.description)
  }
  if let recovery = log?.recovery { Output.note("inspect: note: the log was mended: \(recovery)") }
  let live = LiveCounters(progress: progress && !json)
  let holder = LineHolder()
  let line = LineRun(
    inspector: inspector, cameras: cameras, log: log, limits: limits, nativeFault: nativeFault
  ) { record in
    if json { Output.line(JSON.object(record).text) }
    if let live, let line = holder.line { live.show(line.counters) }
  }
  holder.line = line
  do {
    let counters = try line.run()
    holder.line = nil
    try log?.close()
    live?.show(counters, force: true)
    Output.report(counters.summary, json: json)
    return .done
  } catch let error as LineLogError {
    throw CommandError(
      .failed, "the log failed, the line is stopped", at: path, why: error.description)
  }
}

/// Lets the report of a line see the line itself.
private final class LineHolder: @unchecked Sendable {
  // Set before the line starts and cleared after it has ended.
  var line: LineRun?
}
