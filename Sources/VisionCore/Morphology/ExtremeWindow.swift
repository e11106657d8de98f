import VisionImage

/// The passes over a band of rows that find the extreme of a window.
struct ExtremeWindow<Order: OrderKernels> {
  typealias P = Order.P
  let element: StructuringElement
  let source: ImageView<P>
  let target: MutableImageView<P>
  let order: Order
  let largest: Bool

  private var sign: Int { largest ? 1 : 0 }
  /// The pixel that never wins: what lies outside the image.
  private var neutral: P { largest ? .min : .max }
  private var width: Int { target.width }
  private var top: Int { element.anchorY }
  private var bottom: Int { element.height - 1 - element.anchorY }

  private func padded(_ pixels: PixelRows<P>, left: Int, right: Int) -> PaddedRows<P> {
    PaddedRows(
      source: pixels, width: width, height: source.height, border: .constant(neutral.real),
      left: left, right: right)
  }

  /// Up to this height comparing all rows of the window costs less than sharing the work.
  static var lowHeight: Int { 5 }

  /// Columns first, straight from the image, then along the row while it is in the cache.
  func lowRectangle(_ band: Range<Int>, _ workspace: Workspace) {
    let left = element.anchorX
    let right = element.width - 1 - left
    source.withRows { pixels in
      let rows = workspace.take(element.height, of: UnsafeRawPointer.self)
      let row = workspace.take(left + width + right, of: P.self)
      for y in band {
        // What lies outside does not count, and one row is always inside.
        let inside = max(0, y - top)...min(source.height - 1, y + bottom)
        for (i, y) in inside.enumerated() { rows[i] = UnsafeRawPointer(pixels[y]) }
        let isLine = element.width == 1
        order.columnExtremes(
          rows, inside.count, isLine ? target.row(y) : row + left, width, sign)
        if isLine { continue }
        row.update(repeating: neutral, count: left)
        (row + left + width).update(repeating: neutral, count: right)
        order.rowExtremes(row, target.row(y), width, element.width, sign)
      }
    }
  }

  /// Rows first, then columns by van Herk's method: the rows are cut into blocks as high as the
  /// window; every window is the end of one block (its suffix, computed upwards once a block) and
  /// the beginning of the next (its prefix, one step a row). Time does not depend on the height.
  func rectangle(_ band: Range<Int>, _ workspace: Workspace) {
    let size = element.height
    let stride = width + 128
    source.withRows { pixels in
      let padded = padded(
        pixels, left: element.anchorX, right: element.width - 1 - element.anchorX)
      let row = workspace.take(padded.length, of: P.self)
      func readRow(_ y: Int, into out: UnsafeMutablePointer<P>) {
        padded.fill(y, into: row)
        if element.width == 1 {
          out.update(from: row, count: width)
        } else {
          order.rowExtremes(row, out, width, element.width, sign)
        }
      }
      if size == 1 {
        let out = workspace.take(width, of: P.self)
        for y in band {
          readRow(y, into: out)
          target.row(y).update(from: out, count: width)
        }
        return
      }
      var block = workspace.take(size * stride, of: P.self)
      var next = workspace.take(size * stride, of: P.self)
      let prefix = workspace.take(width, of: P.self)
      for i in 0..<size { readRow(band.lowerBound - top + i, into: block + i * stride) }
      var y = band.lowerBound
      while y < band.upperBound {
        for i in (0..<size - 1).reversed() {
          let here = block + i * stride
          order.extremes(here, here + stride, here, width, sign)
        }
        prefix.update(repeating: neutral, count: width + 64)
        target.row(y).update(from: block, count: width)
        let rows = min(size, band.upperBound - y)
        for i in 1..<size + 1 {
          // The row that enters belongs to the next block; the last one enters for that only.
          let entering = next + (i - 1) * stride
          if i < rows || y + size < band.upperBound { readRow(y + bottom + i, into: entering) }
          if i < rows {
            order.join(prefix, entering, block + i * stride, target.row(y + i), width, sign)
          }
        }
        swap(&block, &next)
        y += rows
      }
    }
  }

  /// Any element with one run a row: for every row that enters, the extremes of windows of 1, 2, 4,
  /// … pixels are kept in a ring; a run is then the extreme of two of them that overlap.
  func runs(_ band: Range<Int>, _ workspace: Workspace) {
    let size = element.height
    let longest = (0..<size).reduce(1) { max($0, element.run($1).count) }
    var levels = 1
    while 1 << levels <= longest { levels += 1 }
    let left = element.anchorX
    let right = element.width - 1 - element.anchorX
    let length = width + left + right
    let stride = length + 192
    source.withRows { pixels in
      let padded = padded(pixels, left: left, right: right)
      let ring = workspace.take(size * levels * stride, of: P.self)
      let part = workspace.take(width, of: P.self)
      let out = workspace.take(width, of: P.self)
      func slot(_ y: Int, _ level: Int) -> UnsafeMutablePointer<P> {
        let place = ((y % size) + size) % size
        return ring + (place * levels + level) * stride
      }
      func enter(_ y: Int) {
        padded.fill(y, into: slot(y, 0))
        for level in 1..<levels {
          let from = slot(y, level - 1)
          let step = 1 << (level - 1)
          order.extremes(from, from + step, slot(y, level), length - 2 * step + 1, sign)
        }
      }
      for y in band.lowerBound - top..<band.lowerBound + bottom { enter(y) }
      for y in band {
        enter(y + bottom)
        out.update(repeating: neutral, count: width + 64)
        for j in 0..<size {
          let run = element.run(j)
          if run.isEmpty { continue }
          var level = 0
          while 1 << (level + 1) <= run.count { level += 1 }
          let from = slot(y - top + j, level) + run.lowerBound
          let rest = run.count - (1 << level)
          order.extremes(from, from + rest, part, width, sign)
          order.extremes(out, part, out, width, sign)
        }
        target.row(y).update(from: out, count: width)
      }
    }
  }
}
