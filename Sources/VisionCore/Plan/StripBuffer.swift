import VisionImage

/// A few rows of a picture that is never there as a whole: between two steps of a plan.
final class StripBuffer {
  private var raster: Raster
  /// The rows of the picture that stand in it, from its first row on.
  private(set) var rows = 0..<0

  init(_ layout: RasterLayout, rows: Int) {
    raster = Raster(
      uninitialized: RasterLayout(
        format: layout.format, width: layout.width, height: min(rows, layout.height)))
  }

  /// The rows that stand in it, as a picture.
  var view: RasterView {
    raster.view.cropped(
      to: PixelRect(x: 0, y: 0, width: raster.width, height: rows.count))
  }

  /// Forgets everything: a new picture begins.
  func clear() { rows = 0..<0 }

  /// Calls `body` with the rows that are missing of those wanted, and where the picture's row 0 would
  /// lie; what stands already and is still wanted moves to the front.
  func extend(
    to wanted: Range<Int>, _ body: (_ missing: Range<Int>, _ origin: UnsafeMutableRawPointer) -> Void
  ) {
    let kept = max(rows.lowerBound, wanted.lowerBound)..<max(rows.upperBound, wanted.lowerBound)
    raster.withMutableView { pixels in
      let stride = pixels.layout.rowBytes
      precondition(wanted.count <= pixels.height, "\(wanted) in \(pixels.height) rows")
      let shift = wanted.lowerBound - rows.lowerBound
      if shift > 0 {
        for i in 0..<kept.count where !kept.isEmpty {
          pixels.row(i).copyMemory(from: pixels.row(i + shift), byteCount: stride)
        }
      }
      rows = wanted
      let start = kept.isEmpty ? wanted.lowerBound : kept.upperBound
      if start < wanted.upperBound {
        body(start..<wanted.upperBound, pixels.base - wanted.lowerBound * stride)
      }
    }
  }

  var layout: RasterLayout { raster.layout }
}
