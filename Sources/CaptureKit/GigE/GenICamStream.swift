import CPluginABI
import Threading
import VisionImage

/// Pictures of a GenICam camera, each in a buffer on lease. The buffers live as long as somebody
/// looks, also after the camera has gone.
final class GenICamStream: @unchecked Sendable {
  // The library's queues have locks of their own.
  private let stream: OpaquePointer
  private let device: GenICamDevice
  private let isStopped = Guarded(false)

  /// A kernel's last vector may read past the last row.
  private static let slack = PixelBuffer.alignment
  /// What the usual limit of the system allows; less loses packets of large pictures.
  private static let socketBytes = 4 << 20

  init(_ device: GenICamDevice, buffers: Int, resend: Bool) throws(CaptureError) {
    var options = plugin_stream_options(
      buffers: Int32(buffers), slack: Int32(Self.slack), socket_bytes: Int32(Self.socketBytes),
      resend: resend ? 1 : 0)
    var stream: OpaquePointer?
    let functions = device.library.functions
    let (outcome, words) = device.library.words {
      functions.start(device.camera, &options, &stream, $0)
    }
    try device.check(outcome, "starting: \(words)")
    guard let stream else { throw .lost(url: device.name, why: "it gave no stream") }
    self.stream = stream
    self.device = device
  }

  deinit {
    stop()
    device.library.functions.free_stream(stream)
  }

  func stop() {
    isStopped.withLock { isStopped in
      if !isStopped { device.library.functions.stop(device.camera, stream) }
      isStopped = true
    }
  }

  struct Filled {
    let about: plugin_picture
    let raw: RawPicture
  }

  func next(until deadline: MonotonicTime) -> Filled? {
    var about = plugin_picture()
    let left = UInt64(max(0, (deadline - .now) * 1e6))
    guard device.library.functions.next(stream, left, &about) == PLUGIN_DONE.rawValue,
      let bytes = about.bytes
    else { return nil }
    nonisolated(unsafe) let token = about.token
    let buffer = PixelBuffer(
      borrowing: bytes, byteCount: Int(about.byte_count) + Self.slack
    ) { [self] _ in device.library.functions.release(stream, token) }
    return Filled(about: about, raw: RawPicture(buffer: buffer, byteCount: Int(about.byte_count)))
  }

  /// Packets that came only when they were asked for again.
  var resent: Int {
    var counters = plugin_stream_counters()
    device.library.functions.counters(stream, &counters)
    return Int(counters.resent_packets)
  }
}
