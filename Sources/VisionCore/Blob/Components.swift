import VisionImage

/// A run of foreground pixels in one row.
public struct Run: Sendable, Equatable {
  public let y: Int
  public let start: Int
  /// One past the last pixel.
  public let end: Int

  public init(y: Int, start: Int, end: Int) {
    self.y = y
    self.start = start
    self.end = end
  }

  public var count: Int { end - start }
}

/// The connected parts of a mask, found on runs: no label image is made.
public struct Components: Sendable {
  /// Runs in raster order.
  public let runs: [Run]
  /// For every run the number of its component; components are numbered in the raster order of
  /// their first pixel.
  public let labels: [Int]
  public let count: Int

  /// Foreground is whatever is not 0; pixels that touch at a corner belong together.
  public init(mask: ImageView<UInt8>) {
    var runs: [Run] = []
    var parents: [Int] = []
    func root(_ label: Int) -> Int {
      var label = label
      while parents[label] != label {
        parents[label] = parents[parents[label]]
        label = parents[label]
      }
      return label
    }
    mask.withRows { rows in
      var above = 0..<0
      for y in 0..<mask.height {
        let first = runs.count
        Self.findRuns(rows[y], mask.width, y, &runs)
        var i = above.lowerBound
        for r in first..<runs.count {
          parents.append(r)
          while i < above.upperBound && runs[i].end < runs[r].start { i += 1 }
          var j = i
          while j < above.upperBound && runs[j].start <= runs[r].end {
            let a = root(j), b = root(r)
            // The smaller number wins, so that a root is its component's first run.
            if a < b { parents[b] = a } else { parents[a] = b }
            j += 1
          }
        }
        above = first..<runs.count
      }
    }
    var labels = [Int](repeating: 0, count: runs.count)
    var count = 0
    for r in runs.indices {
      let top = root(r)
      if top == r {
        labels[r] = count
        count += 1
      } else {
        labels[r] = labels[top]
      }
    }
    self.runs = runs
    self.labels = labels
    self.count = count
  }

  private static func findRuns(
    _ row: UnsafePointer<UInt8>, _ width: Int, _ y: Int, _ runs: inout [Run]
  ) {
    var x = 0
    while x < width {
      // Empty stretches eight pixels at a time.
      while x + 8 <= width, UnsafeRawPointer(row + x).loadUnaligned(as: UInt64.self) == 0 { x += 8 }
      while x < width && row[x] == 0 { x += 1 }
      if x == width { return }
      let start = x
      while x < width && row[x] != 0 { x += 1 }
      runs.append(Run(y: y, start: start, end: x))
    }
  }
}
