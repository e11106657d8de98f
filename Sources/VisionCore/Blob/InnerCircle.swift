import VisionImage

/// The largest circle that lies within a region.
public struct InnerCircle: Sendable, Hashable {
  /// A pixel's centre; of several that serve, the first in raster order.
  public let centre: PixelPoint
  /// To the nearest pixel outside, less the half pixel that belongs to it: 0.5 for a single pixel,
  /// 1.5 for nine in a square.
  public let radius: Double
}

extension Region {
  /// Nil for an empty region. What lies outside the picture counts as outside the region.
  public var innerCircle: InnerCircle? {
    guard !isEmpty else { return nil }
    let box = box
    // One pixel of ground all around, so that every column and row ends outside.
    let width = box.width + 2, height = box.height + 2
    var isInside = [Bool](repeating: false, count: width * height)
    for run in runs {
      let row = (run.y - box.y + 1) * width - box.x + 1
      for x in run.start..<run.end { isInside[row + x] = true }
    }
    let squares = Self.squaredDistances(isInside, width: width, height: height)
    var best = 0
    for index in squares.indices where squares[index] > squares[best] { best = index }
    return InnerCircle(
      centre: PixelPoint(x: Double(best % width + box.x - 1), y: Double(best / width + box.y - 1)),
      radius: Double(squares[best]).squareRoot() - 0.5)
  }

  /// The squared distance of every pixel to the nearest one that is not inside: along the columns
  /// first, then the lower envelope of parabolas along each row (Meijster, Roerdink and Hesselink).
  private static func squaredDistances(_ isInside: [Bool], width: Int, height: Int) -> [Int] {
    var columns = [Int](repeating: 0, count: width * height)
    for x in 0..<width {
      for y in 1..<height where isInside[y * width + x] {
        columns[y * width + x] = columns[(y - 1) * width + x] + 1
      }
      for y in (0..<height - 1).reversed() {
        columns[y * width + x] = min(columns[y * width + x], columns[(y + 1) * width + x] + 1)
      }
    }
    var squares = columns
    var places = [Int](repeating: 0, count: width), starts = [Int](repeating: 0, count: width)
    for y in 0..<height {
      let row = y * width
      func square(_ x: Int, _ place: Int) -> Int {
        (x - place) * (x - place) + columns[row + place] * columns[row + place]
      }
      var last = 0
      (places[0], starts[0]) = (0, 0)
      for x in 1..<width {
        while last >= 0 && square(starts[last], places[last]) > square(starts[last], x) { last -= 1 }
        if last < 0 {
          last = 0
          places[0] = x
          continue
        }
        // The first column that is nearer to x than to the place before it.
        let before = places[last]
        let rise = square(0, x) - square(0, before)
        let start = 1 + rise / (2 * (x - before))
        if start < width {
          last += 1
          (places[last], starts[last]) = (x, start)
        }
      }
      for x in (0..<width).reversed() {
        squares[row + x] = square(x, places[last])
        if x == starts[last] && last > 0 { last -= 1 }
      }
    }
    return squares
  }
}
