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
