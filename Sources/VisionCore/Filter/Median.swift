import Configuration
import VisionImage
import VisionKernelsABI

/// The middle one of the pixels of a window: specks go, edges stay.
public struct Median: Operator {
  public var size: Int

  public init(size: Int) {
    precondition(size % 2 == 1 && (3...255).contains(size), "a median of size \(size)")
    self.size = size
  }

  public static let descriptor = OperatorDescriptor(
    name: "median", summary: "middle one of a window: specks go, edges stay",
    parameters: [Parameter("size", .odd(3...255), default: 3, "the window's size; 16-bit and real: 3 or 5")],
    formats: [.u8, .u16, .f32], tolerance: .exact,
    conformanceCases: ["--size 3", "--size 5", "--size 7", "--size 9", "--size 31"],
    benchmarkCases: [
      BenchmarkCase("median-3", "--size 3"), BenchmarkCase("median-5", "--size 5"),
      BenchmarkCase("median-15", "--size 15"),
    ])

  public init(_ values: ParameterValues) { self.init(size: values.whole("size")) }
  public var openCVParameters: [Double] { [Double(size)] }

  public func outputLayout(for inputs: [RasterLayout]) throws(OperatorError) -> RasterLayout? {
    guard inputs[0].format == .u8 || size <= 5 else {
      throw .sizeMismatch(name: "median", why: "16-bit and real pixels have windows of 3 and 5 only")
    }
    return RasterLayout(format: inputs[0].format, width: inputs[0].width, height: inputs[0].height)
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    let radius = size / 2
    func define<P: GreyPixel>(_ source: ImageView<P>, _: ImageView<P>?) {
      output!.pixels(as: P.self).fill { x, y in
        var window: [Double] = []
        for j in -radius...radius {
          for i in -radius...radius { window.append(source.real(x + i, y + j, .replicate)) }
        }
        return window.sorted()[window.count / 2]
      }
    }
    inputs.asGrey(u8: define, u16: define, f32: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.rank
    inputs.asGrey(
      u8: { s, _ in
        let target = output!.pixels(as: UInt8.self)
        if size == 3 && target.width >= Self.leastWidthOfPairs {
          sortPairs(s, target, machine, kernels.median3_rows8)
        } else if size <= 5 {
          sort(
            s, target, machine, columns: kernels.sort_columns8, window: kernels.median_window8)
        } else {
          machine.inBands(of: target.height) { band, workspace in
            CountedMedian(size: size, source: s, target: target, kernels: kernels)
              .run(band, workspace)
          }
        }
      },
      u16: { s, _ in
        let target = output!.pixels(as: UInt16.self)
        if size == 3 && target.width >= Self.leastWidthOfPairs {
          sortPairs(s, target, machine, kernels.median3_rows16)
        } else {
          sort(
            s, target, machine, columns: kernels.sort_columns16, window: kernels.median_window16)
        }
      },
      f32: { s, _ in
        let real = machine.kernels.real
        sort(
          s, output!.pixels(as: Float.self), machine, columns: real.sort_columns,
          window: real.median_window)
      })
    return []
  }

  /// A register of bytes of the widest instruction set, and a column of border on either side.
  private static let leastWidthOfPairs = 66

  /// Windows of three, two rows at a time. An odd last one is joined by
  /// one that nobody sees.
  private func sortPairs<P: GreyPixel & FixedWidthInteger>(
    _ source: ImageView<P>, _ target: MutableImageView<P>, _ machine: Machine,
    _ medians: (
      UnsafePointer<UnsafeRawPointer>, UnsafeMutablePointer<P>, UnsafeMutablePointer<P>, Int
    ) -> Void
  ) {
    let width = target.width, last = source.height - 1
    machine.inBands(of: target.height) { band, workspace in
      source.withRows { pixels in
        let rows = workspace.take(4, of: UnsafeRawPointer.self)
        let window = workspace.take(9, of: P.self)
        let far = FarRows(pixels, height: source.height, target, machine, workspace, atOnce: 2)
        let spare = workspace.take(width, of: P.self)
        var y = band.lowerBound
        while y < band.upperBound {
          let count = min(2, band.upperBound - y)
          far.ask(y + 4..<y + 6)
          for i in 0..<4 { rows[i] = UnsafeRawPointer(pixels[min(max(y + i - 1, 0), last)]) }
          far.write(y, count: count) { upper, stride in
            let lower = count == 2 ? upper + stride : spare
            medians(rows, upper, lower, width)
            upper[0] = Self.median(atEnd: 0, of: rows, next: 1, window)
            lower[0] = Self.median(atEnd: 0, of: rows + 1, next: 1, window)
            upper[width - 1] = Self.median(atEnd: width - 1, of: rows, next: width - 2, window)
            lower[width - 1] = Self.median(atEnd: width - 1, of: rows + 1, next: width - 2, window)
          }
          y += 2
        }
      }
    }
  }

  /// The median of the window at the left or right end of a row, where a column counts twice.
  private static func median<P: GreyPixel & FixedWidthInteger>(
    atEnd x: Int, of rows: UnsafePointer<UnsafeRawPointer>, next: Int,
    _ window: UnsafeMutablePointer<P>
  ) -> P {
    var count = 0
    for row in 0..<3 {
      let pixels = rows[row].assumingMemoryBound(to: P.self)
      insert(pixels[next], window, &count)
      insert(pixels[x], window, &count)
      insert(pixels[x], window, &count)
    }
    return window[4]
  }

  private static func insert<P: Comparable>(
    _ value: P, _ window: UnsafeMutablePointer<P>, _ count: inout Int
  ) {
    var place = count
    while place > 0 && window[place - 1] > value {
      window[place] = window[place - 1]
      place -= 1
    }
    window[place] = value
    count += 1
  }

  /// Small windows by sorting networks, straight from the image.
  private func sort<P: GreyPixel>(
    _ source: ImageView<P>, _ target: MutableImageView<P>, _ machine: Machine,
    columns: (
      UnsafePointer<UnsafeRawPointer>, Int, UnsafeMutablePointer<P>, Int, Int
    ) -> Void,
    window: (UnsafePointer<P>, Int, Int, UnsafeMutablePointer<P>, Int) -> Void
  ) {
    let radius = size / 2
    let count = target.width
    machine.inBands(of: target.height) { band, workspace in
      source.withRows { pixels in
        let stride = (count + 2 * radius + 191) & ~63
        let work = workspace.take(size * stride, of: P.self)
        let rows = workspace.take(size, of: UnsafeRawPointer.self)
        let far = FarRows(pixels, height: source.height, target, machine, workspace)
        for y in band {
          far.ask(y + radius + 2)
          for i in 0..<size {
            let row = min(max(y + i - radius, 0), source.height - 1)
            rows[i] = UnsafeRawPointer(pixels[row])
          }
          columns(rows, size, work + radius, stride, count)
          // Outside the picture the outermost column goes on, sorted as it is.
          for i in 0..<size {
            let sorted = work + i * stride + radius
            for k in 1...radius {
              sorted[-k] = sorted[0]
              sorted[count - 1 + k] = sorted[count - 1]
            }
          }
          far.write(y) { window(work, size, stride, $0, count) }
        }
      }
    }
  }
}

/// Large windows: the counts of columns, which gain a row and lose one from row to row.
private struct CountedMedian {
  let size: Int
  let source: ImageView<UInt8>
  let target: MutableImageView<UInt8>
  let kernels: rank_kernels

  private var radius: Int { size / 2 }
  /// Columns at a time: their counters stay in the second-level cache.
  private static let stripe = 256
  /// Counters of a column: 16 groups, then 256 levels.
  private static let columnSize = 272

  func run(_ band: Range<Int>, _ workspace: Workspace) {
    source.withRows { pixels in
      var begin = 0
      while begin < target.width {
        let end = min(target.width, begin + Self.stripe)
        workspace.scope { run(band, begin..<end, pixels, $0) }
        begin = end
      }
    }
  }

  private func run(
    _ band: Range<Int>, _ columns: Range<Int>, _ pixels: PixelRows<UInt8>, _ workspace: Workspace
  ) {
    let width = source.width, height = source.height
    // Beyond the picture its outermost columns go on, counted like the others.
    let count = columns.count + size - 1
    let left = columns.lowerBound - radius
    let counts = workspace.take(count * Self.columnSize, of: UInt16.self)
    counts.update(repeating: 0, count: count * Self.columnSize)
    let work = workspace.take(256, of: UInt16.self)
    let reached = workspace.take(16, of: Int.self)
    func row(_ y: Int) -> UnsafePointer<UInt8> { pixels[min(max(y, 0), height - 1)] }
    func enter(_ row: UnsafePointer<UInt8>, _ change: UInt16) {
      var place = counts
      for i in 0..<count {
        let level = Int(row[min(max(left + i, 0), width - 1)])
        place[level >> 4] &+= change
        place[16 + level] &+= change
        place += Self.columnSize
      }
    }
    for y in band.lowerBound - radius..<band.lowerBound + radius { enter(row(y), 1) }
    for y in band {
      enter(row(y + radius), 1)
      kernels.counted_medians8(
        counts, size, work, reached, target.row(y) + columns.lowerBound, columns.count)
      enter(row(y - radius), 0 &- 1)
    }
  }
}
