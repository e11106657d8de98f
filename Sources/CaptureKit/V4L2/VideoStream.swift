import CVideo4Linux
import Threading
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The driver's buffers, mapped into our memory: each is lent to a picture and queued again when
/// nobody looks at it any more. The mappings live as long as somebody looks, also after the camera
/// has been unplugged.
final class VideoStream: CameraStream, @unchecked Sendable {
  private let device: VideoDevice
  // Touched only by the thread that takes pictures.
  private var buffers = LentBuffers()
  private var isRunning = false
  private var queued = 0
  /// The driver had no buffer to fill at some time since the last picture.
  private var ranDry = false

  /// One page that belongs to us follows each mapping, so that a kernel's last vector may read on.
  private static let slack = 4096
  /// With fewer buffers to fill, a driver may soon have none.
  private static let few = 2

  /// A driver that does not want to begin may want to later: all but a device in use is `.lost`.
  init(_ device: VideoDevice, buffers wanted: Int) throws(CaptureError) {
    self.device = device
    do throws(CaptureError) {
      try begin(wanted)
    } catch .refused(let url, let why) {
      throw .lost(url: url, why: why)
    }
  }

  private func begin(_ wanted: Int) throws(CaptureError) {
    var count = UInt32(wanted)
    try device.check(
      video_request_buffers(device.descriptor, &count), "asking for \(wanted) buffers")
    for index in 0..<count { buffers.append(try Self.map(device, index)) }
    for index in 0..<count {
      try device.check(video_queue(device.descriptor, index), "queueing buffer \(index)")
      queued += 1
    }
    isRunning = true
    let status = video_stream(device.descriptor, 1)
    if status != 0 {
      stop()
      throw device.error(status, doing: "starting")
    }
  }

  private static func map(
    _ device: VideoDevice, _ index: UInt32
  ) throws(CaptureError) -> PixelBuffer {
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
    return PixelBuffer(borrowing: reserved, byteCount: whole) { munmap($0, whole + slack) }
  }

  /// Ends the stream; pictures that are still looked at keep their memory.
  func stop() {
    guard isRunning else { return }
    isRunning = false
    // A device that is gone refuses both, and there is nothing left to end.
    _ = video_stream(device.descriptor, 0)
    var none: UInt32 = 0
    _ = video_request_buffers(device.descriptor, &none)
  }

  struct Filled {
    let raw: RawPicture
    let about: video_filled
    /// The driver had nothing to fill at some time since the picture before.
    let ranDry: Bool
  }

  /// The next filled buffer, on lease; nil where none came until the deadline.
  func next(until deadline: MonotonicTime) throws(CaptureError) -> Filled? {
    guard isRunning else { return nil }
    while true {
      queueReturned()
      let isShort = queued < Self.few && buffers.lentCount > 0
      let until = isShort ? min(deadline, .now + LentBuffers.glance) : deadline
      let left = max(0, (until - .now) * 1000)
      var question = pollfd(fd: device.descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&question, 1, Int32(left.rounded(.up))) > 0 else {
        if until < deadline { continue }
        return nil
      }
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
      queued -= 1
      defer { ranDry = queued == 0 }
      let buffer = buffers.lend(Int(about.index))
      let count = min(Int(about.byte_count), buffer.byteCount)
      return Filled(
        raw: RawPicture(buffer: buffer, byteCount: count), about: about, ranDry: ranDry)
    }
  }

  private func queueReturned() {
    buffers.takeBack { index in
      guard video_queue(device.descriptor, UInt32(index)) == 0 else { return false }
      queued += 1
      return true
    }
  }
}
