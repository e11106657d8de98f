import VisionImage

/// Rows of an image copied into scratch with what the border puts left and right of them; rows
/// above and below the image are there as well. Filters that read these need no border code.
struct PaddedRows<P: GreyPixel> {
  let source: PixelRows<P>
  let width: Int
  let height: Int
  let border: Border
  let left: Int
  let right: Int

  /// Pixels of a padded row.
  var length: Int { left + width + right }

  private var constant: P {
    if case .constant(let value) = border { P(saturating: value) } else { .zero }
  }

  /// Writes row `y`; `row[0]` becomes column `-left`.
  func fill(_ y: Int, into row: UnsafeMutablePointer<P>) {
    guard let inside = border.source(y, length: height) else {
      row.update(repeating: constant, count: length)
      return
    }
    (row + left).update(from: source[inside], count: width)
    padEnds(row, constant)
  }

  /// Writes the columns left and right of a row whose middle stands already.
  private func padEnds(_ row: UnsafeMutablePointer<P>, _ constant: P) {
    Self.padEnds(row, left, width, right, border, constant)
  }

  static func padEnds(
    _ row: UnsafeMutablePointer<P>, _ left: Int, _ width: Int, _ right: Int, _ border: Border,
    _ constant: P
  ) {
    let middle = row + left
    // The usual case by itself: with windows of a hundred columns the ends of a row would cost as much
    // as its middle.
    if max(left, right) < width {
      switch border {
      case .constant:
        row.update(repeating: constant, count: left)
        (middle + width).update(repeating: constant, count: right)
      case .replicate:
        row.update(repeating: middle[0], count: left)
        (middle + width).update(repeating: middle[width - 1], count: right)
      case .reflect, .reflect101:
        let gap = border == .reflect ? 0 : 1
        for x in 0..<left { middle[-1 - x] = middle[gap + x] }
        for x in 0..<right { middle[width + x] = middle[width - 1 - gap - x] }
      case .wrap:
        row.update(from: middle + width - left, count: left)
        (middle + width).update(from: middle, count: right)
      }
      return
    }
    for x in 0..<left {
      row[x] = border.source(x - left, length: width).map { middle[$0] } ?? constant
    }
    for x in 0..<right {
      middle[width + x] = border.source(width + x, length: width).map { middle[$0] } ?? constant
    }
  }
}
