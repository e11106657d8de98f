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
    for x in 0..<left {
      row[x] = border.source(x - left, length: width).map { middle[$0] } ?? constant
    }
    for x in 0..<right {
      middle[width + x] = border.source(width + x, length: width).map { middle[$0] } ?? constant
    }
  }
}
