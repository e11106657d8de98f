import CSpng
import VisionImage

/// Writes a PNG row by row, so that it is never in memory as a whole.
final class PNGEncoder {
  private let context: OpaquePointer
  private let name: String
  private let sink: Sink

  /// Where the bytes go, and what went wrong there.
  private final class Sink {
    let put: (UnsafeRawBufferPointer) throws(ImageFileError) -> Void
    var failure: ImageFileError?

    init(_ put: @escaping (UnsafeRawBufferPointer) throws(ImageFileError) -> Void) { self.put = put }
  }

  static func encode(_ view: RasterView, _ name: String) throws(ImageFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    let encoder = try PNGEncoder(view.layout, name) { bytes.append(contentsOf: $0) }
    try encoder.append(view)
    return bytes
  }

  /// A picture of this size and pixel; `put` gets its bytes.
  init(
    _ layout: RasterLayout, _ name: String,
    put: @escaping (UnsafeRawBufferPointer) throws(ImageFileError) -> Void
  ) throws(ImageFileError) {
    let depths: [PixelFormat: UInt8] = [.u8: 8, .rgb8: 8, .u16: 16, .rgb16: 16]
    guard let depth = depths[layout.format] else {
      throw ImageFiles.cannotStore(layout.format, in: name, "PNG")
    }
    guard let context = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else {
      throw ImageFileError(.overLimit, name, "PNG: no memory")
    }
    self.context = context
    self.name = name
    sink = Sink(put)
    // Little compression and one filter: a picture of a line is written between two parts.
    spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, 1)
    spng_set_option(context, SPNG_FILTER_CHOICE, Int32(SPNG_FILTER_CHOICE_UP.rawValue))
    try check(
      spng_set_png_stream(
        context,
        { _, sink, bytes, count in
          guard let sink else { return Int32(SPNG_IO_ERROR.rawValue) }
          let target = Unmanaged<Sink>.fromOpaque(sink).takeUnretainedValue()
          do throws(ImageFileError) {
            try target.put(UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
          } catch {
            target.failure = error
            return Int32(SPNG_IO_ERROR.rawValue)
          }
        }, Unmanaged.passUnretained(sink).toOpaque()))
    let type = layout.format.isColour ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_GRAYSCALE
    var header = spng_ihdr(
      width: UInt32(layout.width), height: UInt32(layout.height), bit_depth: depth,
      color_type: UInt8(type.rawValue), compression_method: 0, filter_method: 0,
      interlace_method: 0)
    try check(spng_set_ihdr(context, &header))
    try check(
      spng_encode_image(
        context, nil, 0, Int32(SPNG_FMT_PNG.rawValue),
        Int32(SPNG_ENCODE_PROGRESSIVE.rawValue | SPNG_ENCODE_FINALIZE.rawValue)))
  }

  deinit { spng_ctx_free(context) }

  /// The next rows; with the last ones the file is complete.
  func append(_ rows: RasterView) throws(ImageFileError) {
    let rowBytes = rows.width * rows.format.pixelBytes
    let status = rows.withBytes { pixels in
      for y in 0..<rows.height {
        let status = spng_encode_row(context, pixels + y * rows.layout.rowBytes, rowBytes)
        if status != 0 { return status }
      }
      return 0
    }
    // That was the last row.
    if status != Int32(SPNG_EOI.rawValue) { try check(status) }
  }

  private func check(_ status: Int32) throws(ImageFileError) {
    guard status != 0 else { return }
    throw sink.failure
      ?? ImageFileError(.unsupported, name, "PNG: " + String(cString: spng_strerror(status)))
  }
}
