import CaptureKit
import Configuration
import ImageFiles
import Threading
import VisionImage

/// Takes pictures from one camera until there are enough good ones, and accounts for the others.
final class GrabRun {
  private let camera: any Camera
  private let count: Int
  private let patience: Double
  private let folder: String?
  private let isRaw: Bool

  private var counters = CaptureCounters()
  private var latencies: [Double] = []
  /// When the first and the last picture were taken.
  private var span: (first: MonotonicTime, last: MonotonicTime)?
  private var delivers: CameraDelivery?

  /// How soon a request to stop is noticed, and how often a lost camera is looked for.
  private static let slice = 0.2

  init(_ camera: any Camera, count: Int, patience: Double, folder: String?, isRaw: Bool) {
    self.camera = camera
    self.count = count
    self.patience = patience
    self.folder = folder
    self.isRaw = isRaw
  }

  /// Returns why the camera gave less than was asked for; nil where it gave all.
  func run() throws -> String? {
    var lastGood = MonotonicTime.now
    var trouble: String?
    var isStarted = false
    defer { camera.stop() }
    while counters.delivered < count && !StopRequest.isMade {
      do throws(CaptureError) {
        if !isStarted {
          try camera.start()
          isStarted = true
        }
        if let frame = try camera.next(until: .now + Self.slice) {
          try take(frame)
          if frame.status == .good { lastGood = .now }
        }
        trouble = nil
      } catch {
        if error == .ended { return "it ended after \(counters.delivered) pictures" }
        if counters.first == nil { try refuse(error) }
        if trouble == nil { Output.note("inspect: note: \(error.why)") }
        trouble = error.why
        isStarted = false
        (MonotonicTime.now + Self.slice).sleep()
      }
      if let writing { throw writing }
      if MonotonicTime.now - lastGood > patience {
        return trouble ?? "no good picture for \(patience) s"
      }
    }
    return nil
  }

  /// A camera that was never there is an error; one that went away may come back.
  private func refuse(_ error: CaptureError) throws(CommandError) {
    if case .lost = error { return }
    throw cameraError(error, camera.url.text)
  }

  /// Why a picture could not be written.
  private var writing: (any Error)?

  private func take(_ frame: Frame) throws(CaptureError) {
    counters.count(frame)
    span = (span?.first ?? frame.captured, frame.captured)
    if latencies.count < 1 << 20 { latencies.append((.now - frame.captured) * 1000) }
    delivers = camera.delivers ?? delivers
    guard let picture = frame.picture, let folder else { return }
    let digits = String(frame.sequence)
    let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    do {
      if isRaw {
        try write(raw: frame, picture, to: folder + "/" + name + ".raw")
      } else {
        try writeImage(picture, to: folder + "/" + name + ".png")
      }
    } catch {
      writing = error
    }
  }

  /// The driver's bytes; the rows of the picture where there is no driver.
  private func write(raw frame: Frame, _ picture: RasterView, to path: String) throws {
    var bytes: [UInt8] = []
    if let raw = frame.raw {
      raw.withBytes { bytes = Array($0) }
    } else {
      picture.withBytes { base in
        for y in 0..<picture.height {
          bytes += UnsafeRawBufferPointer(
            start: base + y * picture.layout.rowBytes,
            count: picture.width * picture.format.pixelBytes)
        }
      }
    }
    do throws(ImageFileError) {
      try AtomicFile.write(bytes, to: path)
    } catch {
      throw CommandError(.failed, "cannot write", at: path, why: error.reason)
    }
  }

  var summary: JSONObject {
    let sorted = latencies.sorted()
    func percentile(_ p: Double) -> JSON {
      guard !sorted.isEmpty else { return .null }
      return .rounded(sorted[min(sorted.count - 1, Int(p * Double(sorted.count)))], 3)
    }
    var rate = 0.0
    if let span, let first = counters.first, let last = counters.last, span.last > span.first {
      rate = Double(last - first) / (span.last - span.first)
    }
    return [
      "delivered": .integer(counters.delivered), "dropped": .integer(counters.dropped),
      "corrupt": .integer(counters.corrupt), "incomplete": .integer(counters.incomplete),
      "starved": .integer(counters.starved),
      "first_sequence": counters.first.map { .integer($0) } ?? .null,
      "last_sequence": counters.last.map { .integer($0) } ?? .null, "fps": .rounded(rate, 2),
      "latency_ms": ["p50": percentile(0.5), "p99": percentile(0.99)],
      "format": delivers.map { .string($0.format) } ?? .null,
      "size": delivers.map { .string("\($0.width)x\($0.height)") } ?? .null,
    ]
  }
}
