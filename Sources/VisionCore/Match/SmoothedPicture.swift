import VisionImage

/// The full picture is smoothed before the last fit, and so is the template: what is linear between
/// pixels is then near to what lies between them, and noise counts less.
enum FineSmoothing {
  /// A deviation of 1.41 pixels: nearly the binomial numbers.
  static let filter = Gaussian(size: 9, sigma: 1.4142, border: .reflect101)
  /// Templates with a shorter side than this would lose too much at their edges.
  static let leastSide = 24
}

/// The full picture smoothed where somebody looks, tile by tile: parts cover a fraction of most
/// pictures.
final class SmoothedPicture {
  private let source: ImageView<UInt8>
  private let machine: Machine
  private var smooth: Image<UInt8>
  private let columns: Int
  private let rows: Int
  private var isDone: [Bool]

  /// Wide enough for whole registers.
  private static let tile = (width: 256, height: 64)

  init(_ source: ImageView<UInt8>, on machine: Machine) {
    self.source = source
    self.machine = machine
    smooth = Image(uninitializedWidth: source.width, height: source.height)
    columns = max(1, source.width / Self.tile.width)
    rows = max(1, source.height / Self.tile.height)
    isDone = [Bool](repeating: false, count: columns * rows)
  }

  /// The picture, of which `body` may look at the pixels of a rectangle only.
  func withPixels<R>(in rect: PixelRect, _ body: (ImageView<UInt8>) -> R) -> R {
    let seen = rect.intersection(source.bounds)
    if !seen.isEmpty {
      for row in Self.parts(seen.y..<seen.maxY, of: source.height, count: rows) {
        for column in Self.parts(seen.x..<seen.maxX, of: source.width, count: columns)
        where !isDone[row * columns + column] {
          smoothTile(column, row)
          isDone[row * columns + column] = true
        }
      }
    }
    return body(smooth.view)
  }

  /// Which of `count` parts of a length a range touches; part i begins at length * i / count.
  private static func parts(_ range: Range<Int>, of length: Int, count: Int) -> ClosedRange<Int> {
    func part(of pixel: Int) -> Int { ((pixel + 1) * count - 1) / length }
    return part(of: range.lowerBound)...part(of: range.upperBound - 1)
  }

  private func smoothTile(_ column: Int, _ row: Int) {
    let left = source.width * column / columns, right = source.width * (column + 1) / columns
    let top = source.height * row / rows, bottom = source.height * (row + 1) / rows
    let tile = PixelRect(x: left, y: top, width: right - left, height: bottom - top)
    // With what the filter reaches; beyond the picture it reflects as it does for the whole.
    let wide = tile.grown(by: FineSmoothing.filter.size / 2).intersection(source.bounds)
    let layout = RasterLayout(format: .u8, width: wide.width, height: wide.height)
    machine.withTemporary(layout) { part in
      part.withMutableView { out in
        _ = FineSmoothing.filter.native(
          OperatorInputs(source.cropped(to: wide).raster), into: out, on: machine)
      }
      let inner = PixelRect(
        x: tile.x - wide.x, y: tile.y - wide.y, width: tile.width, height: tile.height)
      smooth.withMutableView { $0.cropped(to: tile).copyPixels(from: part.view.cropped(to: inner)) }
    }
  }
}
