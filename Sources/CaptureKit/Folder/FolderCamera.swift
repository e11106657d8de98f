import Configuration
import ImageFiles
import Threading
import VisionImage

/// The pictures of a folder, one after the other, as if a camera took them.
final class FolderCamera: Camera {
  static let kind = CameraKind(
    scheme: "folder", summary: "the pictures of a folder: folder:DIR?fps=30&loop=1",
    parameters: [
      Parameter("fps", .real(0...10000), default: 0, "pictures a second; 0: as fast as they are asked for"),
      Parameter("loop", .whole(0...1), default: 0, "1: begin again after the last"),
    ],
    make: { url throws(CaptureError) in try FolderCamera(url) })

  private struct State {
    var sequence = 0
    var due = MonotonicTime.now
  }

  let url: CameraURL
  let isTriggered: Bool
  private let paths: [String]
  let period: Double
  private let state = Guarded(State())

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
    let rate = url.values.real("fps")
    period = rate > 0 ? 1 / rate : 0
    // Files wait; nothing is lost because somebody is slow.
    isTriggered = true
  }

  func start() { state.withLock { $0.due = .now } }
  func stop() {}

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
      state.due = due + period
    }
    let path = paths[index % paths.count]
    do throws(ImageFileError) {
      let picture = try ImageFiles.read(path, colour: .grey)
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
