import CTurboJPEG
import VisionImage

enum JPEGFormat {
  static func decode(_ source: EncodedImage) throws(ImageFileError) -> Raster {
    guard let decoder = tjInitDecompress() else { throw source.error(.overLimit, "no memory") }
    defer { tjDestroy(decoder) }
    let bytes = source.bytes.bindMemory(to: UInt8.self)
    var width: Int32 = 0, height: Int32 = 0, subsampling: Int32 = 0, space: Int32 = 0
    let header = tjDecompressHeader3(
      decoder, bytes.baseAddress, UInt(bytes.count), &width, &height, &subsampling, &space)
    guard header == 0 else {
      let words = String(cString: tjGetErrorStr2(decoder))
      throw source.error(bytes.count < 128 ? .truncated : .corrupt, words)
    }
    if space == Int32(TJCS_CMYK.rawValue) || space == Int32(TJCS_YCCK.rawValue) {
      throw source.error(.unsupported, "a picture for printing (CMYK)")
    }
    let isGrey = space == Int32(TJCS_GRAY.rawValue)
    var raster = try source.raster(
      isGrey ? .u8 : .rgb8, width: Int(width), height: Int(height))
    let format = isGrey ? TJPF_GRAY : TJPF_RGB
    let status = raster.withMutableView { pixels in
      tjDecompress2(
        decoder, bytes.baseAddress, UInt(bytes.count),
        pixels.base.assumingMemoryBound(to: UInt8.self), width, Int32(pixels.layout.rowBytes),
        height, Int32(format.rawValue), 0)
    }
    guard status != 0 else { return raster }
    let words = String(cString: tjGetErrorStr2(decoder))
    // Bytes between segments harm nothing; every other warning means that pixels are lost.
    if words.contains("extraneous bytes before marker") { return raster }
    if words.contains("Premature end") {
      throw source.error(.truncated, "the data ends before the picture does")
    }
    throw source.error(.corrupt, words)
  }

  static func encode(
    _ view: RasterView, _ name: String, quality: Int
  ) throws(ImageFileError) -> [UInt8] {
    let isGrey: Bool
    switch view.format {
    case .u8: isGrey = true
    case .rgb8: isGrey = false
    default: throw ImageFiles.cannotStore(view.format, in: name, "JPEG")
    }
    guard view.width < 65536, view.height < 65536 else {
      throw ImageFileError(.unsupported, name, "JPEG holds at most 65535 pixels a side")
    }
    guard let encoder = tjInitCompress() else {
      throw ImageFileError(.overLimit, name, "JPEG: no memory")
    }
    defer { tjDestroy(encoder) }
    var out: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    defer { tjFree(out) }
    let status = view.withBytes { pixels in
      tjCompress2(
        encoder, pixels.assumingMemoryBound(to: UInt8.self), Int32(view.width),
        Int32(view.layout.rowBytes), Int32(view.height),
        Int32((isGrey ? TJPF_GRAY : TJPF_RGB).rawValue), &out, &size,
        Int32((isGrey ? TJSAMP_GRAY : TJSAMP_444).rawValue), Int32(quality), 0)
    }
    guard status == 0, let out else {
      throw ImageFileError(
        .unsupported, name, "JPEG: " + String(cString: tjGetErrorStr2(encoder)))
    }
    return Array(UnsafeBufferPointer(start: out, count: Int(size)))
  }
}
