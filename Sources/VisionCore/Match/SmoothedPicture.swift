import VisionImage
import VisionKernelsABI

/// The full picture is smoothed before the last fit, and so is the template: what is linear between
/// pixels is then near to what lies between them, and noise counts less.
enum FineSmoothing {
  /// A deviation of 1.41 pixels: nearly the binomial numbers.
  static let filter = Gaussian(size: 9, sigma: 1.4142, border: .reflect101)
  /// Templates with a shorter side than this would lose too much at their edges.
  static let leastSide = 24
}

/// Pixels of a part of a picture, of which the first lies at `x` and `y`.
struct PicturePart {
  let pixels: ImageView<UInt8>
  let x: Int
  let y: Int

  var area: PixelRect { PixelRect(x: x, y: y, width: pixels.width, height: pixels.height) }

  /// The grey values at a template's points in a pose, -1 outside; how many lie inside.
  func sample(
    _ pose: Similarity, _ xs: [Float], _ ys: [Float], into levels: UnsafeMutablePointer<Float>,
    _ count: Int, _ kernels: correlate_kernels
  ) -> Int {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { numbers in
      numbers[0] = Float(pose.x - Double(x))
      numbers[1] = Float(pose.y - Double(y))
      numbers[2] = Float(pose.a)
      numbers[3] = Float(pose.b)
      return pixels.withRows { rows in
        kernels.sample8(
          rows[0], rows.rowBytes, pixels.width, pixels.height, xs, ys, numbers.baseAddress!, levels,
          count)
      }
    }
  }
}

/// The full picture smoothed where somebody looks: parts cover a fraction of most pictures, and memory
/// that is new to the process costs more than the smoothing.
final class SmoothedPicture {
  private let source: ImageView<UInt8>
  private let machine: Machine
  private var parts: [PicturePart] = []
  /// Of all parts.
  private var pixelCount = 0

  /// A fit moves, and looks again nearby.
  private static let margin = 8

  init(_ source: ImageView<UInt8>, on machine: Machine) {
    self.source = source
    self.machine = machine
  }

  /// A part in which all of the rectangle lies that the picture has. What was smoothed once too often
  /// would cost more than the whole picture, which is then made.
  func part(holding rect: PixelRect) -> PicturePart {
    let seen = rect.intersection(source.bounds)
    guard !seen.isEmpty else { return PicturePart(pixels: source, x: 0, y: 0) }
    if let known = parts.last(where: { $0.area.contains(seen) }) { return known }
    var wanted = seen.grown(by: Self.margin).intersection(source.bounds)
    pixelCount += wanted.area
    if pixelCount > source.bounds.area {
      wanted = source.bounds
      parts = []
    }
    parts.append(smoothed(wanted))
    return parts[parts.count - 1]
  }

  private func smoothed(_ area: PixelRect) -> PicturePart {
    // With what the filter reaches; beyond the picture it reflects as it does for the whole.
    let wide = area.grown(by: FineSmoothing.filter.size / 2).intersection(source.bounds)
    var part = Image<UInt8>(uninitializedWidth: wide.width, height: wide.height)
    part.withMutableView { out in
      _ = FineSmoothing.filter.native(
        OperatorInputs(source.cropped(to: wide).raster), into: out.raster, on: machine)
    }
    let inner = area.moved(x: -wide.x, y: -wide.y)
    return PicturePart(pixels: part.view.cropped(to: inner), x: area.x, y: area.y)
  }
}
