import VisionImage

/// A set of pixels as runs: what a threshold found, a blob, a hole. It lies in the plane rather
/// than in an image, so that it may be moved and grown past any border.
public struct Region: Sendable, Hashable {
  /// In raster order; runs of a row neither overlap nor touch. So equal sets have equal runs.
  public let runs: [Run]

  public static let empty = Region(normal: [])

  /// Runs that are in raster order already and do not touch.
  init(normal runs: [Run]) { self.runs = runs }

  /// The pixels of any runs, in any order.
  public init(_ runs: some Sequence<Run>) {
    let sorted = runs.filter { $0.count > 0 }.sorted { ($0.y, $0.start) < ($1.y, $1.start) }
    var builder = RunBuilder()
    for run in sorted { builder.add(run.y, run.start, run.end) }
    self.init(normal: builder.runs)
  }

  public init(_ rect: PixelRect) {
    self.init(
      normal: rect.width == 0
        ? [] : (rect.y..<rect.maxY).map { Run(y: $0, start: rect.x, end: rect.maxX) })
  }

  /// The object pixels of an image of 8 or 16 bits.
  public init(of image: RasterView, _ foreground: Foreground = .nonZero, on machine: Machine) {
    machine.labeller.find(image, foreground, machine.kernels.run)
    self = machine.labeller.foreground
  }

  public var isEmpty: Bool { runs.isEmpty }
  public var area: Int { runs.reduce(0) { $0 + $1.count } }

  /// The smallest rectangle around it; 0x0 where it is empty.
  public var box: PixelRect {
    guard let first = runs.first, let last = runs.last else {
      return PixelRect(x: 0, y: 0, width: 0, height: 0)
    }
    var left = first.start, right = first.end
    for run in runs {
      left = min(left, run.start)
      right = max(right, run.end)
    }
    return PixelRect(x: left, y: first.y, width: right - left, height: last.y - first.y + 1)
  }

  public func contains(x: Int, y: Int) -> Bool {
    var low = 0, high = runs.count
    while low < high {
      let middle = (low + high) / 2
      let run = runs[middle]
      if (run.y, run.end) <= (y, x) { low = middle + 1 } else { high = middle }
    }
    return low < runs.count && runs[low].y == y && runs[low].start <= x
  }

  public func moved(x: Int, y: Int) -> Region {
    Region(normal: runs.map { Run(y: $0.y + y, start: $0.start + x, end: $0.end + x) })
  }

  /// Writes `value` to the region's pixels, as far as they lie in the image.
  public func paint<P: Pixel>(_ value: P, on pixels: MutableImageView<P>) {
    for run in runs where run.y >= 0 && run.y < pixels.height {
      let start = max(0, run.start), end = min(pixels.width, run.end)
      if start < end { (pixels.row(run.y) + start).update(repeating: value, count: end - start) }
    }
  }

  /// 255 on the region, 0 elsewhere.
  public func mask(width: Int, height: Int) -> Image<UInt8> {
    var image = Image<UInt8>(width: width, height: height, repeating: 0)
    image.withMutableView { paint(255, on: $0) }
    return image
  }

  /// An image where the pixels of the first region are 1, of the second 2, and so on.
  public static func labels(_ regions: [Region], width: Int, height: Int) -> Image<Int32> {
    var image = Image<Int32>(width: width, height: height, repeating: 0)
    image.withMutableView { pixels in
      for (i, region) in regions.enumerated() { region.paint(Int32(i + 1), on: pixels) }
    }
    return image
  }

  /// The ranges of `runs` that hold one row each, from the top.
  var rows: [(y: Int, runs: Range<Int>)] {
    var rows: [(y: Int, runs: Range<Int>)] = []
    var start = 0
    for i in runs.indices where i + 1 == runs.count || runs[i + 1].y != runs[i].y {
      rows.append((runs[i].y, start..<i + 1))
      start = i + 1
    }
    return rows
  }
}

/// Collects runs that come in raster order and joins those that touch.
struct RunBuilder {
  private(set) var runs: [Run] = []

  mutating func add(_ y: Int, _ start: Int, _ end: Int) {
    if let last = runs.last, last.y == y, start <= last.end {
      if end > last.end { runs[runs.count - 1] = Run(y: y, start: last.start, end: end) }
    } else {
      runs.append(Run(y: y, start: start, end: end))
    }
  }
}
