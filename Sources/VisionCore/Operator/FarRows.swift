import VisionImage
import VisionKernelsABI

/// The rows of a picture that is read from above to below. Those of a picture that is more than the
/// cache holds are asked for some time before they are read.
struct RowsAhead {
  private let base: UnsafeRawPointer
  private let rowBytes: Int
  private let height: Int
  /// Nil where nothing is to be asked for.
  private let kernels: memory_kernels?

  /// Whether the cache holds less than all of it.
  var isFar: Bool { kernels != nil }

  /// `with` bytes are written meanwhile.
  init<P: Pixel>(_ pixels: PixelRows<P>, height: Int, with written: Int = 0, _ machine: Machine) {
    base = pixels.base
    rowBytes = pixels.rowBytes
    self.height = height
    kernels = machine.isFar(rowBytes * height + written) ? machine.kernels.memory : nil
  }

  /// Row `y` is wanted soon; it may lie outside.
  @inline(__always)
  func ask(_ y: Int) {
    if let kernels, y >= 0, y < height { kernels.ask(base + y * rowBytes, rowBytes) }
  }

  /// The same of several rows.
  @inline(__always)
  func ask(_ rows: Range<Int>) {
    if kernels != nil { for y in rows { ask(y) } }
  }
}

/// The rows of a picture that is read and of one that is written, from above to below, by a band of an
/// operator. Where both together are more than the cache holds, rows are asked for before they are
/// read, and results go past the cache, which would otherwise fetch every line of the target only to
/// see it overwritten. Pictures that the cache holds are read and written as they are.
struct FarRows<P: Pixel> {
  private let ahead: RowsAhead
  private let target: MutableImageView<P>
  /// Room for the rows that are written together; nil where the cache holds all.
  private let scratch: UnsafeMutablePointer<P>?
  private let scratchStride: Int
  private let kernels: memory_kernels

  /// `height` is the source's; `atOnce` rows at most are written together.
  init<S: Pixel>(
    _ pixels: PixelRows<S>, height: Int, _ target: MutableImageView<P>, _ machine: Machine,
    _ workspace: Workspace, atOnce: Int = 1
  ) {
    let written = target.raster.layout.rowBytes * target.height
    ahead = RowsAhead(pixels, height: height, with: written, machine)
    self.target = target
    kernels = machine.kernels.memory
    scratchStride = (target.width + 127) & ~63
    scratch = ahead.isFar ? workspace.take(atOnce * scratchStride, of: P.self) : nil
  }

  /// Row `y` of the source is wanted soon; it may lie outside.
  @inline(__always)
  func ask(_ y: Int) { ahead.ask(y) }

  /// The same of several rows.
  @inline(__always)
  func ask(_ rows: Range<Int>) { ahead.ask(rows) }

  /// `body` makes row `y` of the target.
  @inline(__always)
  func write(_ y: Int, _ body: (UnsafeMutablePointer<P>) -> Void) {
    guard let scratch else { return body(target.row(y)) }
    body(scratch)
    put(scratch, y)
  }

  /// `body` makes row `y` of the target from `last`, the one that was made before it.
  func write(
    _ y: Int, after last: inout UnsafePointer<P>,
    _ body: (_ out: UnsafeMutablePointer<P>, _ last: UnsafePointer<P>) -> Void
  ) {
    var out = target.row(y)
    if let scratch { out = last == UnsafePointer(scratch) ? scratch + scratchStride : scratch }
    body(out, last)
    if scratch != nil { put(out, y) }
    last = UnsafePointer(out)
  }

  /// `body` makes `count` rows from `y` on; `stride` pixels lie between their beginnings.
  @inline(__always)
  func write(
    _ y: Int, count: Int, _ body: (_ out: UnsafeMutablePointer<P>, _ stride: Int) -> Void
  ) {
    guard let scratch else {
      return body(target.row(y), target.raster.layout.rowBytes / MemoryLayout<P>.stride)
    }
    body(scratch, scratchStride)
    for k in 0..<count { put(scratch + k * scratchStride, y + k) }
  }

  /// Row `y` of the target is this one.
  @inline(__always)
  func put(_ row: UnsafePointer<P>, _ y: Int) {
    if scratch == nil {
      target.row(y).update(from: row, count: target.width)
    } else {
      kernels.stream(row, target.row(y), target.width * MemoryLayout<P>.stride)
    }
  }
}
