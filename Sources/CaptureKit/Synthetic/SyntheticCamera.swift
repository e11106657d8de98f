import Configuration
import Threading
import VisionImage

/// A camera before a rendered scene, with the faults of real ones on demand.
final class SyntheticCamera: Camera {
  static let kind = CameraKind(
    scheme: "synthetic", summary: "a rendered scene: synthetic:board?fps=30&defects=0.05&seed=1",
    parameters: [
      Parameter("fps", .real(0...10000), default: 30, "pictures a second; 0: as fast as they are asked for"),
      Parameter("defects", .real(0...1), default: 0.05, "share of parts with flaws"),
      Parameter("seed", .whole(0...Int.max), default: 1, "another seed, other parts"),
      Parameter("size", .size(256...16384), optional: true, "pixels; the scene's own where left out"),
      Parameter("trigger", .choice(["free", "software"]), default: "free", "who asks for pictures"),
      Parameter("drop", .real(0...1), default: 0, "share of pictures that never come"),
      Parameter("corrupt", .real(0...1), default: 0, "share of pictures that come damaged"),
      Parameter("stall", .numbers(2...2), optional: true, placeholder: "N,SECONDS", "silent after N pictures for so long"),
      Parameter("unplug", .whole(1...Int.max), optional: true, "gone after so many pictures, back at the next try"),
    ],
    make: { url throws(CaptureError) in try SyntheticCamera(url) })

  private struct State {
    var sequence = 0
    var due = MonotonicTime.now
    var dropped = 0
    var hasStalled = false
    var hasUnplugged = false
    var isRunning = false
  }

  let url: CameraURL
  let isTriggered: Bool
  private let scene: any Scene
  private let defectRate: Double
  let period: Double
  private let seed: UInt64
  private let state = Guarded(State())

  private init(_ url: CameraURL) throws(CaptureError) {
    let name = url.target.isEmpty ? SceneKind.all[0].name : url.target
    guard let kind = SceneKind.find(name) else {
      throw .cannotOpen(
        url: url.text, why: unknownName("scene", name, among: SceneKind.all.map(\.name)))
    }
    self.url = url
    seed = UInt64(url.values.whole("seed"))
    let size = url.values.has("size") ? url.values.size("size") : kind.defaultSize
    scene = kind.scene(width: size.width, height: size.height, seed: seed)
    defectRate = url.values.real("defects")
    let rate = url.values.real("fps")
    period = rate > 0 ? 1 / rate : 0
    isTriggered = rate == 0 || url.values.text("trigger") == "software"
  }

  func start() {
    state.withLock { state in
      state.due = .now
      state.isRunning = true
    }
  }

  func stop() { state.withLock { $0.isRunning = false } }

  func next(until deadline: MonotonicTime) throws(CaptureError) -> Frame? {
    while true {
      let (index, due, isLost) = state.withLock { state in
        if isTriggered { state.due = max(state.due, .now) }
        return (state.sequence, state.due, mustUnplug(&state))
      }
      if isLost { throw .lost(url: url.text, why: "unplugged") }
      if due > deadline {
        deadline.sleep()
        return nil
      }
      due.sleep()
      // What happens to this picture follows from the seed and its number alone.
      var fate = SceneRandom(seed: seed ^ 0xfa7e, part: index)
      let isDropped = fate.unit() < url.values.real("drop")
      let isCorrupt = fate.unit() < url.values.real("corrupt")
      let droppedBefore = state.withLock { state -> Int? in
        state.sequence += 1
        state.due = state.due + period
        stall(&state)
        if isDropped {
          state.dropped += 1
          return nil
        }
        defer { state.dropped = 0 }
        return state.dropped
      }
      guard let droppedBefore else { continue }
      if isCorrupt {
        return Frame(
          status: .corrupt("the transfer was damaged"), picture: nil, sequence: index,
          droppedBefore: droppedBefore, captured: due)
      }
      let part = scene.render(part: index, defectRate: defectRate)
      // A free camera that nobody asks goes on all the same: what it has taken meanwhile is lost.
      return Frame(
        status: .good, picture: part.image.view.raster, sequence: index,
        droppedBefore: droppedBefore, captured: isTriggered ? .now : due, truth: part.defects)
    }
  }

  /// Once, after so many pictures.
  private func mustUnplug(_ state: inout State) -> Bool {
    guard url.values.has("unplug"), !state.hasUnplugged,
      state.sequence == url.values.whole("unplug")
    else { return false }
    state.hasUnplugged = true
    return true
  }

  private func stall(_ state: inout State) {
    guard url.values.has("stall"), !state.hasStalled else { return }
    let numbers = url.values.numbers("stall")
    guard Double(state.sequence) == numbers[0] else { return }
    state.hasStalled = true
    state.due = state.due + numbers[1]
  }
}
