import CSpng
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

enum PNGFormat {
  static func decode(_ source: EncodedImage) throws(ImageFileError) -> Raster {
    guard let context = spng_ctx_new(0) else { throw source.error(.overLimit, "no memory") }
    defer { spng_ctx_free(context) }
    // The header's limits are ours to check; chunks may not be larger than the file is allowed to be.
    spng_set_chunk_limits(context, 64 << 20, 64 << 20)
    try check(spng_set_png_buffer(context, source.bytes.baseAddress, source.bytes.count), source)
    var header = spng_ihdr()
    try check(spng_get_ihdr(context, &header), source)
    let plan = Plan(header, greyPalette: hasGreyPalette(context, header))
    var raster = try source.raster(
      plan.format, width: Int(header.width), height: Int(header.height))
    try check(
      spng_decode_image(context, nil, 0, Int32(plan.layout.rawValue), Int32(SPNG_DECODE_PROGRESSIVE.rawValue)),
      source)
    let rowBytes = Int(header.width) * plan.storedSamples * plan.format.sampleBytes
    let direct = plan.storedSamples == plan.format.channels
    // Interlaced rows come in several passes, each into what the passes before have left.
    let staged = direct ? 0 : rowBytes * (header.interlace_method == 0 ? 1 : Int(header.height))
    let stage = UnsafeMutableRawPointer.allocate(byteCount: max(1, staged), alignment: 16)
    defer { stage.deallocate() }
    try raster.withMutableView { (pixels: MutableRasterView) throws(ImageFileError) in
      while true {
        var row = spng_row_info()
        let status = spng_get_row_info(context, &row)
        if status == Int32(SPNG_EOI.rawValue) { break }
        try check(status, source)
        let y = Int(row.row_num)
        let target =
          direct ? pixels.row(y) : stage + (header.interlace_method == 0 ? 0 : y * rowBytes)
        let decoded = spng_decode_row(context, target, rowBytes)
        if decoded != 0 && decoded != Int32(SPNG_EOI.rawValue) {
          try check(decoded, source, row: y, of: pixels.height)
        }
        if !direct && header.interlace_method == 0 {
          plan.keepColour(target, pixels.row(y), width: pixels.width)
        }
        if decoded != 0 { break }
      }
      if !direct && header.interlace_method != 0 {
        for y in 0..<pixels.height {
          plan.keepColour(stage + y * rowBytes, pixels.row(y), width: pixels.width)
        }
      }
    }
    try check(spng_decode_chunks(context), source)
    return raster
  }

  /// What is decoded into, and how the library is asked to deliver it.
  private struct Plan {
    let format: PixelFormat
    let layout: spng_format
    /// Samples a pixel as delivered: one more than we keep where there is alpha, three for a grey
    /// palette.
    let storedSamples: Int

    init(_ header: spng_ihdr, greyPalette: Bool) {
      let deep = header.bit_depth == 16
      switch UInt32(header.color_type) {
      case SPNG_COLOR_TYPE_GRAYSCALE.rawValue:
        self.init(deep ? .u16 : .u8, deep ? SPNG_FMT_PNG : SPNG_FMT_G8, 1)
      case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA.rawValue:
        self.init(deep ? .u16 : .u8, SPNG_FMT_PNG, 2)
      case SPNG_COLOR_TYPE_INDEXED.rawValue:
        self.init(greyPalette ? .u8 : .rgb8, SPNG_FMT_RGB8, 3)
      case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA.rawValue:
        self.init(deep ? .rgb16 : .rgb8, SPNG_FMT_PNG, 4)
      default:
        self.init(deep ? .rgb16 : .rgb8, SPNG_FMT_PNG, 3)
      }
    }

    private init(_ format: PixelFormat, _ layout: spng_format, _ storedSamples: Int) {
      self.format = format
      self.layout = layout
      self.storedSamples = storedSamples
    }

    /// Copies the first samples of every pixel, as many as we keep.
    func keepColour(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, width: Int) {
      let kept = format.pixelBytes, stored = storedSamples * format.sampleBytes
      for x in 0..<width {
        (to + x * kept).copyMemory(from: from + x * stored, byteCount: kept)
      }
    }
  }

  private static func hasGreyPalette(_ context: OpaquePointer, _ header: spng_ihdr) -> Bool {
    guard UInt32(header.color_type) == SPNG_COLOR_TYPE_INDEXED.rawValue else { return false }
    var palette = spng_plte()
    guard spng_get_plte(context, &palette) == 0 else { return false }
    return withUnsafeBytes(of: palette.entries) { bytes in
      let entries = bytes.bindMemory(to: spng_plte_entry.self)
      return entries.prefix(Int(palette.n_entries)).allSatisfy {
        $0.red == $0.green && $0.green == $0.blue
      }
    }
  }

  private static func check(
    _ status: Int32, _ source: EncodedImage, row: Int? = nil, of height: Int = 0
  ) throws(ImageFileError) {
    guard status != 0 else { return }
    let words = String(cString: spng_strerror(status))
    let place = row.map { " in row \($0 + 1) of \(height)" } ?? ""
    switch status {
    case Int32(SPNG_IO_EOF.rawValue):
      throw source.error(.truncated, "the data ends too early\(place)")
    case Int32(SPNG_EWIDTH.rawValue) where row == nil, Int32(SPNG_EHEIGHT.rawValue) where row == nil:
      throw source.error(.zeroSize, words)
    default:
      throw source.error(.corrupt, words + place)
    }
  }
}
