import VisionImage
import VisionKernelsABI

/// Pictures of single precision, row by row.
enum RealRows {
  /// Calls `kernel` with every row: from, to, count.
  static func map(
    _ source: ImageView<Float>, _ output: MutableRasterView, _ machine: Machine,
    _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    let target = output.pixels(as: Float.self)
    machine.inBands(of: target.height) { rows, _ in
      source.withRows { pixels in
        for y in rows { kernel(pixels[y], target.row(y), target.width) }
      }
    }
  }
}

/// A sum of weighted neighbours that is separable: out(x, y) = sum of column(j) row(i)
/// in(x + i - left, y + j - top), every pass added from the first weight on. Time grows with the sizes
/// of both windows; every row is computed by itself, so that bands and strips give the same bits.
struct RealWindow {
  let width: Int
  let height: Int
  /// Weights left of and above the pixel.
  let left: Int
  let top: Int
  let border: Border
  let column: UnsafePointer<Float>
  let row: UnsafePointer<Float>

  func run(
    _ source: ImageView<Float>, _ target: MutableImageView<Float>, _ machine: Machine
  ) {
    let count = target.width
    let weigh = machine.kernels.plane.weigh
    let constant: Float = if case .constant(let value) = border { Float(value) } else { 0 }
    machine.inBands(of: target.height) { band, workspace in
      let lines = workspace.take(height, of: Int.self)
      let places = workspace.take(width, of: Int.self)
      for i in 0..<width { places[i] = i }
      let outside = workspace.take(count, of: Float.self)
      outside.update(repeating: constant, count: count)
      let sums = workspace.take(count + width, of: Float.self)
      var outsideSum: Float = 0
      for j in 0..<height { outsideSum += column[j] * constant }
      source.withRows { pixels in
        for y in band {
          let base = pixels[y]
          for j in 0..<height {
            let line = border.source(y + j - top, length: source.height)
            lines[j] = (line.map { pixels[$0] } ?? UnsafePointer(outside)) - base
          }
          weigh(base, lines, column, height, sums + left, count)
          PaddedRows<Float>.padEnds(sums, left, count, width - 1 - left, border, outsideSum)
          weigh(sums, places, row, width, target.row(y), count)
        }
      }
    }
  }
}
