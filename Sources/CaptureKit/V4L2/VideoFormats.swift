import CVideo4Linux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A size in which a format comes, with the rates it comes at.
struct VideoSize {
  let width: Int
  let height: Int
  /// Pictures a second.
  let rates: [Double]
}

/// What the device was set to.
struct VideoSetting: Sendable {
  let encoding: PixelEncoding
  let width: Int
  let height: Int
  let rowBytes: Int
  /// Bytes that a picture has at most.
  let pictureBytes: Int
  /// Pictures a second; 0 where the driver does not say.
  let rate: Double
}

extension VideoDevice {
  /// The four-character codes that the device delivers.
  var codes: [UInt32] {
    var all: [UInt32] = []
    var question = v4l2_fmtdesc()
    question.type = video_capture
    while let answer = ask(video_enumerate_formats, question) {
      all.append(answer.pixelformat)
      question.index += 1
    }
    return all
  }

  /// The formats that we can read, those last that only libv4lconvert may.
  var encodings: [PixelEncoding] {
    let codes = codes
    let known = PixelEncoding.ofVideo4Linux.filter { codes.contains($0.fourCC) }
    guard ForeignConverter.isThere else { return known }
    let others = codes.filter { code in !known.contains { $0.fourCC == code } }
    return known + others.map { PixelEncoding(foreign: $0, name: Self.characters($0)) }
  }

  /// Whether the driver can share its buffers with other devices (DMABUF); nil while somebody
  /// streams.
  var sharesBuffers: Bool? {
    var count: UInt32 = 1
    guard video_request_buffers(descriptor, &count) == 0 else { return nil }
    defer {
      var none: UInt32 = 0
      _ = video_request_buffers(descriptor, &none)
    }
    return count > 0 && video_can_export(descriptor, 0) == 0
  }

  func sizes(of encoding: PixelEncoding) -> [VideoSize] {
    var all: [VideoSize] = []
    var question = v4l2_frmsizeenum()
    question.pixel_format = encoding.fourCC
    while let answer = ask(video_enumerate_sizes, question) {
      guard answer.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else {
        // Any size between two; the smallest and the largest stand for them.
        let range = answer.stepwise
        for (w, h) in [(range.min_width, range.min_height), (range.max_width, range.max_height)] {
          all.append(size(encoding, w, h))
        }
        return all
      }
      all.append(size(encoding, answer.discrete.width, answer.discrete.height))
      question.index += 1
    }
    return all
  }

  private func size(_ encoding: PixelEncoding, _ width: UInt32, _ height: UInt32) -> VideoSize {
    var rates: [Double] = []
    var question = v4l2_frmivalenum()
    question.pixel_format = encoding.fourCC
    question.width = width
    question.height = height
    while let answer = ask(video_enumerate_intervals, question) {
      guard answer.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue else {
        rates += [answer.stepwise.max.rate, answer.stepwise.min.rate]
        break
      }
      rates.append(answer.discrete.rate)
      question.index += 1
    }
    return VideoSize(width: Int(width), height: Int(height), rates: rates.filter { $0 > 0 })
  }

  /// Sets format, size and rate; what is nil stays as the device has it, where we can read that.
  func negotiate(
    format word: String?, size: (width: Int, height: Int)?, rate: Double?, url: String
  ) throws(CaptureError) -> VideoSetting {
    func cannot(_ why: String) -> CaptureError { .cannotOpen(url: url, why: why) }
    let encodings = encodings
    var format = v4l2_format()
    format.type = video_capture
    try check(video_call(descriptor, video_get_format, &format), "asking for the format")
    let has = "it has " + encodings.map(\.name).joined(separator: ", ")
    let encoding: PixelEncoding
    if let word {
      guard let found = PixelEncoding.named(word, among: encodings) else {
        throw cannot("the camera has no format '\(word)'; \(has)")
      }
      encoding = found
    } else {
      let code = format.fmt.pix.pixelformat
      guard let found = encodings.first(where: { $0.fourCC == code }) ?? encodings.first else {
        let names = codes.map(Self.characters).joined(separator: ", ")
        throw cannot("the camera has no format that can be read here; it has \(names)")
      }
      encoding = found
    }
    format.fmt.pix.pixelformat = encoding.fourCC
    // The driver reckons these.
    format.fmt.pix.bytesperline = 0
    format.fmt.pix.sizeimage = 0
    if let size {
      format.fmt.pix.width = UInt32(size.width)
      format.fmt.pix.height = UInt32(size.height)
    }
    try check(video_call(descriptor, video_set_format, &format), "setting the format")
    let got = format.fmt.pix
    guard got.pixelformat == encoding.fourCC else {
      throw cannot("the camera took \(Self.characters(got.pixelformat)) for \(encoding.name); \(has)")
    }
    if let size, Int(got.width) != size.width || Int(got.height) != size.height {
      let sizes = sizes(of: encoding).map { "\($0.width)x\($0.height)" }.joined(separator: ", ")
      throw cannot(
        "\(encoding.name) does not come in \(size.width)x\(size.height); there is "
          + (sizes.isEmpty ? "\(got.width)x\(got.height)" : sizes))
    }
    return VideoSetting(
      encoding: encoding, width: Int(got.width), height: Int(got.height),
      rowBytes: Int(got.bytesperline), pictureBytes: Int(got.sizeimage),
      rate: try setRate(rate, encoding, got.width, got.height, url: url))
  }

  private func setRate(
    _ wanted: Double?, _ encoding: PixelEncoding, _ width: UInt32, _ height: UInt32, url: String
  ) throws(CaptureError) -> Double {
    var stream = v4l2_streamparm()
    stream.type = video_capture
    guard video_call(descriptor, video_get_parameters, &stream) == 0 else { return 0 }
    if let wanted {
      stream.parm.capture.timeperframe = v4l2_fract(
        numerator: 1_000_000, denominator: UInt32(wanted * 1_000_000 + 0.5))
      try check(video_call(descriptor, video_set_parameters, &stream), "setting the rate")
    }
    let rate = stream.parm.capture.timeperframe.rate
    if let wanted, rate > 0, abs(rate - wanted) > 0.02 * wanted {
      let rates = size(encoding, width, height).rates.sorted().map { "\($0.rounded(to: 3))" }
      throw .cannotOpen(
        url: url,
        why: "\(encoding.name) \(width)x\(height) does not come at \(wanted) a second; there is "
          + (rates.isEmpty ? "\(rate.rounded(to: 3))" : rates.joined(separator: ", ")))
    }
    return rate
  }

  static func characters(_ code: UInt32) -> String {
    let letters = (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0) & 0x7f) }
    let isBigEndian = code >> 31 == 1
    return String(decoding: letters.filter { $0 > 32 }, as: UTF8.self) + (isBigEndian ? "_BE" : "")
  }
}

extension v4l2_fract {
  /// An interval as pictures a second.
  fileprivate var rate: Double { numerator == 0 ? 0 : Double(denominator) / Double(numerator) }
}

extension Double {
  func rounded(to digits: Int) -> Double {
    let scale = [1.0, 10, 100, 1000, 10000, 100000, 1000000][digits]
    return (self * scale).rounded() / scale
  }
}
