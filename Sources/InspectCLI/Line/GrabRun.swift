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
  private var resent = 0
  private let writer = PictureWriter()

  /// How soon a request to stop is noticed, and how often a lost camera is looked for.
  private static let slice = 0.2
  /// Of so many pictures the time is kept that they took to come.
  private static let mostLatencies = 1 << 20

  init(_ camera: any Camera, count: Int, patience: Double, folder: String?, isRaw: Bool) {
    self.camera = camera
    self.count = count
    self.patience = patience
    self.folder = folder
    self.isRaw = isRaw
    latencies.reserveCapacity(min(count, Self.mostLatencies))
  }

  /// Returns why the camera gave less than was asked for; nil where it gave all.
  func run() throws -> String? {
    defer { camera.stop() }
    do {
      let failure = try takeAll()
      try writer.finish()
      return failure
    } catch {
      // What was taken before is kept; the first error is the one to tell.
      try? writer.finish()
      throw error
    }
  }

  private func takeAll() throws(CommandError) -> String? {
    var lastGood = MonotonicTime.now
    var trouble: String?
    var isStarted = false
    while counters.delivered < count && !StopRequest.isMade {
      var frame: Frame?
      do throws(CaptureError) {
        if !isStarted { try camera.start() }
        isStarted = true
        frame = try camera.next(until: .now + Self.slice)
        trouble = nil
      } catch {
        if error == .ended { return "it ended after \(counters.delivered) pictures" }
        if counters.first == nil { try refuse(error) }
        if trouble == nil { Output.note("inspect: note: \(error.why)") }
        trouble = error.why
        isStarted = false
        (MonotonicTime.now + Self.slice).sleep()
      }
      if let frame {
        try take(frame)
        if frame.status == .good { lastGood = .now }
      }
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

  private func take(_ frame: Frame) throws(CommandError) {
    counters.count(frame)
    span = (span?.first ?? frame.captured, frame.captured)
    if latencies.count < Self.mostLatencies { latencies.append((.now - frame.captured) * 1000) }
    delivers = camera.delivers ?? delivers
    resent = max(resent, camera.resentPackets)
    guard let picture = frame.picture, let folder else { return }
    let digits = String(frame.sequence)
    let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    try writer.write(
      isRaw
        ? PictureWriter.Job(
          path: "\(folder)/\(name).raw", content: .bytes(bytes(frame, picture)),
          taken: frame.captured)
        : PictureWriter.Job(
          path: "\(folder)/\(name).png", content: .picture(Raster(copying: picture)),
          taken: frame.captured))
  }

  /// The driver's bytes; the rows of the picture where there is no driver.
  private func bytes(_ frame: Frame, _ picture: RasterView) -> [UInt8] {
    if let raw = frame.raw { return raw.withBytes { Array($0) } }
    return picture.withBytes { base in
      (0..<picture.height).flatMap { y in
        UnsafeRawBufferPointer(
          start: base + y * picture.layout.rowBytes,
          count: picture.width * picture.format.pixelBytes)
      }
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
      "starved": .integer(counters.starved), "resent": .integer(resent),
      "clock_gaps": .integer(counters.clockGaps),
      "first_sequence": counters.first.map { .integer($0) } ?? .null,
      "last_sequence": counters.last.map { .integer($0) } ?? .null, "fps": .rounded(rate, 2),
      "latency_ms": ["p50": percentile(0.5), "p99": percentile(0.99)],
      "format": delivers.map { .string($0.format) } ?? .null,
      "size": delivers.map { .string("\($0.width)x\($0.height)") } ?? .null,
    ]
  }
}
