import ImageFiles
import VisionCore
import VisionImage

/// The bytes of a picture as the driver wrote them.
public struct RawPicture: Sendable {
  let buffer: PixelBuffer
  public let byteCount: Int

  init(buffer: PixelBuffer, byteCount: Int) {
    precondition(byteCount <= buffer.byteCount, "\(byteCount) of \(buffer.byteCount) bytes")
    self.buffer = buffer
    self.byteCount = byteCount
  }

  public func withBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    let view = RasterView(
      buffer: buffer, offset: 0, layout: RasterLayout(format: .u8, width: 1, height: 1))
    return try view.withBytes { (bytes: UnsafeRawPointer) throws(E) in
      try body(UnsafeRawBufferPointer(start: bytes, count: byteCount))
    }
  }
}

/// Pictures from a camera's bytes. Grey in whole bytes or little-endian words is looked at where it
/// lies; everything else is converted into a buffer of the pool. Used by one thread.
final class PictureDecoder {
  let encoding: PixelEncoding
  let width: Int
  let height: Int
  /// Bytes from row to row.
  let rowBytes: Int
  private let pool: BufferPool?
  private let runner = OperatorRunner(.native, mayUseOpenCV: false)
  private let rows: RowConverter
  private var samples: Raster?
  private var coloured: Raster?

  /// `buffers`: how many converted pictures may be in use at a time.
  init(_ encoding: PixelEncoding, width: Int, height: Int, rowBytes: Int?, buffers: Int) {
    rows = RowConverter(kernels: runner.machine.kernels.camera)
    self.encoding = encoding
    self.width = width
    self.height = height
    self.rowBytes = max(rowBytes ?? 0, encoding.rowBytes(width: width))
    let format: PixelFormat? =
      switch encoding.content {
      case .grey: encoding.bits > 8 ? .u16 : .u8
      case .bayer: encoding.bits > 8 ? .rgb16 : .rgb8
      case .jpeg: nil
      default: .rgb8
      }
    pool = format.map {
      BufferPool(RasterLayout(format: $0, width: width, height: height), capacity: buffers)
    }
  }

  enum Outcome {
    case picture(RasterView)
    case damaged(Frame.Status)
    /// No buffer is free for the converted picture.
    case starved
  }

  /// Whether pictures are looked at where the driver wrote them.
  var isInPlace: Bool {
    switch encoding.content {
    case .grey(.bytes): true
    case .grey(.words(_, let isBigEndian)): !isBigEndian && rowBytes % 2 == 0
    default: false
    }
  }

  func decode(_ raw: RawPicture) -> Outcome {
    let needed = encoding.byteCount(width: width, height: height, rowBytes: rowBytes)
    guard raw.byteCount >= needed, raw.byteCount > 0 else {
      return .damaged(
        .incomplete("\(raw.byteCount) of \(max(needed, 1)) bytes came"))
    }
    if isInPlace {
      return .picture(
        RasterView(
          buffer: raw.buffer, offset: 0,
          layout: RasterLayout(
            format: encoding.bits > 8 ? .u16 : .u8, width: width, height: height,
            rowBytes: rowBytes)))
    }
    return raw.withBytes { bytes in
      encoding.content == .jpeg ? expand(bytes) : convert(bytes.baseAddress!)
    }
  }

  private func expand(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    do throws(ImageFileError) {
      let raster = try ImageFiles.decode(bytes, name: encoding.name)
      guard raster.width == width, raster.height == height else {
        return .damaged(.corrupt("a picture of \(raster.width)x\(raster.height)"))
      }
      return .picture(raster.view)
    } catch {
      return .damaged(.corrupt(error.reason))
    }
  }

  private func convert(_ bytes: UnsafeRawPointer) -> Outcome {
    let made = pool?.picture { target in
      switch encoding.content {
      case .grey(let layout):
        for y in 0..<height {
          rows.unpack(layout, from: bytes + y * rowBytes, into: target.row(y), count: width)
        }
      case .bayer(let pattern, let layout):
        demosaic(pattern, layout, bytes, into: target)
      case .yuv422(let luma, let u, let v):
        for y in 0..<height {
          rows.yuv422(
            from: bytes + y * rowBytes, luma: luma, u: u, v: v, into: target.row(y), count: width)
        }
      case .yuv420(let uFirst):
        let colour = bytes + height * rowBytes
        for y in 0..<height {
          rows.yuv420(
            luma: bytes + y * rowBytes, colour: colour + y / 2 * rowBytes, uFirst: uFirst,
            into: target.row(y), count: width)
        }
      case .rgb(let red, let green, let blue, let step):
        for y in 0..<height {
          ColourRows.rgb(
            from: bytes + y * rowBytes, red: red, green: green, blue: blue, step: step,
            into: target.row(y), count: width)
        }
      case .jpeg:
        preconditionFailure("compressed pictures have no rows")
      }
    }
    guard let made else { return .starved }
    return .picture(made.picture)
  }

  private func demosaic(
    _ pattern: Demosaic.Pattern, _ layout: PixelEncoding.Samples, _ bytes: UnsafeRawPointer,
    into target: MutableRasterView
  ) {
    let format: PixelFormat = layout.bits > 8 ? .u16 : .u8
    if samples == nil {
      samples = Raster(
        uninitialized: RasterLayout(format: format, width: width, height: height))
    }
    samples?.withMutableView { words in
      for y in 0..<height {
        rows.unpack(layout, from: bytes + y * rowBytes, into: words.row(y), count: width)
      }
    }
    guard let samples else { return }
    do throws(OperatorError) {
      try runner.run(Demosaic(pattern), on: OperatorInputs(samples.view), into: &coloured)
    } catch {
      preconditionFailure("demosaic takes \(samples.layout): \(error)")
    }
    if let coloured { target.copyPixels(from: coloured.view) }
  }
}
