import ImageFiles
import VisionCore
import VisionImage

/// The bytes of a picture as the driver wrote them.
public struct RawPicture: Sendable {
  let buffer: PixelBuffer
  /// Where in the buffer it begins.
  let offset: Int
  public let byteCount: Int

  init(buffer: PixelBuffer, offset: Int = 0, byteCount: Int) {
    precondition(
      offset >= 0 && offset + byteCount <= buffer.byteCount,
      "\(byteCount) bytes from \(offset) of \(buffer.byteCount)")
    self.buffer = buffer
    self.offset = offset
    self.byteCount = byteCount
  }

  /// The bytes as a picture of this layout, which they must be enough for.
  func view(_ layout: RasterLayout) -> RasterView {
    RasterView(buffer: buffer, offset: offset, layout: layout)
  }

  public func withBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    let first = view(RasterLayout(format: .u8, width: 1, height: 1))
    return try first.withBytes { (bytes: UnsafeRawPointer) throws(E) in
      try body(UnsafeRawBufferPointer(start: bytes, count: byteCount))
    }
  }
}

/// Pictures from a camera's bytes. Grey in whole bytes or little-endian words is looked at where it
/// lies; everything else is converted into a buffer of the pool, by the operators of the registry.
/// Used by one thread.
final class PictureDecoder {
  let encoding: PixelEncoding
  let width: Int
  let height: Int
  /// Bytes from row to row.
  let rowBytes: Int
  private let pool: BufferPool?
  private let machine = Machine()
  private let foreign: ForeignConverter?
  private var samples: Raster?

  /// `buffers`: how many converted pictures may be in use at a time.
  init(
    _ encoding: PixelEncoding, width: Int, height: Int, rowBytes: Int?, buffers: Int,
    foreign: ForeignConverter? = nil
  ) {
    self.encoding = encoding
    self.width = width
    self.height = height
    self.rowBytes = max(rowBytes ?? 0, encoding.rowBytes(width: width))
    self.foreign = foreign
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

  /// The camera's bytes as a picture of samples, where they are whole bytes or words.
  private func inPlace(_ raw: RawPicture, _ samples: SampleLayout) -> RasterView? {
    let format: PixelFormat
    switch samples {
    case .bytes: format = .u8
    case .words(_, isBigEndian: false) where rowBytes % 2 == 0 && raw.offset % 2 == 0: format = .u16
    default: return nil
    }
    return raw.view(RasterLayout(format: format, width: width, height: height, rowBytes: rowBytes))
  }

  func decode(_ raw: RawPicture) -> Outcome {
    let needed = encoding.byteCount(width: width, height: height, rowBytes: rowBytes)
    guard raw.byteCount >= needed, raw.byteCount > 0 else {
      return .damaged(
        .incomplete("\(raw.byteCount) of \(max(needed, 1)) bytes came"))
    }
    switch encoding.content {
    case .jpeg:
      return raw.withBytes { expand($0) }
    case .foreign:
      return raw.withBytes { translate($0) }
    case .grey(let layout):
      if let view = inPlace(raw, layout) { return .picture(view) }
      return made { convert(raw, Unpack(layout), into: $0) }
    case .bayer(let pattern, let layout):
      return made { demosaic(raw, pattern, layout, into: $0) }
    case .yuv422(let order):
      return made { convert(raw, YUV422(order), into: $0) }
    case .yuv420(let order):
      return made { convert(raw, NV12(order), rows: height + (height + 1) / 2, into: $0) }
    case .rgb(let red, let green, let blue, let step):
      return made { target in
        raw.withBytes { bytes in
          for y in 0..<height {
            ColourRows.rgb(
              from: bytes.baseAddress! + y * rowBytes, red: red, green: green, blue: blue,
              step: step, into: target.row(y), count: width)
          }
        }
      }
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

  private func translate(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    guard let foreign else { preconditionFailure("\(encoding.name) without a converter") }
    guard let made = pool?.picture({ foreign.convert(bytes, into: $0) }) else { return .starved }
    return made.1.map { .damaged(.corrupt($0)) } ?? .picture(made.picture)
  }

  private func made(_ fill: (MutableRasterView) -> Void) -> Outcome {
    pool?.picture(fill).map { .picture($0.picture) } ?? .starved
  }

  private func convert(
    _ raw: RawPicture, _ op: some Operator, rows: Int? = nil, into target: MutableRasterView
  ) {
    let bytes = raw.view(
      RasterLayout(
        format: .u8, width: encoding.rowBytes(width: width), height: rows ?? height,
        rowBytes: rowBytes))
    _ = op.native(OperatorInputs(bytes), into: target, on: machine)
  }

  private func demosaic(
    _ raw: RawPicture, _ pattern: Demosaic.Pattern, _ layout: SampleLayout,
    into target: MutableRasterView
  ) {
    // Kernels read whole registers, for which rows of less than 64 samples must have slack.
    if width >= 64, let view = inPlace(raw, layout) {
      _ = Demosaic(pattern).native(OperatorInputs(view), into: target, on: machine)
      return
    }
    var words =
      samples
      ?? Raster(
        uninitialized: RasterLayout(
          format: layout.bits > 8 ? .u16 : .u8, width: width, height: height))
    samples = nil
    words.withMutableView { out in
      if let view = inPlace(raw, layout) {
        out.copyPixels(from: view)
      } else {
        convert(raw, Unpack(layout), into: out)
      }
    }
    _ = Demosaic(pattern).native(OperatorInputs(words.view), into: target, on: machine)
    samples = words
  }
}
