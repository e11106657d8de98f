import VisionImage

/// Portable any-map: PBM, PGM and PPM, as text and as bytes.
enum PNMFormat {
  static func decode(_ source: EncodedImage) throws(ImageFileError) -> Raster {
    var reader = Reader(source)
    let kind = Int(source.bytes[1] - UInt8(ascii: "0"))
    let isText = kind <= 3
    let isColour = kind == 3 || kind == 6
    let isBitmap = kind == 1 || kind == 4
    let width = try reader.number("the width")
    let height = try reader.number("the height")
    let top = isBitmap ? 1 : try reader.number("the greatest value")
    guard (1...65535).contains(top) else {
      throw source.error(.corrupt, "a greatest value of \(top)")
    }
    if !isText { try reader.skipOne() }
    let deep = top > 255
    let format: PixelFormat = isColour ? (deep ? .rgb16 : .rgb8) : (deep ? .u16 : .u8)
    try source.check(width: width, height: height, pixelBytes: format.pixelBytes)
    if !isText {
      let rowBytes = isBitmap ? (width + 7) / 8 : width * format.pixelBytes
      let needed = rowBytes * height
      guard reader.rest >= needed else {
        throw source.error(.truncated, "\(reader.rest) of \(needed) bytes of pixels")
      }
    } else if reader.rest < width * height {
      // Every sample has a character at least.
      throw source.error(.truncated, "\(reader.rest) characters for \(width * height) pixels")
    }
    var raster = try source.raster(format, width: width, height: height)
    let samples = width * format.channels
    try raster.withMutableView { (pixels: MutableRasterView) throws(ImageFileError) in
      for y in 0..<height {
        let row = pixels.row(y)
        for x in 0..<samples {
          var value: Int
          if isBitmap {
            // A set bit is black; rows begin with a whole byte.
            let bit =
              isText ? try reader.digit() : reader.bit(y * ((width + 7) / 8), x)
            value = bit == 0 ? 255 : 0
          } else {
            value = isText ? try reader.number("a sample") : reader.sample(deep)
            guard value <= top else {
              throw source.error(.corrupt, "a sample of \(value), more than \(top)")
            }
            if top != 255 && top != 65535 { value = scaled(value, top, deep ? 65535 : 255) }
          }
          if deep {
            row.storeBytes(of: UInt16(value), toByteOffset: 2 * x, as: UInt16.self)
          } else {
            row.storeBytes(of: UInt8(value), toByteOffset: x, as: UInt8.self)
          }
        }
      }
    }
    return raster
  }

  /// Samples are stretched to the full range of their depth.
  private static func scaled(_ value: Int, _ top: Int, _ full: Int) -> Int {
    (value * full + top / 2) / top
  }

  private struct Reader {
    private let source: EncodedImage
    private var position = 2

    init(_ source: EncodedImage) { self.source = source }

    var rest: Int { source.bytes.count - position }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private mutating func skipSpace(_ what: String) throws(ImageFileError) {
      while position < source.bytes.count {
        let byte = source.bytes[position]
        if byte == UInt8(ascii: "#") {
          while position < source.bytes.count && source.bytes[position] != 10 { position += 1 }
        } else if isSpace(byte) {
          position += 1
        } else {
          return
        }
      }
      throw source.error(.truncated, "the data ends before \(what)")
    }

    mutating func number(_ what: String) throws(ImageFileError) -> Int {
      try skipSpace(what)
      var value = 0, digits = 0
      while position < source.bytes.count, (48...57).contains(source.bytes[position]) {
        value = value * 10 + Int(source.bytes[position] - 48)
        digits += 1
        position += 1
        guard digits < 10 else { throw source.error(.corrupt, "\(what) has too many digits") }
      }
      guard digits > 0 else { throw source.error(.corrupt, "\(what) is not a number") }
      return value
    }

    /// One digit of a text bitmap, which needs no space around it.
    mutating func digit() throws(ImageFileError) -> Int {
      try skipSpace("a pixel")
      let byte = source.bytes[position]
      guard byte == 48 || byte == 49 else { throw source.error(.corrupt, "a pixel is not 0 or 1") }
      position += 1
      return Int(byte - 48)
    }

    /// The one character of space between the header and the bytes.
    mutating func skipOne() throws(ImageFileError) {
      guard position < source.bytes.count, isSpace(source.bytes[position]) else {
        throw source.error(.corrupt, "no space behind the header")
      }
      position += 1
    }

    /// The next sample; 16-bit ones have their high byte first. Checked to be there before.
    mutating func sample(_ deep: Bool) -> Int {
      defer { position += deep ? 2 : 1 }
      let first = Int(source.bytes[position])
      return deep ? first << 8 | Int(source.bytes[position + 1]) : first
    }

    func bit(_ rowStart: Int, _ x: Int) -> Int {
      Int(source.bytes[position + rowStart + x / 8] >> UInt8(7 - x % 8)) & 1
    }
  }

  static func encode(_ view: RasterView, _ name: String) throws(ImageFileError) -> [UInt8] {
    let deep: Bool
    switch view.format {
    case .u8, .rgb8: deep = false
    case .u16, .rgb16: deep = true
    default: throw ImageFiles.cannotStore(view.format, in: name, "PGM/PPM")
    }
    let kind = view.format.isColour ? "P6" : "P5"
    var out = Array("\(kind)\n\(view.width) \(view.height)\n\(deep ? 65535 : 255)\n".utf8)
    let rowBytes = view.width * view.format.pixelBytes
    out.reserveCapacity(out.count + rowBytes * view.height)
    view.withBytes { pixels in
      for y in 0..<view.height {
        let row = UnsafeRawBufferPointer(
          start: pixels + y * view.layout.rowBytes, count: rowBytes)
        if deep {
          for x in stride(from: 0, to: rowBytes, by: 2) {
            let sample = row.loadUnaligned(fromByteOffset: x, as: UInt16.self)
            out.append(UInt8(sample >> 8))
            out.append(UInt8(truncatingIfNeeded: sample))
          }
        } else {
          out.append(contentsOf: row)
        }
      }
    }
    return out
  }
}
