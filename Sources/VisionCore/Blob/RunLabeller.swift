import VisionImage
import VisionKernelsABI

/// Finds the runs of a picture and which of them hang together; no label image is made. Its memory
/// is kept from call to call, so a line in steady state allocates nothing.
///
/// A run takes the label of the first run above that it touches. Where it touches more of them,
/// their labels are one: a forest of labels remembers that, the smaller number being the root. So
/// blobs are numbered in the raster order of their first pixel, whatever their shape.
public final class RunLabeller {
  /// First column and one past the last, run by run.
  private let ends = GrowingBuffer<Int32>()
  /// The number of the first run of every row, and the number of all.
  private let firstRuns = GrowingBuffer<Int>()
  /// The row of the first of `firstRuns`.
  private var top = 0
  private let labels = GrowingBuffer<Int32>()
  /// The label that each label has been joined to; once all are known, the number of its blob.
  private let parents = GrowingBuffer<Int32>()
  private let summaries = GrowingBuffer<BlobSummary>()
  private let shortRow = GrowingBuffer<UInt8>(capacity: 512)

  public init() {}

  /// What was found, in the raster order of the first pixel. Valid until the next call.
  public var blobs: UnsafeBufferPointer<BlobSummary> {
    UnsafeBufferPointer(start: summaries.base, count: summaries.count)
  }

  private var runCount: Int { ends.count / 2 }

  // MARK: Finding

  /// Labels the object pixels of an image of 8 or 16 bits.
  func label(
    _ image: RasterView, _ foreground: Foreground, _ connectivity: Connectivity,
    _ kernels: run_kernels
  ) {
    eachRow(image, foreground, kernels) { link(row: $0, reach: Int32(connectivity.reach)) }
    number()
  }

  /// Labels the runs of a region.
  public func label(_ region: Region, _ connectivity: Connectivity) {
    let rows = region.rows
    clear(top: rows.first?.y ?? 0)
    var y = top
    for row in rows {
      while y <= row.y {
        if y == row.y {
          ends.reserve(2 * row.runs.count)
          for run in region.runs[row.runs] {
            ends.base[ends.count] = Int32(run.start)
            ends.base[ends.count + 1] = Int32(run.end)
            ends.count += 2
          }
        }
        closeRow()
        link(row: y - top, reach: Int32(connectivity.reach))
        y += 1
      }
    }
    number()
  }

  /// Finds the runs and labels none.
  func find(_ image: RasterView, _ foreground: Foreground, _ kernels: run_kernels) {
    eachRow(image, foreground, kernels) { _ in }
  }

  private func clear(top: Int) {
    self.top = top
    ends.count = 0
    labels.count = 0
    parents.count = 0
    summaries.count = 0
    firstRuns.base[0] = 0
    firstRuns.count = 1
  }

  /// Kernels may read a whole register of a shorter row.
  private static let leastWidth = 64

  /// A short row where there is slack behind it.
  private func padded<P: Pixel>(_ row: UnsafePointer<P>, _ width: Int) -> UnsafePointer<P> {
    let copy = UnsafeMutableRawPointer(shortRow.base).assumingMemoryBound(to: P.self)
    copy.update(from: row, count: width)
    return UnsafePointer(copy)
  }

  private func closeRow() {
    firstRuns.reserve(1)
    firstRuns.base[firstRuns.count] = runCount
    firstRuns.count += 1
  }

  private func eachRow(
    _ image: RasterView, _ foreground: Foreground, _ kernels: run_kernels, _ body: (Int) -> Void
  ) {
    func scan<P: GreyPixel & FixedWidthInteger>(
      _ image: ImageView<P>,
      _ find: (UnsafePointer<P>, Int, P, Int, UnsafeMutablePointer<Int32>) -> Int
    ) {
      let (threshold, dark) = foreground.kernelArguments(P.self)
      clear(top: 0)
      image.withRows { rows in
        for y in 0..<image.height {
          ends.reserve(image.width + 1)
          ends.count += find(
            image.width >= Self.leastWidth ? rows[y] : padded(rows[y], image.width), image.width,
            threshold, dark, ends.base + ends.count)
          closeRow()
          body(y)
        }
      }
    }
    OperatorInputs(image).asUnsigned(
      u8: { image, _ in scan(image, kernels.find8) },
      u16: { image, _ in scan(image, kernels.find16) })
  }

  // MARK: Linking

  /// Gives the runs of a row their labels, by the runs of the row above.
  private func link(row: Int, reach: Int32) {
    let first = firstRuns.base[row], past = firstRuns.base[row + 1]
    guard first < past else { return }
    labels.reserve(past - first)
    parents.reserve(past - first)
    summaries.reserve(past - first)
    let ends = ends.base, labels = labels.base, summaries = summaries.base
    let y = Int32(truncatingIfNeeded: top &+ row)
    var above = row > 0 ? firstRuns.base[row - 1] : first
    for run in first..<past {
      let start = ends[2 &* run], end = ends[2 &* run &+ 1]
      let low = start &- reach, high = end &+ reach
      while above < first && ends[2 &* above &+ 1] <= low { above &+= 1 }
      var label: Int32
      if above < first && ends[2 &* above] < high {
        label = labels[above]
        while above &+ 1 < first && ends[2 &* above &+ 2] < high {
          above &+= 1
          label = join(label, labels[above])
        }
      } else {
        label = Int32(truncatingIfNeeded: parents.count)
        parents.base[parents.count] = label
        parents.count &+= 1
        summaries[Int(label)] = BlobSummary(top: Int(y))
      }
      labels[run] = label
      summaries[Int(label)].add(y, start, end)
    }
    self.labels.count = past
    self.summaries.count = parents.count
  }

  /// The label that two have in common from now on.
  private func join(_ a: Int32, _ b: Int32) -> Int32 {
    let a = root(a), b = root(b)
    if a == b {
      summaries.base[Int(a)].addHole()
      return a
    }
    parents.base[Int(max(a, b))] = min(a, b)
    return min(a, b)
  }

  /// The label at the end of the chain, which is halved on the way.
  @inline(__always)
  private func root(_ label: Int32) -> Int32 {
    let parents = parents.base
    var label = label
    while parents[Int(label)] != label {
      parents[Int(label)] = parents[Int(parents[Int(label)])]
      label = parents[Int(label)]
    }
    return label
  }

  /// Numbers the roots and gathers what is known of each blob. A label's parent is smaller than
  /// itself, so it has its number already.
  private func number() {
    let parents = parents.base, summaries = summaries.base
    var count = 0
    for label in 0..<self.parents.count {
      let parent = Int(parents[label])
      if parent == label {
        if count != label { summaries[count] = summaries[label] }
        parents[label] = Int32(truncatingIfNeeded: count)
        count &+= 1
      } else {
        parents[label] = parents[parent]
        summaries[Int(parents[parent])].merge(summaries[label])
      }
    }
    self.summaries.count = count
  }

  // MARK: Regions

  /// All runs that were found.
  var foreground: Region {
    Region(
      normal: Array(unsafeUninitializedCapacity: runCount) { runs, count in
        eachRun { y, run in
          (runs.baseAddress! + run).initialize(to: self.run(run, y))
        }
        count = runCount
      })
  }

  /// The blobs that `isWanted` says so of, as regions.
  public func regions(where isWanted: (BlobSummary) -> Bool = { _ in true }) -> [Region] {
    // Where each blob's runs go in one long list; the others have no place.
    var places = [Int](repeating: 0, count: blobs.count)
    for run in 0..<runCount { places[blob(of: run)] += 1 }
    var lengths: [Int] = []
    var total = 0
    for blob in places.indices {
      guard isWanted(blobs[blob]) else {
        places[blob] = -1
        continue
      }
      lengths.append(places[blob])
      places[blob] = total
      total += lengths[lengths.count - 1]
    }
    let sorted = UnsafeMutablePointer<Run>.allocate(capacity: max(1, total))
    defer { sorted.deallocate() }
    eachRun { y, run in
      let blob = blob(of: run)
      guard places[blob] >= 0 else { return }
      (sorted + places[blob]).initialize(to: self.run(run, y))
      places[blob] += 1
    }
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return Region(normal: Array(UnsafeBufferPointer(start: sorted + start, count: length)))
    }
  }

  /// Writes the number of each blob, from 1, to its pixels, and 0 elsewhere.
  func paintLabels(on pixels: MutableImageView<Int32>) {
    for y in 0..<pixels.height {
      let row = pixels.row(y)
      var x = 0
      for run in firstRuns.base[y]..<firstRuns.base[y + 1] {
        let start = Int(ends.base[2 * run]), end = Int(ends.base[2 * run + 1])
        (row + x).update(repeating: 0, count: start - x)
        (row + start).update(repeating: Int32(blob(of: run) + 1), count: end - start)
        x = end
      }
      (row + x).update(repeating: 0, count: pixels.width - x)
    }
  }

  /// Writes `level` to the pixels of the blobs that reach the picture's edge.
  func paintBlobsAtEdge(of pixels: MutableImageView<UInt8>, _ level: UInt8) {
    for y in 0..<pixels.height {
      let row = pixels.row(y)
      for run in firstRuns.base[y]..<firstRuns.base[y + 1] {
        let box = blobs[blob(of: run)].box
        guard box.x == 0 || box.y == 0 || box.maxX == pixels.width || box.maxY == pixels.height else {
          continue
        }
        let start = Int(ends.base[2 * run]), end = Int(ends.base[2 * run + 1])
        (row + start).update(repeating: level, count: end - start)
      }
    }
  }

  private func blob(of run: Int) -> Int { Int(parents.base[Int(labels.base[run])]) }

  private func run(_ run: Int, _ y: Int) -> Run {
    Run(y: y, start: Int(ends.base[2 * run]), end: Int(ends.base[2 * run + 1]))
  }

  private func eachRun(_ body: (_ y: Int, _ run: Int) -> Void) {
    for row in 0..<firstRuns.count - 1 {
      for run in firstRuns.base[row]..<firstRuns.base[row + 1] { body(top + row, run) }
    }
  }
}
