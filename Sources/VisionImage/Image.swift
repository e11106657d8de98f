/// An image in memory of its own: copy-on-write, rows at multiples of 64 bytes.
public struct Image<P: Pixel>: Sendable {
  public private(set) var raster: Raster

  /// Fresh pixels, not cleared: for those who write each of them.
  public init(uninitializedWidth width: Int, height: Int) {
    raster = Raster(uninitialized: RasterLayout(format: P.format, width: width, height: height))
  }

  public init(width: Int, height: Int, repeating value: P) {
    self.init(uninitializedWidth: width, height: height)
    withMutableView { pixels in
      for y in 0..<height { pixels.row(y).update(repeating: value, count: width) }
    }
  }

  /// An image computed pixel by pixel; for tests, tables and pictures, not for hot loops.
  public init(width: Int, height: Int, pixel: (_ x: Int, _ y: Int) -> P) {
    self.init(uninitializedWidth: width, height: height)
    withMutableView { pixels in
      for y in 0..<height {
        let row = pixels.row(y)
        for x in 0..<width { row[x] = pixel(x, y) }
      }
    }
  }

  /// The raster as an image of this pixel, or nil where it has another.
  public init?(_ raster: Raster) {
    guard raster.format == P.format else { return nil }
    self.raster = raster
  }

  /// A copy of what a view shows.
  public init(copying view: ImageView<P>) {
    raster = Raster(copying: view.raster)
  }

  /// A copy of what stands in pixels to write.
  public init(copying pixels: MutableImageView<P>) {
    self.init(uninitializedWidth: pixels.width, height: pixels.height)
    withMutableView { copy in
      for y in 0..<pixels.height { copy.row(y).update(from: pixels.row(y), count: pixels.width) }
    }
  }

  public var width: Int { raster.width }
  public var height: Int { raster.height }
  public var bounds: PixelRect { raster.layout.bounds }
  public var view: ImageView<P> { ImageView(unchecked: raster.view) }

  public mutating func withMutableView<R, E: Error>(
    _ body: (MutableImageView<P>) throws(E) -> R
  ) throws(E) -> R {
    try raster.withMutableView { (view: MutableRasterView) throws(E) in
      try body(MutableImageView(unchecked: view))
    }
  }

  public subscript(x: Int, y: Int) -> P {
    get { view[x, y] }
    set {
      withMutableView { pixels in
        precondition(x >= 0 && x < pixels.width, "column \(x) of \(pixels.width)")
        pixels.row(y)[x] = newValue
      }
    }
  }
}

extension Image: Equatable {
  /// Same size and the same pixels.
  public static func == (a: Image, b: Image) -> Bool {
    guard a.width == b.width, a.height == b.height else { return false }
    return a.view.withRows { p in
      b.view.withRows { q in
        (0..<a.height).allSatisfy { y in (0..<a.width).allSatisfy { x in p[y][x] == q[y][x] } }
      }
    }
  }
}

/// Pixels to read: an image, a rectangle of one, or a camera's buffer. Nothing is copied.
public struct ImageView<P: Pixel>: Sendable {
  public let raster: RasterView

  init(unchecked raster: RasterView) { self.raster = raster }

  /// The raster view as one of this pixel, or nil where it has another, or where its rows do not
  /// lie at whole pixels.
  public init?(_ raster: RasterView) {
    guard raster.format == P.format, raster.offset % MemoryLayout<P>.alignment == 0 else {
      return nil
    }
    self.raster = raster
  }

  public var width: Int { raster.width }
  public var height: Int { raster.height }
  public var bounds: PixelRect { raster.layout.bounds }

  public func cropped(to rect: PixelRect) -> ImageView {
    ImageView(unchecked: raster.cropped(to: rect))
  }

  public subscript(x: Int, y: Int) -> P {
    precondition(
      x >= 0 && y >= 0 && x < width && y < height, "pixel (\(x), \(y)) of \(width)x\(height)")
    return raster.withBytes { bytes in
      (bytes + y * raster.layout.rowBytes).loadUnaligned(
        fromByteOffset: x * MemoryLayout<P>.stride, as: P.self)
    }
  }

  /// The pixels row by row, valid for the time of `body`.
  public func withRows<R, E: Error>(_ body: (PixelRows<P>) throws(E) -> R) throws(E) -> R {
    try raster.withBytes { (bytes: UnsafeRawPointer) throws(E) in
      try body(PixelRows(base: bytes, rowBytes: raster.layout.rowBytes))
    }
  }
}

/// The rows of a view as addresses; `rows[y][x]` is a pixel. Not checked against the view's size.
public struct PixelRows<P: Pixel> {
  public let base: UnsafeRawPointer
  public let rowBytes: Int

  @inlinable public subscript(y: Int) -> UnsafePointer<P> {
    (base + y * rowBytes).assumingMemoryBound(to: P.self)
  }
}

/// Pixels to write, valid only inside the closure that hands it out.
public struct MutableImageView<P: Pixel> {
  public let raster: MutableRasterView

  init(unchecked raster: MutableRasterView) { self.raster = raster }

  public init?(_ raster: MutableRasterView) {
    guard raster.format == P.format else { return nil }
    self.raster = raster
  }

  public var width: Int { raster.width }
  public var height: Int { raster.height }

  public func copyPixels(from source: RasterView) { raster.copyPixels(from: source) }

  public func row(_ y: Int) -> UnsafeMutablePointer<P> {
    raster.row(y).assumingMemoryBound(to: P.self)
  }

  public func cropped(to rect: PixelRect) -> MutableImageView {
    MutableImageView(unchecked: raster.cropped(to: rect))
  }
}
