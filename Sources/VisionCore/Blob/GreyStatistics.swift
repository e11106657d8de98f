import VisionImage

/// Grey levels of an image under a region.
public struct GreyStatistics: Sendable, Hashable {
  public let count: Int
  public let mean: Double
  /// The root of the mean square distance to the mean.
  public let deviation: Double
  public let least: Double
  public let greatest: Double

  /// Of the part of the region that lies in the image; nil where none does, or where the image has
  /// no grey levels of 8 or 16 bits.
  public init?(of image: RasterView, under region: Region) {
    func gather<P: GreyPixel & FixedWidthInteger>(_ image: ImageView<P>) -> GreyStatistics? {
      var count = 0, sum = 0, squares = 0
      var least = P.max, greatest = P.min
      image.withRows { rows in
        for run in region.clipped(to: image.bounds).runs {
          let row = rows[run.y]
          for x in run.start..<run.end {
            let level = row[x]
            sum &+= Int(level)
            // 2^32 pixels of 2^32 each: the largest picture of 16 bits that there is fits.
            squares &+= Int(level) &* Int(level)
            least = min(least, level)
            greatest = max(greatest, level)
          }
          count += run.count
        }
      }
      guard count > 0 else { return nil }
      let spread = Int128(count) * Int128(squares) - Int128(sum) * Int128(sum)
      return GreyStatistics(
        count: count, mean: Double(sum) / Double(count),
        deviation: Double(spread).squareRoot() / Double(count), least: least.real,
        greatest: greatest.real)
    }
    let found: GreyStatistics?
    if let image = ImageView<UInt8>(image) {
      found = gather(image)
    } else if let image = ImageView<UInt16>(image) {
      found = gather(image)
    } else {
      found = nil
    }
    guard let found else { return nil }
    self = found
  }

  private init(count: Int, mean: Double, deviation: Double, least: Double, greatest: Double) {
    self.count = count
    self.mean = mean
    self.deviation = deviation
    self.least = least
    self.greatest = greatest
  }
}

extension Region {
  /// The mean length of the gradient, in grey levels a pixel, over the border pixels: half the
  /// difference of the neighbours on either side. The picture's edge is repeated.
  func borderGradient(in image: RasterView) -> Double {
    func gather<P: GreyPixel & FixedWidthInteger>(_ image: ImageView<P>) -> Double {
      var sum = 0.0, count = 0
      image.withRows { rows in
        for run in border.clipped(to: image.bounds).runs {
          let above = rows[max(0, run.y - 1)], below = rows[min(image.height - 1, run.y + 1)]
          let row = rows[run.y]
          for x in run.start..<run.end {
            let dx = row[min(image.width - 1, x + 1)].real - row[max(0, x - 1)].real
            let dy = below[x].real - above[x].real
            sum += (dx * dx + dy * dy).squareRoot() / 2
          }
          count += run.count
        }
      }
      return count == 0 ? 0 : sum / Double(count)
    }
    if let image = ImageView<UInt8>(image) { return gather(image) }
    if let image = ImageView<UInt16>(image) { return gather(image) }
    return 0
  }

  /// Whether any of its pixels in the image is object by another threshold.
  func touches(_ foreground: Foreground, in image: RasterView) -> Bool {
    func search<P: GreyPixel & FixedWidthInteger>(_ image: ImageView<P>) -> Bool {
      let (threshold, dark) = foreground.kernelArguments(P.self)
      return image.withRows { rows in
        runs.contains { run in
          (run.start..<run.end).contains { (rows[run.y][$0] > threshold) != (dark == 1) }
        }
      }
    }
    if let image = ImageView<UInt8>(image) { return search(image) }
    if let image = ImageView<UInt16>(image) { return search(image) }
    return false
  }
}
