import Configuration
import ImageFiles
import Threading
import VisionImage

/// The pictures of a folder, one after the other, as if a camera took them.
final class FolderCamera: Camera {
  static let kind = CameraKind(
    scheme: "folder", summary: "the pictures of a folder: folder:DIR?fps=30&loop=1",
    parameters: [
      rate,
      Parameter("loop", .whole(0...1), default: 0, "1: begin again after the last"),
    ],
    make: { url throws(CaptureError) in try FolderCamera(url) })

  private static let rate = Parameter(
    "fps", .real(0...10000), default: 0, "pictures a second; 0: as fast as they are asked for")
  private static let controls = ControlTable<State>(rows: [
    .init(parameter: rate, unit: "1/s", place: \.rate)
  ])

  struct State {
    var rate: Double
    var sequence = 0
    /// Of the last good picture.
    var delivers: CameraDelivery?
    var due = MonotonicTime.now

    var period: Double { rate > 0 ? 1 / rate : 0 }
  }

  let url: CameraURL
  /// Files wait; nothing is lost because somebody is slow.
  let isTriggered = true
  private let paths: [String]
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
    state = Guarded(State(rate: url.values.real("fps")))
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
    let (index, due) = state.withLock { ($0.sequence, max($0.due, .now)) }
    guard index < paths.count || url.values.whole("loop") == 1 else { throw .ended }
    if due > deadline {
      deadline.sleep()
      return nil
    }
    due.sleep()
    state.withLock { state in
      state.sequence += 1
      state.due = due + state.period
    }
    let path = paths[index % paths.count]
    do throws(ImageFileError) {
      let picture = try ImageFiles.read(path, colour: .grey)
      let delivers = CameraDelivery(
        format: picture.format == .u8 ? "Mono8" : "Mono16", width: picture.width,
        height: picture.height)
      state.withLock { $0.delivers = delivers }
      return Frame(
        status: .good, picture: picture.view, sequence: index, droppedBefore: 0, captured: .now,
        source: path)
    } catch {
      return Frame(
        status: .corrupt(error.reason), picture: nil, sequence: index, droppedBefore: 0,
        captured: .now, source: path)
    }
  }
}
