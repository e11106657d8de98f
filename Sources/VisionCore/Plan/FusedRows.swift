import VisionImage

/// Steps that go over the picture together, a strip at a time: what one writes the next reads while it
/// is still in the cache. Every step is computed as it would be alone, so the bits are the same.
final class FusedRows {
  private let stages: [any RowStage]
  /// Behind every stage but the last.
  private let buffers: [StripBuffer]
  /// The rows that are wanted of each stage, for the strip at hand.
  private var wanted: [Range<Int>]
  private let strip: Int
  private let height: Int

  /// `cache`: bytes that a strip of all stages together may take.
  init(_ stages: [any RowStage], of input: RasterLayout, cache: Int) {
    self.stages = stages
    height = input.height
    let reach = stages.reduce(0) { $0 + $1.reach }
    let rowBytes = stages.reduce(input.rowBytes) { $0 + $1.output.rowBytes }
    // Every strip costs some rows around it anew.
    strip = min(height, max(16, 8 * reach, cache / rowBytes))
    var below = reach
    var buffers: [StripBuffer] = []
    for stage in stages {
      below -= stage.reach
      buffers.append(StripBuffer(stage.output, rows: strip + 2 * below))
    }
    self.buffers = buffers.dropLast()
    wanted = [Range<Int>](repeating: 0..<0, count: stages.count)
  }

  var output: RasterLayout { stages[stages.count - 1].output }

  func run(_ picture: RasterView, into target: MutableRasterView, on machine: Machine) {
    for buffer in buffers { buffer.clear() }
    let last = stages.count - 1
    var y = 0
    while y < height {
      wanted[last] = y..<min(height, y + strip)
      for i in stride(from: last, to: 0, by: -1) {
        let rows = wanted[i], reach = stages[i].reach
        wanted[i - 1] = max(0, rows.lowerBound - reach)..<min(height, rows.upperBound + reach)
      }
      for i in 0..<last {
        buffers[i].extend(to: wanted[i]) { missing, origin in
          fill(i, missing, picture, origin, buffers[i].layout.rowBytes, machine)
        }
      }
      fill(last, wanted[last], picture, target.base, target.layout.rowBytes, machine)
      y += strip
    }
  }

  /// Makes rows of a stage; `origin` is where row 0 of the whole picture would lie.
  private func fill(
    _ i: Int, _ rows: Range<Int>, _ picture: RasterView, _ origin: UnsafeMutableRawPointer,
    _ rowBytes: Int, _ machine: Machine
  ) {
    let source = i == 0 ? picture : buffers[i - 1].view
    let first = i == 0 ? 0 : buffers[i - 1].rows.lowerBound
    let format = stages[i].output.format
    stages[i].fill(
      rows.lowerBound - first..<rows.upperBound - first,
      of: MutableRasterView(
        base: origin + first * rowBytes,
        layout: RasterLayout(
          format: format, width: source.width, height: source.height, rowBytes: rowBytes)),
      from: source, first: first, on: machine)
  }
}
