import CVideo4Linux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An open Video4Linux device. Its errors are told in words that say what to do.
final class VideoDevice: Sendable {
  let descriptor: Int32
  let node: VideoNode
  private let url: String

  private init(_ descriptor: Int32, _ node: VideoNode, url: String) {
    self.descriptor = descriptor
    self.node = node
    self.url = url
  }

  deinit { close(descriptor) }

  /// Opens the camera that a person named: by path, serial number, socket or name.
  static func open(_ word: String, url: String) throws(CaptureError) -> VideoDevice {
    if word.hasPrefix("/") { return try open(path: word, url: url) }
    guard let node = VideoNode.all().first(where: { $0.isCalled(word) }) else {
      throw .unavailable(url: url, why: "no camera is called '\(word)'. \(whatThereIs())")
    }
    return try open(path: node.path, url: url)
  }

  /// Opens the camera that was there before, whatever its number is now.
  static func open(again lost: VideoNode, url: String) throws(CaptureError) -> VideoDevice {
    guard let node = VideoNode.all().first(where: { $0.isSame(as: lost) }) else {
      throw .lost(url: url, why: "'\(lost.name)' is not there")
    }
    return try open(path: node.path, url: url)
  }

  private static func open(path: String, url: String) throws(CaptureError) -> VideoDevice {
    let descriptor = Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      throw .unavailable(url: url, why: whyNotOpened(path, code))
    }
    guard let node = VideoNode(path: path, device: descriptor) else {
      close(descriptor)
      throw .unavailable(url: url, why: "\(path) takes no pictures. \(whatThereIs())")
    }
    return VideoDevice(descriptor, node, url: url)
  }

  /// The nodes that this user may not open.
  static func whyNotListed() -> [String] {
    VideoNode.paths().compactMap { path in
      let descriptor = Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
      let code = errno
      guard descriptor < 0 else {
        close(descriptor)
        return nil
      }
      return code == EACCES || code == EPERM ? whyNotOpened(path, code) : nil
    }
  }

  private static func whyNotOpened(_ path: String, _ code: Int32) -> String {
    switch code {
    case EACCES, EPERM:
      var status = stat()
      var group = "video"
      if stat(path, &status) == 0, let entry = getgrgid(status.st_gid) {
        group = String(cString: entry.pointee.gr_name)
      }
      return "no permission for \(path). Join its group ('usermod -aG \(group) USER', then log in "
        + "anew), or add the udev rule SUBSYSTEM==\"video4linux\", GROUP=\"\(group)\", MODE=\"0660\""
    case ENOENT, ENODEV, ENXIO:
      return "there is no \(path). \(whatThereIs())"
    case EBUSY:
      return "\(path) is in use\(holder(of: path))"
    default:
      return "\(path): \(String(cString: strerror(code)))"
    }
  }

  private static func whatThereIs() -> String {
    let nodes = VideoNode.all().map { "\($0.path) (\($0.name))" }
    return nodes.isEmpty
      ? "This computer has no Video4Linux camera"
      : "There is " + nodes.joined(separator: ", ")
  }

  /// Which other process has the device open, as far as we may see.
  static func holder(of path: String) -> String {
    guard let processes = opendir("/proc") else { return "" }
    defer { closedir(processes) }
    let own = getpid()
    while let entry = readdir(processes) {
      guard let id = Int32(text(of: entry.pointee.d_name)), id != own,
        let files = opendir("/proc/\(id)/fd")
      else { continue }
      defer { closedir(files) }
      while let file = readdir(files) {
        var target = [CChar](repeating: 0, count: 512)
        let link = "/proc/\(id)/fd/" + text(of: file.pointee.d_name)
        guard readlink(link, &target, target.count - 1) > 0 else { continue }
        if String(decoding: target.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) == path {
          return " by \(firstLine(of: "/proc/\(id)/comm") ?? "a process") (process \(id))"
        }
      }
    }
    return ""
  }

  /// What a negative errno of a call means for the camera.
  func error(_ status: Int32, doing what: String) -> CaptureError {
    switch -status {
    case ENODEV, ENXIO, EIO, EPIPE, ENOLINK, EPROTO, ESHUTDOWN:
      .lost(url: url, why: "\(what): \(String(cString: strerror(-status)))")
    case EBUSY:
      .unavailable(
        url: url, why: "\(node.path) is in use\(Self.holder(of: node.path)); \(what) is impossible")
    default:
      .refused(url: url, why: "\(what): \(String(cString: strerror(-status)))")
    }
  }

  func check(_ status: Int32, _ what: String) throws(CaptureError) {
    if status != 0 { throw error(status, doing: what) }
  }

  /// Asks a question whose answer is written over it; nil where the driver has none.
  func ask<Question>(_ request: UInt, _ question: Question) -> Question? {
    var answer = question
    let status = withUnsafeMutablePointer(to: &answer) { video_call(descriptor, request, $0) }
    return status == 0 ? answer : nil
  }
}
