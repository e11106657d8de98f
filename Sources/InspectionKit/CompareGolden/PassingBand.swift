import VisionCore
import VisionImage

/// The darkest and the brightest grey values that pass in some rows of a reference.
struct PassingBand {
  private let low: Raster
  private let high: Raster
  private let firstRow: Int

  /// `smooth` shows the rows from `firstRow` on.
  init(_ smooth: Raster, firstRow: Int, _ edgeBand: Int, _ runner: OperatorRunner) throws {
    let window = StructuringElement(.rect, width: edgeBand, height: edgeBand)
    low = try runner.apply(Erode(window), to: smooth.view).image!
    high = try runner.apply(Dilate(window), to: smooth.view).image!
    self.firstRow = firstRow
  }

  func withRows<R>(_ body: (_ low: NumberedRows, _ high: NumberedRows) -> R) -> R {
    low.view.withBytes { lows in
      high.view.withBytes { highs in
        body(
          NumberedRows(base: lows, rowBytes: low.layout.rowBytes, firstRow: firstRow),
          NumberedRows(base: highs, rowBytes: high.layout.rowBytes, firstRow: firstRow))
      }
    }
  }
}

/// By how many grey values pixels may differ: each by its own, or all by the same.
struct GoldenLimits {
  private let raster: Raster
  /// One row stands for all.
  private let isUniform: Bool

  init(_ limits: Image<UInt8>?, width: Int, tolerance: Int) {
    raster =
      limits?.raster ?? Image<UInt8>(width: width, height: 1, repeating: UInt8(tolerance)).raster
    isUniform = limits == nil
  }

  func withRows<R>(_ body: (NumberedRows) -> R) -> R {
    raster.view.withBytes { base in
      body(
        NumberedRows(base: base, rowBytes: isUniform ? 0 : raster.layout.rowBytes, firstRow: 0))
    }
  }
}

/// Rows of a part of a picture, by their numbers in the whole one.
struct NumberedRows {
  let base: UnsafeRawPointer
  let rowBytes: Int
  let firstRow: Int

  subscript(y: Int) -> UnsafePointer<UInt8> {
    (base + (y - firstRow) * rowBytes).assumingMemoryBound(to: UInt8.self)
  }
}
