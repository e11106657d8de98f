import CVideo4Linux
import VisionImage

/// Formats that we do not read ourselves, by libv4lconvert (Debian: libv4l-0), where it is there.
/// Used by one thread.
final class ForeignConverter {
  private let converter: OpaquePointer
  // It asks the device about itself.
  private let device: VideoDevice
  private let setting: VideoSetting
  private var colours: [UInt8]

  /// Whether there is a library for them on this computer.
  static var isThere: Bool { foreign_is_there() != 0 }

  /// Nil where the library is missing or does not know the format.
  init?(_ device: VideoDevice, _ setting: VideoSetting) {
    guard let converter = foreign_open(device.descriptor) else { return nil }
    self.converter = converter
    self.device = device
    self.setting = setting
    colours = [UInt8](repeating: 0, count: setting.width * setting.height * 3)
    // What it knows nothing of, it says so at once.
    let blank = [UInt8](repeating: 0, count: max(setting.pictureBytes, 1))
    let words = blank.withUnsafeBytes { fill($0) }
    if words?.contains("nknown src format") == true { return nil }
  }

  deinit { foreign_close(converter) }

  /// Writes the picture, or answers why there is none.
  func convert(_ bytes: UnsafeRawBufferPointer, into target: MutableRasterView) -> String? {
    if let words = fill(bytes) { return words }
    let row = 3 * setting.width
    colours.withUnsafeBytes { colours in
      for y in 0..<setting.height {
        target.row(y).copyMemory(from: colours.baseAddress! + y * row, byteCount: row)
      }
    }
    return nil
  }

  private func fill(_ bytes: UnsafeRawBufferPointer) -> String? {
    let words = colours.withUnsafeMutableBytes { colours in
      foreign_convert(
        converter, setting.encoding.fourCC, UInt32(setting.width), UInt32(setting.height),
        UInt32(setting.rowBytes), UInt32(setting.pictureBytes), bytes.baseAddress, bytes.count,
        colours.baseAddress, colours.count)
    }
    return words.map {
      String(cString: $0).split(whereSeparator: \.isNewline).joined(separator: ", ")
    }
  }
}
