import VisionImage

/// The passes over a band of rows that find the extreme of a window.
struct ExtremeWindow<Order: OrderKernels> {
  typealias P = Order.P
  let element: StructuringElement
  let source: ImageView<P>
  let target: MutableImageView<P>
  let order: Order
  let largest: Bool
  let machine: Machine

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

  /// Columns first, straight from the image, a few rows at a time; then along these rows while they are
  /// in the cache. Time hardly depends on the window's size.
  func rectangle(_ band: Range<Int>, _ workspace: Workspace) {
    source.withRows { pixels in
      let between = RowsBetween(window: self, pixels, workspace)
      if element.height == 1 {
        lines(band, pixels, between)
      } else if element.height <= Self.fewRows {
        few(band, pixels, between, workspace)
      } else {
        many(band, pixels, between, workspace)
      }
    }
  }

  /// Up to so many rows comparing all of them costs less than sharing the work.
  private static var fewRows: Int { 9 }

  private func lines(_ band: Range<Int>, _ pixels: PixelRows<P>, _ between: RowsBetween) {
    between.forEachChunk(of: band) { y, count, out, stride in
      for k in 0..<count { (out + k * stride).update(from: pixels[y + k], count: width) }
    }
  }

  private func few(
    _ band: Range<Int>, _ pixels: PixelRows<P>, _ between: RowsBetween, _ workspace: Workspace
  ) {
    let bounded = BoundedRows(window: self, pixels, workspace)
    let rows = workspace.take(between.most + element.height, of: UnsafeRawPointer.self)
    between.forEachChunk(of: band) { y, count, out, stride in
      for i in 0..<count + element.height - 1 { rows[i] = bounded[y - top + i] }
      order.columnExtremes(rows, element.height, out, stride, count, width, sign)
    }
  }

  /// Van Herk's method: the rows are cut into blocks as high as the window; every window is the end of
  /// one block (its suffix, computed upwards once a block) and the beginning of the next (its prefix,
  /// one step a row).
  private func many(
    _ band: Range<Int>, _ pixels: PixelRows<P>, _ between: RowsBetween, _ workspace: Workspace
  ) {
    let size = element.height
    let bounded = BoundedRows(window: self, pixels, workspace)
    let rows = workspace.take(size, of: UnsafeRawPointer.self)
    let stride = (width + 127) / 64 * 64
    let suffixes = workspace.take(size * stride, of: P.self)
    let running = workspace.take(stride, of: P.self)
    var begin = band.lowerBound
    while begin < band.upperBound {
      let end = min(begin + size, band.upperBound)
      running.update(repeating: neutral, count: stride)
      for i in 0..<size { rows[i] = bounded[begin + bottom - i] }
      order.runningExtremes(
        rows, size, running, nil, 0, suffixes + (size - 1) * stride, -stride, width, sign)
      running.update(repeating: neutral, count: stride)
      between.forEachChunk(of: begin..<end) { y, count, out, outStride in
        // Nothing has entered yet at the block's first row: what is above the picture never counts.
        for i in 0..<count { rows[i] = bounded[y + i == begin ? -1 : y + i + bottom] }
        order.runningExtremes(
          rows, count, running, suffixes + (y - begin) * stride, stride, out, outStride, width, sign)
      }
      begin = end
    }
  }

  /// The picture's rows; what lies outside never wins.
  private struct BoundedRows {
    let pixels: PixelRows<P>
    let height: Int
    let outside: UnsafeMutablePointer<P>

    init(window: ExtremeWindow, _ pixels: PixelRows<P>, _ workspace: Workspace) {
      self.pixels = pixels
      height = window.source.height
      outside = workspace.take(window.width, of: P.self)
      outside.update(repeating: window.neutral, count: window.width + 64)
    }

    subscript(y: Int) -> UnsafeRawPointer {
      UnsafeRawPointer(y >= 0 && y < height ? pixels[y] : UnsafePointer(outside))
    }
  }

  /// Room for the results of the columns of a few rows, and the pass along them into the target.
  private struct RowsBetween {
    let window: ExtremeWindow
    let rows: UnsafeMutablePointer<P>
    let far: FarRows<P>
    /// Pixels before a row's first, where lines of the cache begin; pixels from row to row.
    let lead, stride: Int

    /// Rows at a time: an even number that the first-level cache holds.
    let most: Int

    init(window: ExtremeWindow, _ pixels: PixelRows<P>, _ workspace: Workspace) {
      self.window = window
      let rowBytes = window.width * MemoryLayout<P>.stride
      most = rowBytes <= 3072 ? 8 : rowBytes <= 6144 ? 4 : 2
      far = FarRows(
        pixels, height: window.source.height, window.target, window.machine, workspace,
        atOnce: most)
      let linePixels = 64 / MemoryLayout<P>.stride
      lead = (window.element.anchorX + linePixels - 1) / linePixels * linePixels
      stride = (lead + window.width + window.element.width + 128) / linePixels * linePixels
      rows = workspace.take(most * stride, of: P.self)
    }

    /// `columns` fills rows of the picture's width; with windows of one column they are the target's.
    func forEachChunk(
      of band: Range<Int>,
      _ columns: (_ y: Int, _ count: Int, _ out: UnsafeMutablePointer<P>, _ stride: Int) -> Void
    ) {
      let width = window.width, element = window.element
      let left = element.anchorX, right = element.width - 1 - left
      var y = band.lowerBound
      while y < band.upperBound {
        let count = min(most, band.upperBound - y)
        defer { y += count }
        let next = y + count + window.bottom
        far.ask(next..<next + most)
        guard element.width > 1 else {
          far.write(y, count: count) { columns(y, count, $0, $1) }
          continue
        }
        columns(y, count, rows + lead, stride)
        for k in 0..<count {
          let row = rows + k * stride + lead
          (row - left).update(repeating: window.neutral, count: left)
          (row + width).update(repeating: window.neutral, count: right)
        }
        far.write(y, count: count) {
          window.order.rowExtremes(
            rows + lead - left, stride, $0, $1, count, width, element.width, window.sign)
        }
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
