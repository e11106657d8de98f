import CVideo4Linux
import Configuration

/// A control of a Video4Linux device.
struct VideoControl {
  let identity: UInt32
  /// In lower case, everything but letters and digits an underline: "auto_exposure".
  let name: String
  let range: ClosedRange<Int>
  let isButton: Bool
  let isWide: Bool
  let isReadOnly: Bool
  let fallback: Int
  /// The words of a menu.
  let words: [(value: Int, word: String)]

  /// Video4Linux says in its documents, not by the driver, what a control counts in.
  private static let units = ["exposure_time_absolute": "100 µs", "exposure_absolute": "100 µs"]

  func value(on device: VideoDevice) -> Int? {
    var value: Int64 = 0
    let status = video_get_control(device.descriptor, identity, isWide ? 1 : 0, &value)
    return status == 0 ? Int(value) : nil
  }

  func describe(on device: VideoDevice) -> CameraControl {
    var help = words.map { "\($0.value): \($0.word)" }.joined(separator: ", ")
    if isReadOnly { help = help.isEmpty ? "cannot be set" : help + "; cannot be set" }
    return CameraControl(
      parameter: Parameter(name, .whole(range), default: .whole(fallback), help),
      unit: Self.units[name] ?? "",
      value: Double(isButton ? 0 : value(on: device) ?? fallback))
  }
}

extension VideoDevice {
  /// The controls that are numbers, switches, menus or buttons.
  var controls: [VideoControl] {
    var all: [VideoControl] = []
    var question = v4l2_query_ext_ctrl()
    question.id = video_next_control
    while let answer = ask(video_query_control, question) {
      question.id = answer.id | video_next_control
      if let control = control(answer) { all.append(control) }
    }
    return all
  }

  private func control(_ answer: v4l2_query_ext_ctrl) -> VideoControl? {
    let kinds = [
      V4L2_CTRL_TYPE_INTEGER, V4L2_CTRL_TYPE_BOOLEAN, V4L2_CTRL_TYPE_MENU, V4L2_CTRL_TYPE_BUTTON,
      V4L2_CTRL_TYPE_INTEGER64, V4L2_CTRL_TYPE_BITMASK, V4L2_CTRL_TYPE_INTEGER_MENU,
    ]
    let flags = answer.flags
    guard flags & UInt32(V4L2_CTRL_FLAG_DISABLED) == 0, answer.nr_of_dims == 0,
      kinds.contains(where: { $0.rawValue == answer.type })
    else { return nil }
    let isBits = answer.type == V4L2_CTRL_TYPE_BITMASK.rawValue
    let low = Int(answer.minimum)
    // The largest value of a set of bits is told as a negative number where bit 31 is in it.
    let high = isBits ? Int(UInt32(truncatingIfNeeded: answer.maximum)) : Int(answer.maximum)
    return VideoControl(
      identity: answer.id, name: Self.plain(text(of: answer.name)), range: low...max(low, high),
      isButton: answer.type == V4L2_CTRL_TYPE_BUTTON.rawValue,
      isWide: answer.type == V4L2_CTRL_TYPE_INTEGER64.rawValue,
      isReadOnly: flags & UInt32(V4L2_CTRL_FLAG_READ_ONLY) != 0,
      fallback: Int(answer.default_value), words: words(answer))
  }

  private func words(_ control: v4l2_query_ext_ctrl) -> [(value: Int, word: String)] {
    let isNumbers = control.type == V4L2_CTRL_TYPE_INTEGER_MENU.rawValue
    guard isNumbers || control.type == V4L2_CTRL_TYPE_MENU.rawValue else { return [] }
    return (control.minimum...max(control.minimum, control.maximum)).compactMap { value in
      var question = v4l2_querymenu()
      question.id = control.id
      question.index = UInt32(value)
      guard let answer = ask(video_query_menu, question) else { return nil }
      // The structure is packed and its union nameless: bytes 8 to 40 are the name or the number.
      let word = withUnsafeBytes(of: answer) { bytes in
        isNumbers
          ? String(bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self))
          : String(decoding: bytes[8..<40].prefix { $0 != 0 }, as: UTF8.self)
      }
      return (Int(value), word)
    }
  }

  /// Sets a control by its name and a number or a word of its menu.
  func set(_ name: String, to word: String, url: String) throws(CaptureError) {
    func refused(_ why: String) -> CaptureError { .refused(url: url, why: why) }
    let all = controls
    let plain = Self.plain(name)
    guard let control = all.first(where: { $0.name == plain }) else {
      throw refused(unknownName("control", name, among: all.map(\.name)))
    }
    if control.isReadOnly { throw refused("\(name) cannot be set") }
    let value: Int
    if let entry = control.words.first(where: { Self.plain($0.word) == Self.plain(word) }),
      Int(word) == nil
    {
      value = entry.value
    } else if control.isButton {
      value = 1
    } else {
      do throws(ParameterError) {
        let parameter = Parameter(control.name, .whole(control.range), "")
        guard case .whole(let number) = try parameter.parse(word) else { return }
        value = number
      } catch {
        let words = control.words.map { "\($0.value) (\($0.word))" }.joined(separator: ", ")
        throw refused("\(name): \(error.message)" + (words.isEmpty ? "" : ": \(words)"))
      }
    }
    let status = video_set_control(
      descriptor, control.identity, control.isWide ? 1 : 0, Int64(value))
    try check(status, "setting \(name) to \(word)")
  }

  private static func plain(_ name: String) -> String {
    var out = ""
    for c in name.lowercased() {
      if c.isLetter || c.isNumber {
        out.append(c)
      } else if !out.hasSuffix("_") && !out.isEmpty {
        out.append("_")
      }
    }
    return out.hasSuffix("_") ? String(out.dropLast()) : out
  }
}
