import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a file may ask for. Checked against what its header declares, before anything is reserved.
public struct DecodingLimits: Sendable {
  public var pixels: Int
  /// Bytes of the decoded image, and of the file.
  public var bytes: Int

  public init(pixels: Int, bytes: Int) {
    self.pixels = pixels
    self.bytes = bytes
  }

  /// 268 megapixels, 2 GiB.
  public static let standard = DecodingLimits(pixels: 1 << 28, bytes: 1 << 31)
}

/// What becomes of colour.
public enum ColourHandling: Sendable {
  case asStored
  /// Grey by BT.601, rounded as OpenCV's cvtColor rounds.
  case grey
}

/// Image files: PNG, JPEG, TIFF, BMP, PGM and PPM, 8 and 16 bits, grey and colour.
///
/// The pixels are those of the file: no gamma, no turning by EXIF, no blending of transparency
/// (alpha is dropped). Palettes become grey where all their colours are, else colour.
public enum ImageFiles {
  /// True for paths with an ending of a format that is read.
  public static func isImagePath(_ path: String) -> Bool { ImageFileFormat(path: path) != nil }

  public static func read(
    _ path: String, limits: DecodingLimits = .standard, colour: ColourHandling = .asStored
  ) throws(ImageFileError) -> Raster {
    let bytes = try FileBytes(path, limit: limits.bytes)
    return try decode(bytes.contents, name: path, limits: limits, colour: colour)
  }

  /// Decodes the bytes of a file; `name` is for error messages.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: DecodingLimits = .standard,
    colour: ColourHandling = .asStored
  ) throws(ImageFileError) -> Raster {
    guard !bytes.isEmpty else { throw ImageFileError(.truncated, name, "the file is empty") }
    guard let format = ImageFileFormat(content: bytes) else {
      throw ImageFileError(
        .unknownFormat, name, "not an image of a known format (PNG, JPEG, TIFF, BMP, PGM, PPM)")
    }
    let source = EncodedImage(bytes: bytes, name: name, format: format, limits: limits)
    let raster =
      switch format {
      case .png: try PNGFormat.decode(source)
      case .jpeg: try JPEGFormat.decode(source)
      case .tiff: try TIFFFormat.decode(source)
      case .bmp: try BMPFormat.decode(source)
      case .pnm: try PNMFormat.decode(source)
      }
    return colour == .grey && raster.format.isColour ? GreyConversion.grey(raster) : raster
  }

  /// Writes a file whole or not at all: beside it first, then under its name.
  public static func write(
    _ view: RasterView, to path: String, as format: ImageFileFormat? = nil
  ) throws(ImageFileError) {
    guard let format = format ?? ImageFileFormat(path: path) else {
      throw ImageFileError(
        .unknownFormat, path, "the name ends in none of .png .jpg .tif .bmp .pgm .ppm")
    }
    if format == .png {
      try writePNG(view.layout, to: path) { view.cropped(to: $0) }
    } else {
      try AtomicFile.write(encode(view, as: format, name: path), to: path)
    }
  }

  /// Writes a picture that is made strip by strip, from the top to the bottom; so it is never in
  /// memory as a whole.
  public static func writePNG(
    _ layout: RasterLayout, to path: String, strip: (PixelRect) -> RasterView
  ) throws(ImageFileError) {
    let file = try AtomicFile(path)
    let encoder = try PNGEncoder(layout, path) { (bytes) throws(ImageFileError) in
      try file.append(bytes)
    }
    let rows = max(16, (1 << 20) / layout.width)
    for y in stride(from: 0, to: layout.height, by: rows) {
      try encoder.append(
        strip(PixelRect(x: 0, y: y, width: layout.width, height: min(rows, layout.height - y))))
    }
    try file.finish()
  }

  public static func encode(
    _ view: RasterView, as format: ImageFileFormat, name: String = "image", quality: Int = 95
  ) throws(ImageFileError) -> [UInt8] {
    switch format {
    case .png: try PNGEncoder.encode(view, name)
    case .jpeg: try JPEGFormat.encode(view, name, quality: quality)
    case .tiff: try TIFFFormat.encode(view, name)
    case .bmp: try BMPFormat.encode(view, name)
    case .pnm: try PNMFormat.encode(view, name)
    }
  }

  static func cannotStore(
    _ format: PixelFormat, in name: String, _ kind: String
  ) -> ImageFileError {
    ImageFileError(.unsupported, name, "\(kind) has no \(format.rawValue) pixels")
  }
}

/// A file's bytes on their way to a decoder.
struct EncodedImage {
  let bytes: UnsafeRawBufferPointer
  let name: String
  let format: ImageFileFormat
  let limits: DecodingLimits

  func error(_ kind: ImageFileError.Kind, _ reason: String) -> ImageFileError {
    let title = format == .pnm ? "PGM/PPM" : format.rawValue.uppercased()
    let prefix =
      switch kind {
      case .truncated: "truncated \(title): "
      case .corrupt: "corrupt \(title): "
      default: "\(title): "
      }
    return ImageFileError(kind, name, prefix + reason)
  }

  /// Room for an image of the declared size, or the reason why there is none.
  func raster(
    _ format: PixelFormat, width: Int, height: Int
  ) throws(ImageFileError) -> Raster {
    try check(width: width, height: height, pixelBytes: format.pixelBytes)
    // Rows are padded, which makes much of a tall picture of one column.
    let layout = RasterLayout(format: format, width: width, height: height)
    guard layout.rowBytes <= limits.bytes / height else {
      throw error(
        .overLimit, "\(width)x\(height) pixels, more than \(limits.bytes) bytes in memory")
    }
    return Raster(uninitialized: layout)
  }

  func check(width: Int, height: Int, pixelBytes: Int) throws(ImageFileError) {
    guard width > 0, height > 0 else {
      throw error(.zeroSize, "an image of \(width)x\(height) pixels")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= limits.pixels, pixels <= limits.bytes / pixelBytes else {
      throw error(
        .overLimit, "\(width)x\(height) pixels, more than the \(limits.pixels) allowed")
    }
  }
}
