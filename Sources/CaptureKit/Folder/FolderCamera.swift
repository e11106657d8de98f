import Configuration
import ImageFiles
import Threading
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The pictures of a folder, one after the other, as if a camera took them.
final class FolderCamera: Camera {
  static let kind = CameraKind(
    scheme: "folder", summary: "the pictures of a folder: folder:DIR?fps=30&loop=1",
    parameters: [
      rate,
      Parameter("timing", .choice(["rate", "recorded"]), default: "rate", "recorded: as far apart as the files were written"),
      Parameter("loop", .whole(0...1), default: 0, "1: begin again after the last"),
      Parameter("seed", .whole(0...Int.max), default: 1, "another seed, other faults"),
    ] + FaultPlan.parameters,
    make: { url throws(CaptureError) in try FolderCamera(url) })

  private static let rate = Parameter(
    "fps", .real(0...10000), default: 0, "pictures a second; 0: as fast as they are asked for")
  private static let controls = ControlTable<State>(rows: [
    .init(parameter: rate, unit: "1/s", place: \.rate)
  ])

  struct State {
    var rate: Double
    var sequence = 0
    var dropped = 0
    /// Of the last good picture.
    var delivers: CameraDelivery?
    var due = MonotonicTime.now
    var faults = FaultPlan.History()

    var period: Double { rate > 0 ? 1 / rate : 0 }
  }

  let url: CameraURL
  /// Files wait; nothing is lost because somebody is slow.
  let isTriggered = true
  private let paths: [String]
  /// Seconds from each file to the next, where that is how they are to come.
  private let pauses: [Double]?
  private let faults: FaultPlan
  private let state: Guarded<State>

  private init(_ url: CameraURL) throws(CaptureError) {
    self.url = url
    do throws(ImageFileError) {
      paths = try ImageFolder.paths(in: url.target)
    } catch {
      throw .cannotOpen(url: url.text, why: error.reason)
    }
    guard !paths.isEmpty else {
      throw .cannotOpen(url: url.text, why: "no pictures in the folder")
    }
    pauses = url.values.text("timing") == "recorded" ? Self.pauses(paths) : nil
    faults = FaultPlan(url.values, seed: UInt64(url.values.whole("seed")))
    state = Guarded(State(rate: url.values.real("fps")))
  }

  /// Files that were not written in the order of their names come at once.
  private static func pauses(_ paths: [String]) -> [Double] {
    let times = paths.map { path in
      var about = stat()
      guard stat(path, &about) == 0 else { return 0.0 }
      return Double(about.st_mtim.tv_sec) + Double(about.st_mtim.tv_nsec) * 1e-9
    }
    return zip(times, times.dropFirst()).map { max(0, $1 - $0) } + [0]
  }

  var period: Double { state.withLock { $0.period } }

  var description: CameraDescription {
    state.withLock { state in
      CameraDescription(
        name: "folder of \(paths.count) pictures", serial: nil,
        formats: [.init(name: "GREY", sizes: [], rates: state.rate > 0 ? [state.rate] : [])],
        controls: Self.controls.describe(state))
    }
  }

  func set(_ control: String, to value: String) throws(CaptureError) {
    try state.withLock { state throws(CaptureError) in
      try Self.controls.set(control, to: value, in: &state, url: url)
    }
  }

  func start() { state.withLock { $0.due = .now } }
  func stop() {}
  var delivers: CameraDelivery? { state.withLock { $0.delivers } }

  func next(until deadline: MonotonicTime) throws(CaptureError) -> Frame? {
    while true {
      let (index, due, isUnplugged) = state.withLock { state in
        (
          state.sequence, max(state.due, .now),
          faults.unplugs(before: state.sequence, &state.faults)
        )
      }
      if isUnplugged { throw .lost(url: url.text, why: "unplugged") }
      guard index < paths.count || url.values.whole("loop") == 1 else { throw .ended }
      if due > deadline {
        deadline.sleep()
        return nil
      }
      due.sleep()
      let fate = faults.fate(of: index)
      let dropped = advance(from: due, fate)
      if case .arrives(let status) = fate {
        return frame(paths[index % paths.count], index, status, droppedBefore: dropped, taken: due)
      }
    }
  }

  /// On to the next file; answers how many were lost before this one.
  private func advance(from due: MonotonicTime, _ fate: FaultPlan.Fate) -> Int {
    state.withLock { state in
      let pause = pauses.map { $0[state.sequence % paths.count] } ?? state.period
      state.sequence += 1
      state.due = due + pause + faults.silence(before: state.sequence, &state.faults)
      let dropped = state.dropped
      if case .lost = fate { state.dropped += 1 } else { state.dropped = 0 }
      return dropped
    }
  }

  private func frame(
    _ path: String, _ index: Int, _ status: Frame.Status, droppedBefore dropped: Int,
    taken: MonotonicTime
  ) -> Frame {
    var status = status
    var picture: RasterView?
    if status == .good {
      do throws(ImageFileError) {
        picture = try ImageFiles.read(path, colour: .grey).view
      } catch {
        status = .corrupt(error.reason)
      }
    }
    if let picture {
      let delivers = CameraDelivery(
        format: picture.format == .u8 ? "Mono8" : "Mono16", width: picture.width,
        height: picture.height)
      state.withLock { $0.delivers = delivers }
    }
    return Frame(
      status: status, picture: picture, sequence: index, droppedBefore: dropped, captured: taken,
      source: path)
  }
}
