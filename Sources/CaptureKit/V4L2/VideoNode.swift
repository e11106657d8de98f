import CVideo4Linux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A `/dev/video…` that takes pictures, and what tells its camera from others of the same make.
struct VideoNode: Sendable {
  let path: String
  /// The camera's name, as its driver tells it.
  let name: String
  /// Where it is plugged in: "usb-0000:00:14.0-2".
  let bus: String
  let driver: String
  /// What the maker wrote into it; nil where there is none.
  let serial: String?
  /// Which of the camera's nodes this is.
  let index: Int

  /// The same camera, perhaps under another number and, with a serial number, in another socket.
  func isSame(as other: VideoNode) -> Bool {
    guard name == other.name, driver == other.driver, index == other.index else { return false }
    if let serial, let theirs = other.serial { return serial == theirs }
    return bus == other.bus
  }

  func isCalled(_ word: String) -> Bool {
    [path, serial, bus, name].contains(word)
  }

  /// Every capturing node of this computer that may be opened, by number.
  static func all() -> [VideoNode] {
    paths().compactMap { path in
      let device = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
      guard device >= 0 else { return nil }
      defer { close(device) }
      return VideoNode(path: path, device: device)
    }
  }

  /// Paths of all nodes, those that may not be opened too.
  static func paths() -> [String] {
    var numbers: [Int] = []
    guard let folder = opendir("/dev") else { return [] }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix("video"), let number = Int(name.dropFirst(5)) { numbers.append(number) }
    }
    return numbers.sorted().map { "/dev/video\($0)" }
  }

  /// Nil where the node takes no pictures by streaming.
  init?(path: String, device: Int32) {
    var answer = v4l2_capability()
    guard video_call(device, video_query_capability, &answer) == 0 else { return nil }
    let all = UInt32(bitPattern: Int32(bitPattern: UInt32(V4L2_CAP_DEVICE_CAPS)))
    let abilities = answer.capabilities & all != 0 ? answer.device_caps : answer.capabilities
    let wanted = UInt32(V4L2_CAP_VIDEO_CAPTURE) | UInt32(V4L2_CAP_STREAMING)
    guard abilities & wanted == wanted else { return nil }
    self.path = path
    name = text(of: answer.card)
    bus = text(of: answer.bus_info)
    driver = text(of: answer.driver)
    let folder = "/sys/class/video4linux/" + (path.split(separator: "/").last ?? "")
    index = firstLine(of: folder + "/index").flatMap { Int($0) } ?? 0
    // The node hangs on an interface of the USB device, which is one level up.
    serial = firstLine(of: folder + "/device/../serial")
  }
}

/// The text in a C array of characters, up to its zero.
func text<Characters>(of array: Characters) -> String {
  withUnsafeBytes(of: array) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
}

/// The first line of a small file of the system; nil where there is none.
func firstLine(of path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  guard fgets(&line, Int32(line.count), file) != nil else { return nil }
  let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init), as: UTF8.self)
  return text.isEmpty ? nil : text
}
