import VisionCore

/// How a camera writes its pixels into memory.
public struct PixelEncoding: Sendable {
  typealias Samples = SampleLayout

  enum Content: Sendable, Equatable {
    case grey(Samples)
    case bayer(Demosaic.Pattern, Samples)
    /// Two pixels in four bytes.
    case yuv422(YUV422.Order)
    /// A plane of luma, then one of colour differences of half the size.
    case yuv420(NV12.Order)
    /// Where red, green and blue lie in a pixel of so many bytes.
    case rgb(red: Int, green: Int, blue: Int, bytes: Int)
    case jpeg
    /// What only libv4lconvert reads, by its four characters.
    case foreign
  }

  /// The name that lists show.
  public let name: String
  /// What else it is called.
  let aliases: [String]
  /// Its number in Video4Linux (four characters) and in GenICam; 0 where it has none there.
  let fourCC: UInt32
  let genICam: UInt32
  let content: Content

  /// Significant bits of one sample.
  var bits: Int {
    switch content {
    case .grey(let samples), .bayer(_, let samples): samples.bits
    default: 8
    }
  }

  /// Bytes of a row without padding; 0 where there are no rows.
  func rowBytes(width: Int) -> Int {
    switch content {
    case .grey(let samples), .bayer(_, let samples): samples.bytes(of: width)
    case .yuv422: (width + 1) / 2 * 4
    case .yuv420: width
    case .rgb(_, _, _, let bytes): width * bytes
    case .jpeg, .foreign: 0
    }
  }

  /// Bytes that a whole picture has at least; the last row needs no padding.
  func byteCount(width: Int, height: Int, rowBytes: Int) -> Int {
    switch content {
    case .jpeg, .foreign: 0
    case .yuv420: rowBytes * (height + (height + 1) / 2 - 1) + width
    default: rowBytes * (height - 1) + self.rowBytes(width: width)
    }
  }

  func isCalled(_ word: String) -> Bool {
    name.lowercased() == word.lowercased()
      || aliases.contains { $0.lowercased() == word.lowercased() }
  }

  static func named(_ word: String, among all: [PixelEncoding]) -> PixelEncoding? {
    all.first { $0.isCalled(word) }
  }
}

extension PixelEncoding {
  /// A format of Video4Linux that is none of ours.
  init(foreign code: UInt32, name: String) {
    self.init(name: name, aliases: [], fourCC: code, genICam: 0, content: .foreign)
  }

  private static func video(
    _ name: String, _ code: String, _ content: Content, also aliases: [String] = []
  ) -> PixelEncoding {
    PixelEncoding(
      name: name, aliases: aliases + [code.filter { $0 != " " }],
      fourCC: code.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }, genICam: 0,
      content: content)
  }

  private static func genICam(
    _ name: String, _ code: UInt32, _ content: Content, also aliases: [String] = []
  ) -> PixelEncoding {
    PixelEncoding(name: name, aliases: aliases, fourCC: 0, genICam: code, content: content)
  }

  /// What Video4Linux cameras give, those that need the least work first.
  static let ofVideo4Linux: [PixelEncoding] =
    [
      video("GREY", "GREY", .grey(.bytes), also: ["Mono8"]),
      video("Y16", "Y16 ", .grey(.words(bits: 16)), also: ["Mono16"]),
      video("Y14", "Y14 ", .grey(.words(bits: 14))),
      video("Y12", "Y12 ", .grey(.words(bits: 12)), also: ["Mono12"]),
      video("Y10", "Y10 ", .grey(.words(bits: 10)), also: ["Mono10"]),
      bigEndianY16,
      video("Y10P", "Y10P", .grey(.raised(bits: 10))),
      video("Y12P", "Y12P", .grey(.raised(bits: 12))),
      video("Y10BPACK", "Y10B", .grey(.dense(bits: 10, highBitFirst: true))),
      video("RGB24", "RGB3", .rgb(red: 0, green: 1, blue: 2, bytes: 3), also: ["RGB8"]),
      video("BGR24", "BGR3", .rgb(red: 2, green: 1, blue: 0, bytes: 3), also: ["BGR8"]),
      video("XBGR32", "XR24", .rgb(red: 2, green: 1, blue: 0, bytes: 4)),
      video("ABGR32", "AR24", .rgb(red: 2, green: 1, blue: 0, bytes: 4)),
      video("BGR32", "BGR4", .rgb(red: 2, green: 1, blue: 0, bytes: 4)),
      video("XRGB32", "BX24", .rgb(red: 1, green: 2, blue: 3, bytes: 4)),
      video("ARGB32", "BA24", .rgb(red: 1, green: 2, blue: 3, bytes: 4)),
      video("RGB32", "RGB4", .rgb(red: 1, green: 2, blue: 3, bytes: 4)),
    ] + bayerOfVideo4Linux + [
      video("YUYV", "YUYV", .yuv422(.yuyv), also: ["YUY2"]),
      video("UYVY", "UYVY", .yuv422(.uyvy)),
      video("YVYU", "YVYU", .yuv422(.yvyu)),
      video("VYUY", "VYUY", .yuv422(.vyuy)),
      video("NV12", "NV12", .yuv420(.nv12)),
      video("NV21", "NV21", .yuv420(.nv21)),
      video("MJPEG", "MJPG", .jpeg),
      video("JPEG", "JPEG", .jpeg),
    ]

  /// The highest bit of a four-character code says that the most significant byte comes first.
  private static let bigEndianY16: PixelEncoding = {
    let little = video("Y16_BE", "Y16 ", .grey(.words(bits: 16, isBigEndian: true)))
    return PixelEncoding(
      name: little.name, aliases: ["Y16-BE"], fourCC: little.fourCC | 1 << 31, genICam: 0,
      content: little.content)
  }()

  private static let bayerOfVideo4Linux: [PixelEncoding] = {
    let orders: [(String, Demosaic.Pattern, [String])] = [
      ("SRGGB", .rggb, ["RGGB", "RG10", "RG12", "RG14", "RG16", "pRAA", "pRCC"]),
      ("SGRBG", .grbg, ["GRBG", "BA10", "BA12", "GR14", "GR16", "pgAA", "pgCC"]),
      ("SGBRG", .gbrg, ["GBRG", "GB10", "GB12", "GB14", "GB16", "pGAA", "pGCC"]),
      ("SBGGR", .bggr, ["BA81", "BG10", "BG12", "BG14", "BYR2", "pBAA", "pBCC"]),
    ]
    let depths: [(String, Samples)] = [
      ("8", .bytes), ("10", .words(bits: 10)), ("12", .words(bits: 12)), ("14", .words(bits: 14)),
      ("16", .words(bits: 16)), ("10P", .raised(bits: 10)), ("12P", .raised(bits: 12)),
    ]
    return orders.flatMap { name, pattern, codes in
      zip(depths, codes).map { depth, code in
        video(name + depth.0, code, .bayer(pattern, depth.1))
      }
    }
  }()

  /// What GenICam cameras give.
  static let ofGenICam: [PixelEncoding] =
    [
      genICam("Mono8", 0x0108_0001, .grey(.bytes), also: ["GREY"]),
      genICam("Mono10", 0x0110_0003, .grey(.words(bits: 10))),
      genICam("Mono12", 0x0110_0005, .grey(.words(bits: 12))),
      genICam("Mono14", 0x0110_0025, .grey(.words(bits: 14))),
      genICam("Mono16", 0x0110_0007, .grey(.words(bits: 16))),
      genICam("Mono10Packed", 0x010c_0004, .grey(.paired(bits: 10))),
      genICam("Mono12Packed", 0x010c_0006, .grey(.paired(bits: 12))),
      genICam("Mono10p", 0x010a_0046, .grey(.dense(bits: 10, highBitFirst: false))),
      genICam("Mono12p", 0x010c_0047, .grey(.dense(bits: 12, highBitFirst: false))),
      genICam("RGB8", 0x0218_0014, .rgb(red: 0, green: 1, blue: 2, bytes: 3), also: ["RGB8Packed"]),
      genICam("BGR8", 0x0218_0015, .rgb(red: 2, green: 1, blue: 0, bytes: 3), also: ["BGR8Packed"]),
      genICam("YUV422_8_UYVY", 0x0210_001f, .yuv422(.uyvy), also: ["YUV422Packed"]),
      genICam("YUV422_8", 0x0210_0032, .yuv422(.yuyv), also: ["YUYVPacked"]),
    ] + bayerOfGenICam

  private static let bayerOfGenICam: [PixelEncoding] = {
    // The numbers of the orders GR, RG, GB, BG follow one another.
    let orders: [(String, Demosaic.Pattern)] = [
      ("GR", .grbg), ("RG", .rggb), ("GB", .gbrg), ("BG", .bggr),
    ]
    let depths: [(String, UInt32, Samples)] = [
      ("8", 0x0108_0008, .bytes), ("10", 0x0110_000c, .words(bits: 10)),
      ("12", 0x0110_0010, .words(bits: 12)), ("16", 0x0110_002e, .words(bits: 16)),
      ("10Packed", 0x010c_0026, .paired(bits: 10)), ("12Packed", 0x010c_002a, .paired(bits: 12)),
    ]
    return depths.flatMap { depth, first, samples in
      orders.enumerated().map { i, order in
        genICam("Bayer\(order.0)\(depth)", first + UInt32(i), .bayer(order.1, samples))
      }
    }
  }()
}
