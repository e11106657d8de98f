import Configuration
import Threading
import VisionImage

/// A camera before a rendered scene, with the faults of real ones on demand.
final class SyntheticCamera: Camera {
  static let kind = CameraKind(
    scheme: "synthetic", summary: "a rendered scene: synthetic:board?fps=30&defects=0.05&seed=1",
    parameters: [
      rate, defectShare,
      Parameter("seed", .whole(0...Int.max), default: 1, "another seed, other parts"),
      Parameter("size", .size(256...16384), optional: true, "pixels; the scene's own where left out"),
      Parameter("trigger", .choice(["free", "software"]), default: "free", "who asks for pictures"),
      Parameter("buffers", .whole(1...1000), default: 16, "pictures that may be in use or wait at a time"),
    ] + FaultPlan.parameters,
    make: { url throws(CaptureError) in try SyntheticCamera(url) })

  private static let rate = Parameter(
    "fps", .real(0...10000), default: 30, "pictures a second; 0: as fast as they are asked for")
  private static let defectShare = Parameter(
    "defects", .real(0...1), default: 0.05, "share of parts with flaws")
  private static let controls = ControlTable<State>(rows: [
    .init(parameter: rate, unit: "1/s", place: \.rate),
    .init(parameter: defectShare, unit: "", place: \.defects),
  ])

  struct State {
    var rate: Double
    var defects: Double
    var sequence = 0
    /// When the next picture is taken.
    var due = MonotonicTime.now
    /// Pictures lost since the last frame, and those of them that found no buffer.
    var dropped = 0
    var starved = 0
    var faults = FaultPlan.History()

    var period: Double { rate > 0 ? 1 / rate : 0 }
  }

  let url: CameraURL
  let isTriggered: Bool
  private let scene: any Scene
  private let pool: BufferPool
  private let faults: FaultPlan
  private let state: Guarded<State>

  private init(_ url: CameraURL) throws(CaptureError) {
    let name = url.target.isEmpty ? SceneKind.all[0].name : url.target
    guard let kind = SceneKind.find(name) else {
      throw .cannotOpen(
        url: url.text, why: unknownName("scene", name, among: SceneKind.all.map(\.name)))
    }
    self.url = url
    let seed = UInt64(url.values.whole("seed"))
    faults = FaultPlan(url.values, seed: seed)
    let size = url.values.has("size") ? url.values.size("size") : kind.defaultSize
    scene = kind.scene(width: size.width, height: size.height, seed: seed)
    pool = BufferPool(
      RasterLayout(format: .u8, width: size.width, height: size.height),
      capacity: url.values.whole("buffers"))
    let rate = url.values.real("fps")
    isTriggered = rate == 0 || url.values.text("trigger") == "software"
    state = Guarded(State(rate: rate, defects: url.values.real("defects")))
  }

  var period: Double { state.withLock { $0.period } }

  var description: CameraDescription {
    state.withLock { state in
      CameraDescription(
        name: "rendered scene \(url.target)", serial: nil,
        formats: [
          .init(
            name: "Mono8", sizes: [(pool.layout.width, pool.layout.height)],
            rates: state.rate > 0 ? [state.rate] : [])
        ], controls: Self.controls.describe(state))
    }
  }

  func set(_ control: String, to value: String) throws(CaptureError) {
    try state.withLock { state throws(CaptureError) in
      try Self.controls.set(control, to: value, in: &state, url: url)
    }
  }

  func start() { state.withLock { $0.due = .now } }
  func stop() {}
  var delivers: CameraDelivery? {
    CameraDelivery(format: "Mono8", width: pool.layout.width, height: pool.layout.height)
  }

  func next(until deadline: MonotonicTime) throws(CaptureError) -> Frame? {
    while true {
      let (now, isUnplugged) = state.withLock { state in
        prepare(&state)
        return (state, faults.unplugs(before: state.sequence, &state.faults))
      }
      if isUnplugged { throw .lost(url: url.text, why: "unplugged") }
      if now.due > deadline {
        deadline.sleep()
        return nil
      }
      now.due.sleep()
      switch faults.fate(of: now.sequence) {
      case .lost:
        advance(dropped: 1)
      case .arrives(.good):
        guard
          let (picture, truth) = pool.picture(
            waitingUntil: isTriggered ? deadline : nil,
            // The pool's pixels are bytes: its layout says so.
            {
              scene.render(
                part: now.sequence, defectRate: now.defects, into: MutableImageView<UInt8>($0)!)
            })
        else {
          if isTriggered { return nil }
          advance(dropped: 1, starved: 1)
          continue
        }
        return frame(.good, picture, now, truth)
      case .arrives(let status):
        return frame(status, nil, now, nil)
      }
    }
  }

  private func frame(
    _ status: Frame.Status, _ picture: RasterView?, _ taken: State, _ truth: [SceneDefect]?
  ) -> Frame {
    let captured = isTriggered ? .now : taken.due
    advance(dropped: 0)
    return Frame(
      status: status, picture: picture, sequence: taken.sequence, droppedBefore: taken.dropped,
      starvedBefore: taken.starved, captured: captured,
      deviceTime: Frame.DeviceTime(nanoseconds: captured.nanoseconds, clock: .monotonic),
      truth: truth)
  }

  /// Counts what has passed until now. A triggered camera waits to be asked; a free one goes on
  /// whether anybody looks or not: pictures wait in the free buffers, those beyond are lost.
  private func prepare(_ state: inout State) {
    let now = MonotonicTime.now
    if isTriggered {
      state.due = max(state.due, now)
    } else if state.period > 0 {
      let waiting = Int((now - state.due) / state.period)
      let lost = max(0, waiting - pool.free)
      state.sequence += lost
      state.due = state.due + Double(lost) * state.period
      state.dropped += lost
      state.starved += lost
    }
  }

  /// On to the next picture: after one that was lost the count goes on, after a frame it begins anew.
  private func advance(dropped: Int, starved: Int = 0) {
    state.withLock { state in
      state.sequence += 1
      state.due = state.due + state.period
      state.dropped = dropped == 0 ? 0 : state.dropped + dropped
      state.starved = dropped == 0 ? 0 : state.starved + starved
      state.due = state.due + faults.silence(before: state.sequence, &state.faults)
    }
  }
}
