/// Size, pixel and row distance of an image.
public struct RasterLayout: Sendable, Equatable, CustomStringConvertible {
  public let format: PixelFormat
  public let width: Int
  public let height: Int
  /// Bytes from the start of a row to the start of the next.
  public let rowBytes: Int

  public init(format: PixelFormat, width: Int, height: Int, rowBytes: Int? = nil) {
    precondition(width > 0 && height > 0, "an image of \(width)x\(height)")
    let tight = width * format.pixelBytes
    self.format = format
    self.width = width
    self.height = height
    self.rowBytes = rowBytes ?? Self.alignedRowBytes(tight)
    precondition(self.rowBytes >= tight, "rows of \(tight) bytes do not fit in \(self.rowBytes)")
  }

  /// Rows start at cache lines, and never a multiple of 2 KiB apart: a column of such rows would
  /// fall into a few sets of the first-level cache and push itself out.
  static func alignedRowBytes(_ tight: Int) -> Int {
    let lines = (tight + PixelBuffer.alignment - 1) / PixelBuffer.alignment * PixelBuffer.alignment
    return lines % 2048 == 0 ? lines + PixelBuffer.alignment : lines
  }

  public var bounds: PixelRect { PixelRect(x: 0, y: 0, width: width, height: height) }
  public var pixelCount: Int { width * height }
  /// Bytes from the first pixel to the end of the last one.
  var span: Int { (height - 1) * rowBytes + width * format.pixelBytes }

  /// Same size and pixel, whatever the distance of the rows.
  public func sameShape(as other: RasterLayout) -> Bool {
    format == other.format && width == other.width && height == other.height
  }

  public var description: String { "\(width)x\(height) \(format.rawValue)" }
}

/// An image whose pixel is known at run time only: what files and cameras deliver. Copy-on-write.
public struct Raster: Sendable {
  private var buffer: PixelBuffer
  public let layout: RasterLayout

  /// Fresh pixels, not cleared: for those who write each of them.
  public init(uninitialized layout: RasterLayout) {
    self.layout = layout
    buffer = PixelBuffer(byteCount: layout.rowBytes * layout.height)
  }

  public init(format: PixelFormat, width: Int, height: Int) {
    self.init(uninitialized: RasterLayout(format: format, width: width, height: height))
    buffer.base.initializeMemory(as: UInt8.self, repeating: 0, count: buffer.byteCount)
  }

  /// A copy of what a view shows, in rows of our own alignment.
  public init(copying view: RasterView) {
    self.init(
      uninitialized: RasterLayout(
        format: view.layout.format, width: view.layout.width, height: view.layout.height))
    withMutableView { $0.copyPixels(from: view) }
  }

  public var width: Int { layout.width }
  public var height: Int { layout.height }
  public var format: PixelFormat { layout.format }

  /// The pixels to read; shares the memory and keeps it alive.
  public var view: RasterView { RasterView(buffer: buffer, offset: 0, layout: layout) }

  /// The pixels to write, for the time of `body`. Copies first where a view or a copy of this image
  /// still needs them.
  public mutating func withMutableView<R, E: Error>(
    _ body: (MutableRasterView) throws(E) -> R
  ) throws(E) -> R {
    if !isKnownUniquelyReferenced(&buffer) { self = Raster(copying: view) }
    defer { withExtendedLifetime(buffer) {} }
    return try body(MutableRasterView(base: buffer.base, layout: layout))
  }
}

/// Pixels to read: a whole image, a rectangle of one, or a camera's buffer. Nothing is copied; the
/// memory lives as long as a view of it does.
public struct RasterView: Sendable {
  let buffer: PixelBuffer
  let offset: Int
  public let layout: RasterLayout

  /// A view of memory laid out by somebody else, a camera driver for instance.
  public init(buffer: PixelBuffer, offset: Int, layout: RasterLayout) {
    precondition(
      offset >= 0 && offset + layout.span <= buffer.byteCount,
      "\(layout) at byte \(offset) does not fit in \(buffer.byteCount) bytes")
    self.buffer = buffer
    self.offset = offset
    self.layout = layout
  }

  public var width: Int { layout.width }
  public var height: Int { layout.height }
  public var format: PixelFormat { layout.format }

  /// A rectangle of this view; the same memory.
  public func cropped(to rect: PixelRect) -> RasterView {
    precondition(
      !rect.isEmpty && layout.bounds.contains(rect), "\(rect) is not inside \(layout.bounds)")
    return RasterView(
      buffer: buffer, offset: offset + rect.y * layout.rowBytes + rect.x * format.pixelBytes,
      layout: RasterLayout(
        format: format, width: rect.width, height: rect.height, rowBytes: layout.rowBytes))
  }

  /// The pixels' address, valid for the time of `body`. Reading up to 64 bytes past the last pixel
  /// of an image of ours is allowed, past somebody else's buffer it is not.
  public func withBytes<R, E: Error>(
    _ body: (UnsafeRawPointer) throws(E) -> R
  ) throws(E) -> R {
    defer { withExtendedLifetime(buffer) {} }
    return try body(UnsafeRawPointer(buffer.base + offset))
  }
}

/// Pixels to write, valid only inside the closure that hands it out.
public struct MutableRasterView {
  public let base: UnsafeMutableRawPointer
  public let layout: RasterLayout

  /// `base` must hold every row of `layout` for as long as this value is used.
  public init(base: UnsafeMutableRawPointer, layout: RasterLayout) {
    self.base = base
    self.layout = layout
  }

  public var width: Int { layout.width }
  public var height: Int { layout.height }
  public var format: PixelFormat { layout.format }

  public func row(_ y: Int) -> UnsafeMutableRawPointer {
    precondition(y >= 0 && y < height, "row \(y) of \(height)")
    return base + y * layout.rowBytes
  }

  public func cropped(to rect: PixelRect) -> MutableRasterView {
    precondition(
      !rect.isEmpty && layout.bounds.contains(rect), "\(rect) is not inside \(layout.bounds)")
    return MutableRasterView(
      base: base + rect.y * layout.rowBytes + rect.x * format.pixelBytes,
      layout: RasterLayout(
        format: format, width: rect.width, height: rect.height, rowBytes: layout.rowBytes))
  }

  public func copyPixels(from source: RasterView) {
    precondition(layout.sameShape(as: source.layout), "\(source.layout) into \(layout)")
    let bytes = width * format.pixelBytes
    source.withBytes { pixels in
      for y in 0..<height {
        row(y).copyMemory(from: pixels + y * source.layout.rowBytes, byteCount: bytes)
      }
    }
  }
}
