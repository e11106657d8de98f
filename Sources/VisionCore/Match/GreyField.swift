import VisionImage

/// Grey values as real numbers.
struct GreyField: Sendable {
  private let width: Int
  private let values: [Double]

  subscript(x: Int, y: Int) -> Double { values[y * width + x] }

  init(_ picture: ImageView<UInt8>) {
    width = picture.width
    values = (0..<picture.height).flatMap { y in
      (0..<picture.width).map { Double(picture[$0, y]) }
    }
  }

  /// As `FineSmoothing` makes it, before that rounds.
  init(smoothed picture: ImageView<UInt8>) {
    let filter = FineSmoothing.filter
    let weights = GaussianWeights.whole(size: filter.size, sigma: filter.sigma, parts: 256)
    let width = picture.width, height = picture.height, half = filter.size / 2
    func sum(_ i: Int, _ length: Int, _ value: (Int) -> Double) -> Double {
      weights.enumerated().reduce(0) { sum, weight in
        let at = filter.border.source(i + weight.offset - half, length: length) ?? 0
        return sum + Double(weight.element) / 256 * value(at)
      }
    }
    let across = (0..<height).flatMap { y in
      (0..<width).map { x in sum(x, width) { Double(picture[$0, y]) } }
    }
    values = (0..<height).flatMap { y in
      (0..<width).map { x in sum(y, height) { across[$0 * width + x] } }
    }
    self.width = width
  }
}
