import CTiff
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

enum TIFFFormat {
  static func decode(_ source: EncodedImage) throws(ImageFileError) -> Raster {
    var words = [CChar](repeating: 0, count: 256)
    guard
      let file = tiff_open(
        source.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), source.bytes.count,
        source.limits.bytes, &words, words.count)
    else { throw failure(source, words) }
    defer { tiff_close(file) }
    var info = tiff_info()
    tiff_describe(file, &info)
    let width = Int(info.width), height = Int(info.height)
    try source.check(width: width, height: height, pixelBytes: 4)
    // A few hundred bytes that declare gigabytes: even the best compression does not reach that.
    guard width * height / 4096 <= source.bytes.count * 16 else {
      throw source.error(.truncated, "\(width)x\(height) pixels in \(source.bytes.count) bytes")
    }
    if let format = storedFormat(info) {
      var raster = try source.raster(format, width: width, height: height)
      let status = raster.withMutableView { pixels in
        let status = tiff_read_rows(
          file, pixels.base, pixels.layout.rowBytes, format.channels, &words, words.count)
        if status == 0 && info.photometric == 0 { invert(pixels) }
        return status
      }
      guard status == 0 else { throw failure(source, words) }
      return raster
    }
    return try decodeShown(source, file, info)
  }

  /// The pixel of files that are taken as they are: grey or chunky RGB of whole bytes. What more
  /// samples there are (alpha) is dropped.
  private static func storedFormat(_ info: tiff_info) -> PixelFormat? {
    let isGrey = info.samples >= 1 && info.photometric <= 1
    let isColour = info.samples >= 3 && info.photometric == 2
    guard isGrey || isColour, info.separate == 0 || isGrey else { return nil }
    switch (info.bits, info.format) {
    case (8, 1): return isGrey ? .u8 : .rgb8
    case (16, 1): return isGrey ? .u16 : .rgb16
    case (16, 2) where isGrey: return .s16
    case (32, 2) where isGrey: return .s32
    case (32, 3) where isGrey: return .f32
    case (64, 3) where isGrey: return .f64
    default: return nil
    }
  }

  /// White is zero in such files.
  private static func invert(_ pixels: MutableRasterView) {
    guard pixels.format == .u8 || pixels.format == .u16 else { return }
    for y in 0..<pixels.height {
      let row = pixels.row(y).assumingMemoryBound(to: UInt8.self)
      for x in 0..<pixels.width * pixels.format.pixelBytes { row[x] = ~row[x] }
    }
  }

  /// Everything else as libtiff shows it, in 8 bits.
  private static func decodeShown(
    _ source: EncodedImage, _ file: UnsafeMutableRawPointer, _ info: tiff_info
  ) throws(ImageFileError) -> Raster {
    let width = Int(info.width), height = Int(info.height)
    var words = [CChar](repeating: 0, count: 256)
    let shown = UnsafeMutablePointer<UInt32>.allocate(capacity: width * height)
    defer { shown.deallocate() }
    guard tiff_read_rgba(file, shown, &words, words.count) == 0 else {
      throw failure(source, words)
    }
    // Red is the low byte.
    if info.photometric <= 1 {
      var grey = Image<UInt8>(uninitializedWidth: width, height: height)
      grey.withMutableView { out in
        for y in 0..<height {
          let row = out.row(y)
          for x in 0..<width { row[x] = UInt8(truncatingIfNeeded: shown[y * width + x]) }
        }
      }
      return grey.raster
    }
    var colour = Image<RGB<UInt8>>(uninitializedWidth: width, height: height)
    colour.withMutableView { out in
      for y in 0..<height {
        let row = out.row(y)
        for x in 0..<width {
          let pixel = shown[y * width + x]
          row[x] = RGB(
            red: UInt8(truncatingIfNeeded: pixel), green: UInt8(truncatingIfNeeded: pixel >> 8),
            blue: UInt8(truncatingIfNeeded: pixel >> 16))
        }
      }
    }
    return colour.raster
  }

  private static func failure(_ source: EncodedImage, _ words: [CChar]) -> ImageFileError {
    let bytes = words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let text = String(decoding: bytes, as: UTF8.self)
    let ends = ["Read error", "read error", "short", "got 0 bytes", "Cannot read"]
    let isCut = ends.contains { text.contains($0) }
    return source.error(isCut ? .truncated : .corrupt, text.isEmpty ? "it cannot be read" : text)
  }

  static func encode(_ view: RasterView, _ name: String) throws(ImageFileError) -> [UInt8] {
    let formats: [PixelFormat: UInt16] = [
      .u8: 1, .u16: 1, .rgb8: 1, .rgb16: 1, .s16: 2, .s32: 2, .f32: 3, .f64: 3,
    ]
    var info = tiff_info(
      width: UInt32(view.width), height: UInt32(view.height),
      bits: UInt16(view.format.sampleBytes * 8), samples: UInt16(view.format.channels),
      format: formats[view.format] ?? 1, photometric: view.format.isColour ? 2 : 1, separate: 0,
      tiled: 0)
    var words = [CChar](repeating: 0, count: 256)
    var size = 0
    let written = view.withBytes { pixels in
      tiff_write(pixels, view.layout.rowBytes, &info, &size, &words, words.count)
    }
    guard let written else {
      let bytes = words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw ImageFileError(.unsupported, name, "TIFF: " + String(decoding: bytes, as: UTF8.self))
    }
    defer { free(written) }
    return Array(UnsafeBufferPointer(start: written, count: size))
  }
}
