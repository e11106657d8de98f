import VisionImage

/// Windows and OS/2 bitmaps: 1, 4, 8 bits with a palette (also run-length packed), 16, 24, 32 bits.
enum BMPFormat {
  static func decode(_ source: EncodedImage) throws(ImageFileError) -> Raster {
    let header = try BMPHeader(source)
    let grey = header.hasGreyPalette
    var raster = try source.raster(
      grey ? .u8 : .rgb8, width: header.width, height: header.height)
    if header.isRunLength {
      let indices = try BMPRuns(source, header).decode()
      raster.withMutableView { pixels in
        for y in 0..<header.height {
          for x in 0..<header.width {
            header.store(header.colour(Int(indices[y * header.width + x])), pixels.row(y), x, grey)
          }
        }
      }
      return raster
    }
    let rowBytes = (header.width * header.bits + 31) / 32 * 4
    let needed = rowBytes * header.height
    let available = source.bytes.count - header.pixelOffset
    // Some writers leave out the padding of the last row.
    let least = rowBytes * (header.height - 1) + (header.width * header.bits + 7) / 8
    guard available >= least else {
      throw source.error(.truncated, "\(max(0, available)) of \(needed) bytes of pixels")
    }
    raster.withMutableView { pixels in
      for row in 0..<header.height {
        let y = header.isTopDown ? row : header.height - 1 - row
        let start = header.pixelOffset + row * rowBytes
        header.unpack(UnsafeRawBufferPointer(rebasing: source.bytes[start...]), pixels.row(y), grey)
      }
    }
    return raster
  }

  static func encode(_ view: RasterView, _ name: String) throws(ImageFileError) -> [UInt8] {
    let isGrey: Bool
    switch view.format {
    case .u8: isGrey = true
    case .rgb8: isGrey = false
    default: throw ImageFiles.cannotStore(view.format, in: name, "BMP")
    }
    let bits = isGrey ? 8 : 24
    let rowBytes = (view.width * bits + 31) / 32 * 4
    let palette = isGrey ? 256 : 0
    let offset = 54 + 4 * palette
    let total = offset + rowBytes * view.height
    guard total < 1 << 32 else {
      throw ImageFileError(.unsupported, name, "BMP holds at most 4 GiB")
    }
    var out: [UInt8] = []
    out.reserveCapacity(total)
    func put(_ value: Int, _ bytes: Int) {
      for i in 0..<bytes { out.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
    }
    out += [0x42, 0x4d]
    for (value, bytes) in [
      (total, 4), (0, 4), (offset, 4), (40, 4), (view.width, 4), (view.height, 4), (1, 2),
      (bits, 2), (0, 4), (rowBytes * view.height, 4), (2835, 4), (2835, 4), (palette, 4), (0, 4),
    ] { put(value, bytes) }
    for i in 0..<palette { put(i | i << 8 | i << 16, 4) }
    view.withBytes { pixels in
      for y in (0..<view.height).reversed() {
        let row = UnsafeRawBufferPointer(
          start: pixels + y * view.layout.rowBytes, count: view.width * (isGrey ? 1 : 3))
        if isGrey {
          out.append(contentsOf: row)
        } else {
          for x in 0..<view.width { for c in [2, 1, 0] { out.append(row[3 * x + c]) } }
        }
        for _ in 0..<(rowBytes - row.count) { out.append(0) }
      }
    }
    return out
  }
}

/// What stands before the pixels of a bitmap.
struct BMPHeader {
  let width: Int
  let height: Int
  let isTopDown: Bool
  let bits: Int
  let compression: Int
  let pixelOffset: Int
  private let palette: [RGB<UInt8>]
  private let masks: [UInt32]

  var isRunLength: Bool { compression == 1 || compression == 2 }
  var hasGreyPalette: Bool {
    bits <= 8 && palette.allSatisfy { $0.red == $0.green && $0.green == $0.blue }
  }

  init(_ source: EncodedImage) throws(ImageFileError) {
    let bytes = source.bytes
    func number(_ at: Int, _ count: Int) throws(ImageFileError) -> Int {
      guard at >= 0, at + count <= bytes.count else {
        throw source.error(.truncated, "the data ends in the header")
      }
      return (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }
    func signed(_ at: Int) throws(ImageFileError) -> Int {
      Int(Int32(truncatingIfNeeded: try number(at, 4)))
    }
    let size = try number(14, 4)
    let isOld = size == 12
    guard isOld || (16...4096).contains(size) else {
      throw source.error(.corrupt, "a header of \(size) bytes")
    }
    width = isOld ? try number(18, 2) : try signed(18)
    let rawHeight = isOld ? try number(20, 2) : try signed(22)
    isTopDown = rawHeight < 0
    height = abs(rawHeight)
    bits = try number(isOld ? 24 : 28, 2)
    compression = size >= 20 ? try number(30, 4) : 0
    guard width >= 0 else { throw source.error(.corrupt, "a width of \(width)") }
    try source.check(width: width, height: height, pixelBytes: 3)
    guard [1, 2, 4, 8, 16, 24, 32].contains(bits) else {
      throw source.error(.corrupt, "\(bits) bits a pixel")
    }
    guard [0, 1, 2, 3, 6].contains(compression) else {
      throw source.error(.unsupported, "compression \(compression)")
    }
    if (compression == 1 && bits != 8) || (compression == 2 && bits != 4)
      || ((compression == 3 || compression == 6) && bits != 16 && bits != 32)
    {
      throw source.error(.corrupt, "compression \(compression) with \(bits) bits a pixel")
    }
    var place = 14 + size
    var masks: [UInt32] = bits == 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]
    if compression == 3 || compression == 6 {
      // Inside a long header they have a place of their own, behind a short one they follow.
      let start = 14 + 40
      masks = []
      for i in 0..<3 { masks.append(UInt32(truncatingIfNeeded: try number(start + 4 * i, 4))) }
      if size == 40 { place += compression == 6 ? 16 : 12 }
    }
    self.masks = masks
    pixelOffset = try number(10, 4)
    guard pixelOffset >= 14 + size, pixelOffset <= bytes.count else {
      throw source.error(.corrupt, "pixels at byte \(pixelOffset) of \(bytes.count)")
    }
    var palette: [RGB<UInt8>] = []
    if bits <= 8 {
      let entry = isOld ? 3 : 4
      var count = size >= 36 ? try number(46, 4) : 0
      if count == 0 || count > 1 << bits { count = 1 << bits }
      count = min(count, max(0, pixelOffset - place) / entry)
      guard count > 0 else { throw source.error(.corrupt, "no palette") }
      for i in 0..<count {
        let at = place + i * entry
        palette.append(
          RGB(
            red: UInt8(try number(at + 2, 1)), green: UInt8(try number(at + 1, 1)),
            blue: UInt8(try number(at, 1))))
      }
    }
    // As many as a byte can name; those that are not there are black.
    self.palette = palette + [RGB<UInt8>](repeating: .zero, count: max(0, 256 - palette.count))
  }

  /// The colour that a pixel of at most 8 bits names.
  func colour(_ index: Int) -> RGB<UInt8> { palette[index] }

  /// The pixels of a row, which begins where `bytes` do.
  func unpack(_ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutableRawPointer, _ grey: Bool) {
    switch bits {
    case 8:
      palette.withUnsafeBufferPointer { palette in
        for x in 0..<width { store(palette[Int(bytes[x])], out, x, grey) }
      }
    case 24:
      for x in 0..<width {
        store(RGB(red: bytes[3 * x + 2], green: bytes[3 * x + 1], blue: bytes[3 * x]), out, x, grey)
      }
    case 16, 32:
      for x in 0..<width { store(pixel(bytes, x), out, x, grey) }
    default:
      for x in 0..<width {
        let bit = x * bits
        store(colour(Int(bytes[bit / 8]) >> (8 - bits - bit % 8) & (1 << bits - 1)), out, x, grey)
      }
    }
  }

  /// Of 16 or 32 bits, cut up by the masks.
  private func pixel(_ bytes: UnsafeRawBufferPointer, _ x: Int) -> RGB<UInt8> {
    let count = bits / 8
    let word = (0..<count).reduce(UInt32(0)) {
      $0 | UInt32(bytes[count * x + $1]) << UInt32(8 * $1)
    }
    return RGB(red: field(word, masks[0]), green: field(word, masks[1]), blue: field(word, masks[2]))
  }

  /// The bits under a mask, stretched to 8.
  private func field(_ word: UInt32, _ mask: UInt32) -> UInt8 {
    guard mask != 0 else { return 0 }
    let shift = UInt32(mask.trailingZeroBitCount)
    let top = UInt64(mask >> shift)
    return UInt8((UInt64((word & mask) >> shift) * 255 + top / 2) / top)
  }

  @inline(__always)
  func store(_ colour: RGB<UInt8>, _ row: UnsafeMutableRawPointer, _ x: Int, _ grey: Bool) {
    if grey {
      row.storeBytes(of: colour.red, toByteOffset: x, as: UInt8.self)
    } else {
      row.storeBytes(of: colour.red, toByteOffset: 3 * x, as: UInt8.self)
      row.storeBytes(of: colour.green, toByteOffset: 3 * x + 1, as: UInt8.self)
      row.storeBytes(of: colour.blue, toByteOffset: 3 * x + 2, as: UInt8.self)
    }
  }
}

/// The run-length packing of 4-bit and 8-bit bitmaps, unpacked to one index a pixel, top row first.
struct BMPRuns {
  private let source: EncodedImage
  private let header: BMPHeader

  init(_ source: EncodedImage, _ header: BMPHeader) {
    self.source = source
    self.header = header
  }

  func decode() throws(ImageFileError) -> [UInt8] {
    let bytes = source.bytes
    let width = header.width, height = header.height
    var indices = [UInt8](repeating: 0, count: width * height)
    var position = header.pixelOffset
    var x = 0, row = 0
    func put(_ index: Int) {
      if x < width && row < height {
        indices[(header.isTopDown ? row : height - 1 - row) * width + x] = UInt8(index)
      }
      x += 1
    }
    let nibbles = header.bits == 4
    while row < height {
      guard position + 2 <= bytes.count else {
        throw source.error(.truncated, "the data ends in row \(row + 1) of \(height)")
      }
      let count = Int(bytes[position]), value = Int(bytes[position + 1])
      position += 2
      if count > 0 {
        for i in 0..<count { put(nibbles ? (i % 2 == 0 ? value >> 4 : value & 15) : value) }
        continue
      }
      switch value {
      case 0:
        x = 0
        row += 1
      case 1:
        return indices
      case 2:
        guard position + 2 <= bytes.count else {
          throw source.error(.truncated, "the data ends in row \(row + 1) of \(height)")
        }
        x += Int(bytes[position])
        row += Int(bytes[position + 1])
        position += 2
      default:
        let packed = nibbles ? (value + 1) / 2 : value
        guard position + packed <= bytes.count else {
          throw source.error(.truncated, "the data ends in row \(row + 1) of \(height)")
        }
        for i in 0..<value {
          let byte = Int(bytes[position + (nibbles ? i / 2 : i)])
          put(nibbles ? (i % 2 == 0 ? byte >> 4 : byte & 15) : byte)
        }
        position += (packed + 1) / 2 * 2
      }
    }
    return indices
  }
}
