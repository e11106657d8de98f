import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A grey picture in single precision, levels 0 to 255 whatever its depth was.
struct GreyPlane: Sendable {
  let width: Int
  let height: Int
  private(set) var values: [Float]

  /// Nil for pictures that are not grey.
  init?(_ picture: RasterView) {
    if let view = ImageView<UInt8>(picture) {
      self.init(view, scale: 1)
    } else if let view = ImageView<UInt16>(picture) {
      self.init(view, scale: 1 / 257)
    } else {
      return nil
    }
  }

  private init<P: GreyPixel & FixedWidthInteger>(_ view: ImageView<P>, scale: Float) {
    width = view.width
    height = view.height
    values = [Float](repeating: 0, count: width * height)
    view.withRows { rows in
      for y in 0..<height {
        let row = rows[y]
        for x in 0..<width { values[y * width + x] = Float(row[x]) * scale }
      }
    }
  }

  private init(width: Int, height: Int, values: [Float]) {
    self.width = width
    self.height = height
    self.values = values
  }

  subscript(x: Int, y: Int) -> Float { values[y * width + x] }

  func contains(_ p: PixelPoint, margin: Double = 0) -> Bool {
    p.x >= margin && p.y >= margin && p.x <= Double(width - 1) - margin
      && p.y <= Double(height - 1) - margin
  }

  /// Between the pixels by the four around; outside the nearest.
  func sample(_ x: Double, _ y: Double) -> Double {
    let cx = min(max(x, 0), Double(width - 1)), cy = min(max(y, 0), Double(height - 1))
    let left = min(Int(cx), max(0, width - 2)), top = min(Int(cy), max(0, height - 2))
    let fx = cx - Double(left), fy = cy - Double(top)
    let right = min(left + 1, width - 1), bottom = min(top + 1, height - 1)
    let upper = Double(self[left, top]) * (1 - fx) + Double(self[right, top]) * fx
    let lower = Double(self[left, bottom]) * (1 - fx) + Double(self[right, bottom]) * fx
    return upper * (1 - fy) + lower * fy
  }

  /// Every two by two pixels as their mean. Pixel x of the half lies at 2 x + 0.5 of the whole.
  var halved: GreyPlane {
    let w = width / 2, h = height / 2
    var half = [Float](repeating: 0, count: w * h)
    for y in 0..<h {
      for x in 0..<w {
        let i = 2 * y * width + 2 * x
        half[y * w + x] = (values[i] + values[i + 1] + values[i + width] + values[i + width + 1]) / 4
      }
    }
    return GreyPlane(width: w, height: h, values: half)
  }

  func blurred(sigma: Double) -> GreyPlane {
    let radius = Int((3 * sigma).rounded(.up))
    let raw = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let total = raw.reduce(0, +)
    let weights = raw.map { Float($0 / total) }
    var across = values, both = values
    for y in 0..<height {
      let row = y * width
      for x in 0..<width {
        var sum: Float = 0
        for (k, weight) in weights.enumerated() {
          sum += weight * values[row + min(max(x + k - radius, 0), width - 1)]
        }
        across[row + x] = sum
      }
    }
    for y in 0..<height {
      for x in 0..<width { both[y * width + x] = 0 }
      for (k, weight) in weights.enumerated() {
        let from = min(max(y + k - radius, 0), height - 1) * width
        for x in 0..<width { both[y * width + x] += weight * across[from + x] }
      }
    }
    return GreyPlane(width: width, height: height, values: both)
  }
}
