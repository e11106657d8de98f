import CPluginABI
import Threading
import VisionImage

/// Pictures of a GenICam camera, each in a buffer on lease. The buffers live as long as somebody
/// looks, also after the camera has gone.
final class GenICamStream: CameraStream, @unchecked Sendable {
  /// The library's stream. It owns the memory of the buffers, so these hold it.
  private final class Handle: @unchecked Sendable {
    // The library's queues have locks of their own.
    let stream: OpaquePointer
    let device: GenICamDevice

    init(_ stream: OpaquePointer, _ device: GenICamDevice) {
      self.stream = stream
      self.device = device
    }

    deinit { device.library.functions.free_stream(stream) }
  }

  private let handle: Handle
  // Touched only by the thread that takes pictures.
  private var buffers = LentBuffers()
  private var isRunning = true

  /// A kernel's last vector may read past the last row.
  private static let slack = PixelBuffer.alignment
  /// What the usual limit of the system allows; less loses packets of large pictures.
  private static let socketBytes = 4 << 20
  /// With fewer buffers to fill, the library may soon have none.
  private static let few = 2

  private var device: GenICamDevice { handle.device }
  private var functions: plugin_cameras { device.library.functions }

  init(_ device: GenICamDevice, buffers count: Int, resend: Bool) throws(CaptureError) {
    var options = plugin_stream_options(
      buffers: Int32(count), slack: Int32(Self.slack), socket_bytes: Int32(Self.socketBytes),
      resend: resend ? 1 : 0)
    var stream: OpaquePointer?
    let functions = device.library.functions
    let (outcome, words) = device.library.words {
      functions.start(device.camera, &options, &stream, $0)
    }
    try device.check(outcome, "starting: \(words)")
    guard let stream else { throw .lost(url: device.name, why: "it gave no stream") }
    let handle = Handle(stream, device)
    self.handle = handle
    for index in 0..<count {
      var byteCount: UInt64 = 0
      guard let memory = functions.buffer(stream, Int32(index), &byteCount) else {
        preconditionFailure("buffer \(index) of \(count) is not there")
      }
      buffers.append(
        PixelBuffer(borrowing: memory, byteCount: Int(byteCount)) { _ in
          withExtendedLifetime(handle) {}
        })
    }
  }

  deinit { stop() }

  func stop() {
    if isRunning { functions.stop(device.camera) }
    isRunning = false
  }

  struct Filled {
    let about: plugin_picture
    let raw: RawPicture
  }

  func next(until deadline: MonotonicTime) -> Filled? {
    guard isRunning else { return nil }
    while true {
      buffers.takeBack { index in
        functions.give_back(handle.stream, Int32(index))
        return true
      }
      let isShort = buffers.count - buffers.lentCount < Self.few
      let until = isShort ? min(deadline, .now + LentBuffers.glance) : deadline
      var about = plugin_picture()
      let left = UInt64(max(0, (until - .now) * 1e6))
      guard functions.next(handle.stream, left, &about) == PLUGIN_DONE.rawValue else {
        if until < deadline { continue }
        return nil
      }
      let raw = RawPicture(
        buffer: buffers.lend(Int(about.buffer)), offset: Int(about.offset),
        byteCount: Int(about.byte_count))
      return Filled(about: about, raw: raw)
    }
  }

  /// Packets that came only when they were asked for again.
  var resent: Int {
    var counters = plugin_stream_counters()
    functions.counters(handle.stream, &counters)
    return Int(counters.resent_packets)
  }
}
