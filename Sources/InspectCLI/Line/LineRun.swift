import CaptureKit
import Configuration
import InspectionKit
import LineKit
import Threading
import VisionCore

/// A line at work: cameras, an inspector, a log. Every trigger has an outcome, and an outcome leaves
/// only when its record is on the disk.
final class LineRun: Sendable {
  struct Limits: Sendable {
    var parts: Int?
    var seconds: Double?
  }

  private struct State {
    var counters = LineCounters()
    /// Outcomes promised so far; reaches the limit before `counters` does.
    var taken = 0
    var failure: (any Error)?
  }

  private let inspector: Inspector
  private let feeds: [CameraFeed]
  private let log: LineLog?
  private let limits: Limits
  private let nativeFault: String?
  private let report: @Sendable (JSONObject) -> Void
  private let state = Guarded(State())
  private let begin = MonotonicTime.now
  private let outcomes = OutcomeQueue()

  /// `report` is called with every part's record, in order, when it is durable.
  init(
    inspector: Inspector, cameras: [any Camera], log: LineLog?, limits: Limits,
    nativeFault: String?, report: @escaping @Sendable (JSONObject) -> Void
  ) {
    self.inspector = inspector
    feeds = cameras.map { CameraFeed($0) }
    self.log = log
    self.limits = limits
    self.nativeFault = nativeFault
    self.report = report
  }

  var counters: LineCounters { state.withLock { $0.counters } }

  /// Works until the limits are reached, the cameras end, or somebody asks to stop.
  func run() throws -> LineCounters {
    try log?.append(
      .start,
      [
        "recipe": .string(inspector.recipe.name), "recipe_hash": .string(inspector.recipeHash),
        "cameras": .array(feeds.map { .string($0.name) }), "engine": .string(inspector.engine.rawValue),
      ])
    let emitter = NamedThread(name: "verdicts")
    emitter.start { self.emit() }
    var started: [CameraFeed] = []
    defer {
      started.forEach { $0.stop() }
    }
    let workers = try feeds.map { feed in (feed, try inspector.worker(nativeFault: nativeFault)) }
    let threads = try workers.enumerated().map { i, pair throws in
      try pair.0.start()
      started.append(pair.0)
      let thread = NamedThread(name: "inspect-\(i)")
      nonisolated(unsafe) let worker = pair.1  // used by that thread alone
      let feed = pair.0
      thread.start { self.inspect(feed, worker) }
      return thread
    }
    threads.forEach { $0.join() }
    started.forEach { $0.stop() }
    started = []
    outcomes.end()
    emitter.join()
    if let failure = state.withLock({ $0.failure }) { throw failure }
    let counters = counters
    var summary = counters.summary
    summary["type"] = nil
    try log?.append(.stop, summary)
    return counters
  }

  // MARK: Inspecting

  private var isOver: Bool {
    if StopRequest.isMade { return true }
    if let seconds = limits.seconds, MonotonicTime.now - begin >= seconds { return true }
    return state.withLock { $0.failure != nil || $0.taken >= limits.parts ?? .max }
  }

  /// True where one more part may be counted.
  private func take() -> Bool {
    state.withLock { state in
      guard state.taken < limits.parts ?? .max, state.failure == nil else { return false }
      state.taken += 1
      return true
    }
  }

  private func inspect(_ feed: CameraFeed, _ worker: InspectionWorker) {
    var lastSequence = -1
    func fault(_ sequence: Int, _ captured: MonotonicTime, _ why: String) {
      guard take() else { return }
      let record = inspector.fault(image: feed.name, time: Timestamp.now(), why: why)
      submit(record, feed, sequence, captured, nil)
    }
    while !isOver {
      guard let item = feed.queue.pop(until: .now + 0.1) else { continue }
      switch item {
      case .frame(let frame, let missed):
        // Newest numbers last: what the camera dropped, what the queue had no room for, this one.
        for i in 0..<missed {
          fault(lastSequence + 1 + i, frame.captured, "missed: the inspection was too slow")
        }
        for i in 0..<frame.droppedBefore {
          fault(
            frame.sequence - frame.droppedBefore + i, frame.captured, "the picture never came")
        }
        lastSequence = frame.sequence
        guard let picture = frame.greyPicture else {
          fault(frame.sequence, frame.captured, frame.status.trouble ?? "no picture came")
          continue
        }
        guard take() else { continue }
        let record = worker.inspect(
          picture, image: frame.source ?? feed.name, time: Timestamp.now())
        submit(record, feed, frame.sequence, frame.captured, frame.truth)
      case .outage(let why):
        alarm(feed, why)
        fault(lastSequence + 1, .now, why)
      case .recovered:
        state.withLock { $0.counters.reconnects += 1 }
        alarm(feed, "the camera is back")
      case .ended(let missed, _):
        for i in 0..<missed {
          fault(lastSequence + 1 + i, .now, "missed: the inspection was too slow")
        }
        return
      }
    }
  }

  private func alarm(_ feed: CameraFeed, _ what: String) {
    Output.note("inspect: alarm: \(feed.name): \(what)")
    keepingFailure {
      try log?.submit(.alarm, ["camera": .string(feed.name), "what": .string(what)])
    }
  }

  private func submit(
    _ record: InspectionRecord, _ feed: CameraFeed, _ sequence: Int, _ captured: MonotonicTime,
    _ truth: [SceneDefect]?
  ) {
    var body: JSONObject = [
      "part_id": .string("\(sequence + 1)"), "camera": .string(feed.name),
      "sequence": .integer(sequence), "captured": .string(Timestamp.of(captured)),
      "latency_ms": .rounded((MonotonicTime.now - captured) * 1000, 3),
    ]
    for member in record.json.members { body[member.key] = member.value }
    if let truth {
      body["truth"] = [
        "verdict": .string(truth.isEmpty ? "OK" : "NG"),
        "defects": .array(
          truth.map {
            [
              "x": .integer($0.box.x), "y": .integer($0.box.y), "w": .integer($0.box.width),
              "h": .integer($0.box.height), "class": .string($0.kind),
            ]
          }),
      ]
    }
    keepingFailure {
      let ticket = try log?.submit(.part, body)
      outcomes.push(
        OutcomeQueue.Outcome(
          body: body, verdict: record.verdict, captured: captured, ticket: ticket))
    }
  }

  private func keepingFailure(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      state.withLock { $0.failure = $0.failure ?? error }
    }
  }

  // MARK: Verdicts leave

  private func emit() {
    while let outcome = outcomes.pop() {
      keepingFailure {
        if let ticket = outcome.ticket { try log?.wait(for: ticket) }
        let now = MonotonicTime.now
        state.withLock { state in
          state.counters.count(
            verdict: outcome.verdict.rawValue,
            latencyMilliseconds: (now - outcome.captured) * 1000, at: now - begin)
        }
        var record: JSONObject = ["type": "part"]
        if let id = outcome.ticket?.resultID { record["result_id"] = .integer(id) }
        for member in outcome.body.members { record[member.key] = member.value }
        report(record)
      }
    }
  }
}

/// Outcomes on their way to the outside, in order.
private final class OutcomeQueue: Sendable {
  struct Outcome: Sendable {
    let body: JSONObject
    let verdict: Verdict
    let captured: MonotonicTime
    let ticket: LineLog.Ticket?
  }
  private let items = Guarded<(list: [Outcome], isOver: Bool)>(([], false))
  private let arrived = Signal()

  func push(_ outcome: Outcome) {
    items.withLock { $0.list.append(outcome) }
    arrived.raise()
  }

  func end() {
    items.withLock { $0.isOver = true }
    arrived.raise()
  }

  /// The next one; nil after the last.
  func pop() -> Outcome? {
    while true {
      let seen = arrived.count
      let (outcome, isOver) = items.withLock { items in
        (items.list.isEmpty ? nil : items.list.removeFirst(), items.isOver)
      }
      if let outcome { return outcome }
      if isOver { return nil }
      arrived.wait(after: seen)
    }
  }
}
