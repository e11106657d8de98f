import Testing
import Threading
import VisionImage

@testable import CaptureKit

/// What cameras write, held against plain definitions of their formats.
@Suite struct PixelTests {
  /// Bytes as a driver's buffer.
  private func raw(_ bytes: [UInt8]) -> RawPicture {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 64, alignment: 64)
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    return RawPicture(
      buffer: PixelBuffer(borrowing: memory, byteCount: bytes.count + 64) { $0.deallocate() },
      byteCount: bytes.count)
  }

  private func decode(
    _ name: String, _ bytes: [UInt8], width: Int, height: Int, rowBytes: Int? = nil
  ) throws -> PictureDecoder.Outcome {
    let all = PixelEncoding.ofVideo4Linux + PixelEncoding.ofGenICam
    let encoding = try #require(PixelEncoding.named(name, among: all))
    let decoder = PictureDecoder(
      encoding, width: width, height: height, rowBytes: rowBytes, buffers: 2)
    return decoder.decode(raw(bytes))
  }

  private func picture(_ outcome: PictureDecoder.Outcome) throws -> RasterView {
    guard case .picture(let view) = outcome else {
      Issue.record("\(outcome)")
      throw CaptureError.ended
    }
    return view
  }

  /// The bits of samples, packed one by one, for any of the layouts.
  private func pack(_ layout: PixelEncoding.Samples, _ values: [UInt16]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: layout.bytes(of: values.count))
    func put(_ value: UInt16, _ bit: Int, at byte: Int, _ place: Int) {
      if value >> UInt16(bit) & 1 == 1 { bytes[byte] |= 1 << UInt8(place) }
    }
    for (i, value) in values.enumerated() {
      for bit in 0..<layout.bits {
        switch layout {
        case .bytes: put(value, bit, at: i, bit)
        case .words(_, let isBigEndian): put(value, bit, at: 2 * i + (bit / 8 ^ (isBigEndian ? 1 : 0)), bit % 8)
        case .raised(let bits):
          let group = bits == 10 ? 4 : 2, low = bits - 8
          let start = i / group * (group + 1)
          if bit >= low {
            put(value, bit, at: start + i % group, bit - low)
          } else {
            put(value, bit, at: start + group, i % group * low + bit)
          }
        case .paired(let bits):
          let start = i / 2 * 3, low = bits - 8
          if bit >= low {
            put(value, bit, at: start + i % 2 * 2, bit - low)
          } else {
            put(value, bit, at: start + 1, i % 2 * 4 + bit)
          }
        case .dense(let bits, let highBitFirst):
          let place = i * bits + (highBitFirst ? bits - 1 - bit : bit)
          put(value, bit, at: place / 8, highBitFirst ? 7 - place % 8 : place % 8)
        }
      }
    }
    return bytes
  }

  @Test(arguments: PixelEncoding.ofVideo4Linux + PixelEncoding.ofGenICam)
  func greySamplesKeepTheirValues(encoding: PixelEncoding) throws {
    guard case .grey(let layout) = encoding.content else { return }
    var random = SceneRandom(seed: 5, part: 7)
    for width in [1, 2, 3, 4, 5, 31, 64, 101] {
      let limit = Double(1 << layout.bits)
      let values = (0..<3 * width).map { _ in UInt16(random.unit() * limit) }
      let bytes = (0..<3).flatMap { pack(layout, Array(values[$0 * width..<($0 + 1) * width])) }
      let view = try picture(
        try decode(encoding.name, bytes, width: width, height: 3))
      for y in 0..<3 {
        for x in 0..<width {
          let found = ImageView<UInt8>(view).map { UInt16($0[x, y]) } ?? ImageView<UInt16>(view)?[x, y]
          #expect(found == values[y * width + x], "\(encoding.name) \(width): \(x), \(y)")
        }
      }
    }
  }

  @Test(arguments: [
    ("RGB24", [1, 2, 3, 250, 251, 252]), ("BGR24", [3, 2, 1, 252, 251, 250]),
    ("XBGR32", [3, 2, 1, 9, 252, 251, 250, 9]), ("XRGB32", [9, 1, 2, 3, 9, 250, 251, 252]),
  ] as [(String, [UInt8])])
  func coloursStandInTheirOrder(name: String, bytes: [UInt8]) throws {
    let view = try #require(
      ImageView<RGB<UInt8>>(try picture(try decode(name, bytes, width: 2, height: 1))))
    #expect(view[0, 0] == RGB(red: 1, green: 2, blue: 3))
    #expect(view[1, 0] == RGB(red: 250, green: 251, blue: 252))
  }

  @Test(arguments: ["YUYV", "UYVY", "YVYU", "VYUY", "NV12", "NV21"])
  func lumaAndDifferencesBecomeColour(name: String) throws {
    var random = SceneRandom(seed: 11, part: 3)
    let y = (0..<8).map { _ in UInt8(random.unit() * 256) }
    let u = UInt8(random.unit() * 256), v = UInt8(random.unit() * 256)
    let bytes: [UInt8]
    if name.hasPrefix("NV") {
      bytes = y + (0..<2).flatMap { _ in name == "NV12" ? [u, v] : [v, u] }
    } else {
      bytes = (0..<4).flatMap { pair -> [UInt8] in
        let parts: [Character: [UInt8]] = ["Y": [y[2 * pair], y[2 * pair + 1]], "U": [u], "V": [v]]
        var taken = 0
        return name.map { letter in
          defer { if letter == "Y" { taken += 1 } }
          return parts[letter]![letter == "Y" ? taken : 0]
        }
      }
    }
    let view = try #require(
      ImageView<RGB<UInt8>>(try picture(try decode(name, bytes, width: 4, height: 2))))
    for i in 0..<8 {
      let luma = 1.164383 * max(0, Double(y[i]) - 16), du = Double(u) - 128, dv = Double(v) - 128
      let expected = [luma + 1.596027 * dv, luma - 0.812968 * dv - 0.391762 * du, luma + 2.017232 * du]
      let pixel = view[i % 4, i / 4]
      for (found, level) in zip([pixel.red, pixel.green, pixel.blue], expected) {
        #expect(abs(Double(found) - min(255, max(0, level))) <= 1, "\(name) \(i)")
      }
    }
  }

  @Test func greyIsLookedAtWhereItLies() throws {
    for (name, format) in [("GREY", PixelFormat.u8), ("Mono8", .u8), ("Y16", .u16), ("Y10", .u16)] {
      let bytes = raw([UInt8](repeating: 7, count: 128 * 4))
      let all = PixelEncoding.ofVideo4Linux + PixelEncoding.ofGenICam
      let encoding = try #require(PixelEncoding.named(name, among: all))
      let decoder = PictureDecoder(encoding, width: 32, height: 4, rowBytes: 128, buffers: 1)
      let view = try picture(decoder.decode(bytes))
      #expect(view.format == format && view.layout.rowBytes == 128)
      let address = bytes.withBytes { $0.baseAddress }
      #expect(view.withBytes { $0 == address }, "\(name) was copied")
      // What the first operator is given; 10 bits are raised to 16 before.
      let frame = Frame(
        status: .good, picture: view, bits: encoding.bits, sequence: 0, droppedBefore: 0,
        captured: .now)
      let grey = try #require(frame.greyPicture)
      #expect(grey.withBytes { $0 == address } == (name != "Y10"), "\(name) was copied")
    }
  }

  @Test(arguments: ["GREY", "Y16", "YUYV", "NV12", "RGB24", "SRGGB8", "MJPEG"])
  func partsOfPicturesAreNoPictures(name: String) throws {
    for count in [0, 1, 40] {
      let outcome = try decode(name, [UInt8](repeating: 1, count: count), width: 64, height: 48)
      guard case .damaged = outcome else {
        Issue.record("\(name) with \(count) bytes: \(outcome)")
        continue
      }
    }
  }

  @Test func numbersGoOn() {
    var wide = SequenceCounter()
    let starts: [(UInt32, Int, Int)] = [
      (0xffff_fffe, 4_294_967_294, 0), (0xffff_ffff, 4_294_967_295, 0), (0, 4_294_967_296, 0),
      (3, 4_294_967_299, 2), (3, 4_294_967_300, 0),
    ]
    for (raw, sequence, dropped) in starts {
      let taken = wide.take(raw)
      #expect(taken.sequence == sequence && taken.droppedBefore == dropped, "\(raw)")
    }
    wide.restart()
    #expect(wide.take(UInt32(0)) == (4_294_967_301, 0))
    #expect(wide.take(UInt32(2)) == (4_294_967_303, 1))

    var narrow = SequenceCounter(lowest: 1, highest: 65535)
    #expect(narrow.take(UInt64(65534)) == (65534, 0))
    #expect(narrow.take(UInt64(65535)) == (65535, 0))
    #expect(narrow.take(UInt64(1)) == (65536, 0))
    #expect(narrow.take(UInt64(4)) == (65539, 2))
  }
}
