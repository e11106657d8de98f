import CVideo4Linux
import Threading
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The driver's buffers, mapped into our memory: each is lent to a picture and queued again when the
/// last view of it is gone. The mappings live as long as somebody looks, also after the camera has
/// been unplugged.
final class VideoStream: Sendable {
  private struct Mapping: @unchecked Sendable {
    // Written by the driver while it is queued, read by a picture's views while it is lent.
    let address: UnsafeMutableRawPointer
    let length: Int
  }

  private struct State {
    /// Nil after the stream has ended: buffers that come back then go nowhere.
    var device: VideoDevice?
    var queued = 0
    /// The driver had no buffer to fill at some time since the last picture.
    var ranDry = false
    /// Buffers that the driver did not take back; they are offered again.
    var refused: [UInt32] = []
  }

  private let mappings: [Mapping]
  private let state: Guarded<State>
  /// Whether the driver can share its buffers with other devices (DMABUF).
  let canExport: Bool

  /// One page that belongs to us follows each mapping, so that a kernel's last vector may read on.
  private static let slack = 4096

  init(_ device: VideoDevice, buffers: Int) throws(CaptureError) {
    var count = UInt32(buffers)
    try device.check(
      video_request_buffers(device.descriptor, &count), "asking for \(buffers) buffers")
    var mappings: [Mapping] = []
    do throws(CaptureError) {
      for index in 0..<count {
        mappings.append(try Self.map(device, index))
      }
    } catch {
      for mapping in mappings { munmap(mapping.address, mapping.length + Self.slack) }
      throw error
    }
    self.mappings = mappings
    canExport = count > 0 && video_can_export(device.descriptor, 0) == 0
    state = Guarded(State(device: device))
    for index in 0..<count { giveBack(index) }
    let status = video_stream(device.descriptor, 1)
    if status != 0 {
      stop()
      throw device.error(status, doing: "starting")
    }
    state.withLock { $0.ranDry = false }
  }

  deinit {
    for mapping in mappings { munmap(mapping.address, mapping.length + Self.slack) }
  }

  private static func map(
    _ device: VideoDevice, _ index: UInt32
  ) throws(CaptureError) -> Mapping {
    var offset: UInt32 = 0, length: UInt32 = 0
    try device.check(
      video_query_buffer(device.descriptor, index, &offset, &length), "asking for buffer \(index)")
    let whole = (Int(length) + 4095) / 4096 * 4096
    let reserved = mmap(
      nil, whole + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let reserved, reserved != MAP_FAILED else {
      throw device.error(-errno, doing: "reserving memory for buffer \(index)")
    }
    let mapped = mmap(
      reserved, Int(length), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, device.descriptor,
      Int(offset))
    guard mapped != MAP_FAILED else {
      let code = errno
      munmap(reserved, whole + slack)
      throw device.error(-code, doing: "mapping buffer \(index)")
    }
    return Mapping(address: reserved, length: whole)
  }

  /// Ends the stream; pictures that are still looked at keep their memory.
  func stop() {
    state.withLock { state in
      guard let device = state.device else { return }
      // A device that is gone refuses both, and there is nothing left to end.
      _ = video_stream(device.descriptor, 0)
      var none: UInt32 = 0
      _ = video_request_buffers(device.descriptor, &none)
      state.device = nil
    }
  }

  struct Filled {
    let raw: RawPicture
    let about: video_filled
    /// The driver had nothing to fill at some time since the picture before.
    let ranDry: Bool
  }

  /// The next filled buffer, on lease; nil where none came until the deadline.
  func next(until deadline: MonotonicTime) throws(CaptureError) -> Filled? {
    guard let device = state.withLock({ $0.device }) else { return nil }
    retryRefused()
    while true {
      let left = max(0, (deadline - .now) * 1000)
      var question = pollfd(fd: device.descriptor, events: Int16(POLLIN), revents: 0)
      let answered = poll(&question, 1, Int32(left.rounded(.up)))
      guard answered > 0 else { return nil }
      var about = video_filled()
      let status = video_dequeue(device.descriptor, &about)
      if status == -EAGAIN {
        // Woken for nothing, or the driver reports trouble by poll alone.
        if question.revents & Int16(POLLERR | POLLHUP) != 0 {
          throw device.error(-EIO, doing: "waiting for a picture")
        }
        continue
      }
      try device.check(status, "taking a picture")
      let ranDry = state.withLock { state in
        state.queued -= 1
        let ranDry = state.ranDry
        state.ranDry = state.queued == 0
        return ranDry
      }
      let mapping = mappings[Int(about.index)]
      let index = about.index
      let buffer = PixelBuffer(borrowing: mapping.address, byteCount: mapping.length) { [self] _ in
        giveBack(index)
      }
      let count = min(Int(about.byte_count), mapping.length)
      return Filled(
        raw: RawPicture(buffer: buffer, byteCount: count), about: about, ranDry: ranDry)
    }
  }

  private func giveBack(_ index: UInt32) {
    state.withLock { state in
      guard let device = state.device else { return }
      if video_queue(device.descriptor, index) == 0 {
        state.queued += 1
      } else {
        state.refused.append(index)
      }
    }
  }

  private func retryRefused() {
    let waiting = state.withLock { state in
      defer { state.refused = [] }
      return state.refused
    }
    waiting.forEach(giveBack)
  }
}
