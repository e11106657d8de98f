import Configuration
import ImageFiles
import InspectionKit
import LineKit
import Threading
import VisionCore

let batchVerb = Verb(
  "batch", "inspect folders of pictures, a record each", operands: "RECIPE PATH…", count: 1...Int.max,
  options: [
    ModelOption.parameter,
    Parameter("output", .path, optional: true, short: "o", "JSON Lines; with --shard a folder; stdout where left out"),
    Parameter("jobs", .whole(1...256), optional: true, "threads that decode and inspect; one a processor where left out"),
    Parameter("shard", .text, optional: true, placeholder: "I/N", "only part I of N, I from 0; -o is then a folder"),
    Parameter("paths-from", .path, optional: true, "a list of paths, a line each; - is stdin"),
    Parameter("resume", .flag, "take up what a killed run has left"),
    Parameter("maps", .path, optional: true, placeholder: "DIR", "a 16-bit anomaly map a picture, 10000 at the limit"),
    Parameter("annotate", .path, optional: true, placeholder: "DIR", "every picture, what was found marked on it"),
    Parameter("report", .path, optional: true, placeholder: "FILE.html", "a page with the figures and what is not OK"),
    Parameter("against", .path, optional: true, placeholder: "OLD.jsonl", "name every verdict and score that changed; exit 1 where any did"),
    Parameter("profile", .flag, "where the time went, tool by tool, on stderr"),
    Parameter("exit-code", .flag, "exit 1 where any verdict is not OK"),
    EngineOptions.engine,
    EngineOptions.crossCheck,
    Parameter("no-progress", .flag, "no progress on stderr"),
  ],
  example: "inspect batch samples/board/recipe.json5 samples/board -o results.jsonl",
  details: """
    Records are in the order of the paths, whatever --jobs; but for times they are the same on every
    machine. A file that cannot be decoded has a record with "status":"error" and the verdict FAULT,
    and the exit status is 3. Exit status 75 means: try the same command again later.
    """,
  run: { call in try BatchRun(call).run() })

private struct BatchRun {
  let values: ParameterValues
  let inspector: Inspector
  let items: [PathList.Item]
  let shard: (index: Int, count: Int)?
  let jobs: Int
  let nativeFault: String?

  init(_ call: Invocation) throws {
    values = call.values
    let recipe = try readRecipe(call.operands[0])
    inspector = try makeTrainedInspector(
      recipe, try EngineOptions.forced(values), values, crossCheck: try crossCheckRate(values))
    shard = try values.has("shard") ? Self.shard(values.text("shard")) : nil
    if shard != nil, !values.has("output") {
      throw CommandError.usage("--shard needs -o DIR", "batch")
    }
    jobs = values.has("jobs") ? values.whole("jobs") : try EngineOptions.threads()
    var paths = Array(call.operands.dropFirst())
    if values.has("paths-from") { paths += try readLines(values.text("paths-from")) }
    guard !paths.isEmpty else { throw CommandError.usage("PATH is missing: which pictures?", "batch") }
    let all = try picturePaths(paths)
    items = (shard.map { all.shard($0.index, of: $0.count) } ?? all).items
    nativeFault =
      inspector.engine == .auto ? SelfTest.fault(of: Machine(try EngineOptions.instructionSet())) : nil
    if let nativeFault { Output.note("inspect: alarm: native kernels: \(nativeFault)") }
  }

  private static func shard(_ text: String) throws -> (index: Int, count: Int) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
      (1...100_000).contains(count), (0..<count).contains(index)
    else {
      throw CommandError(
        .usage, "--shard", why: "'\(text)' is not I/N with I from 0 to N - 1")
    }
    return (index, count)
  }

  func run() throws -> ExitStatus {
    var tally = Tally()
    let file = try openOutput()
    var done = 0
    if let file {
      done = try takeUp(file, &tally)
    }
    let old = try values.has("against") ? Comparison(readRecords(values.text("against"))) : nil
    let progress = BatchProgress(
      total: items.count, done: done, isShown: !values.flag("no-progress"))
    var profile = BatchProfile(jobs: jobs)
    let batch = Batch(
      inspector,
      outputs: Batch.Outputs(
        maps: values.has("maps") ? values.text("maps") : nil,
        annotations: values.has("annotate") ? values.text("annotate") : nil),
      nativeFault: nativeFault, clock: { Timestamp.now() }, makeFolder: { try makeFolder($0) })
    try run(batch, Array(items.dropFirst(done))) { record in
      let json = record.json
      tally.count(json)
      if let why = record.failover, why.hasPrefix("cross-check") {
        Output.note("inspect: alarm: \(record.image): \(why)")
      }
      profile.add(record)
      old?.compare(json)
      if let file { try file.append(JSON.object(json).text) } else { Output.line(JSON.object(json).text) }
      progress.step()
      return true
    }
    progress.end()
    if values.flag("profile") { Output.note(profile.text) }
    try file?.finish()
    if values.has("report") {
      try writeText(
        BatchReport.html(recipe: inspector.recipe.name, tally: tally), to: values.text("report"))
    }
    if let old, old.report() > 0 { return tally.unreadable > 0 ? .inputs : .no }
    if tally.unreadable > 0 { return .inputs }
    return values.flag("exit-code") && tally.notOK > 0 ? .no : .done
  }

  private func run(
    _ batch: Batch, _ items: [PathList.Item], deliver: (InspectionRecord) throws -> Bool
  ) throws {
    do {
      try batch.run(items, jobs: jobs, deliver: deliver)
    } catch let error as ImageFileError {
      throw CommandError(output: error)
    }
  }

  private func openOutput() throws -> ResultFile? {
    guard values.has("output") else {
      if values.flag("resume") { throw CommandError.usage("--resume needs -o FILE", "batch") }
      return nil
    }
    let output = values.text("output")
    guard let shard else { return try ResultFile(output) }
    try makeFolder(output)
    return try ResultFile(output + "/" + Shards.name(shard.index, of: shard.count))
  }

  /// How many records of a run that was killed can be kept: those of the first pictures, in order,
  /// by the same recipe and model.
  private func takeUp(_ file: ResultFile, _ tally: inout Tally) throws -> Int {
    guard values.flag("resume") else {
      try file.begin(with: [])
      return 0
    }
    var kept: [String] = []
    for line in try file.takeUp() {
      guard kept.count < items.count,
        case .object(let record)? = try? JSONParser.parse(line, as: .json).json,
        record["image"]?.string == items[kept.count].path,
        record["recipe_hash"]?.string == inspector.recipeHash,
        record["model_hash"]?.string == inspector.modelHash
      else { break }
      tally.count(record)
      kept.append(line)
    }
    try file.begin(with: kept)
    return kept.count
  }
}

/// What a batch found, for its exit status and its report.
struct Tally {
  private(set) var verdicts: [String: Int] = [:]
  private(set) var unreadable = 0
  /// The records that are not OK, the first ten thousand.
  private(set) var remarkable: [JSONObject] = []

  var notOK: Int { verdicts.reduce(0) { $0 + ($1.key == "OK" ? 0 : $1.value) } }
  var total: Int { verdicts.values.reduce(0, +) }

  mutating func count(_ record: JSONObject) {
    let verdict = record["verdict"]?.string ?? "FAULT"
    verdicts[verdict, default: 0] += 1
    if record["status"]?.string == "error" { unreadable += 1 }
    if verdict != "OK", remarkable.count < 10_000 { remarkable.append(record) }
  }
}

/// Progress of a batch on stderr: in place on a terminal, else a plain line every ten seconds.
private final class BatchProgress {
  private let total: Int
  private let first: Int
  private var done: Int
  private let isShown: Bool
  private let begin = MonotonicTime.now
  private var last = MonotonicTime.now

  init(total: Int, done: Int, isShown: Bool) {
    self.total = total
    self.done = done
    first = done
    self.isShown = isShown
  }

  func step() {
    done += 1
    guard isShown, MonotonicTime.now - last >= (Output.isTerminal ? 0.2 : 10) else { return }
    last = .now
    if Output.isTerminal { Output.status(text) } else { Output.note("inspect: " + text) }
  }

  func end() { if isShown && Output.isTerminal { Output.status(text + "\n") } }

  private var text: String {
    let seconds = max(1e-6, MonotonicTime.now - begin)
    let rate = Double(done - first) / seconds
    let rest = rate > 0 ? Double(total - done) / rate : 0
    return "\(done) of \(total)  \(JSON.rounded(rate, 1).text)/s  \(JSON.rounded(rest, 0).text) s left"
  }
}

/// Holds the records of a run against those of an earlier one.
private final class Comparison {
  private var old: [String: JSONObject] = [:]
  private var changes: [String] = []

  init(_ records: [JSONObject]) {
    for record in records { if let image = record["image"]?.string { old[image] = record } }
  }

  /// Everything but times and where files were written.
  private static let compared = [
    "status", "verdict", "score", "class", "ng_code", "defects", "matches", "measurements", "codes",
  ]

  func compare(_ record: JSONObject) {
    guard let image = record["image"]?.string else { return }
    guard let before = old.removeValue(forKey: image) else {
      changes.append("\(image): new")
      return
    }
    for key in Self.compared where before[key]?.text != record[key]?.text {
      let was = before[key]?.text ?? "nothing", now = record[key]?.text ?? "nothing"
      changes.append("\(image): \(key) was \(was), is \(now)")
    }
  }

  /// Names what changed; answers how much.
  func report() -> Int {
    changes += old.keys.sorted().map { "\($0): missing" }
    for change in changes { Output.note("inspect: changed: \(change)") }
    return changes.count
  }
}
