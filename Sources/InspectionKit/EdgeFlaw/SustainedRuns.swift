/// Places along a line at which something is wrong over at least some length: a single noisy point
/// says nothing.
struct SustainedRuns {
  /// What every place keeps: the largest of the least values of the windows that it lies in.
  let values: [Double]
  /// Ranges of places, in order, whose value is at least 1.
  let runs: [Range<Int>]

  /// `length` places make a window. On a closed line the ends meet; a run over the seam is told in two.
  init(_ values: [Double], length: Int, isClosed: Bool) {
    let count = values.count, length = max(1, min(length, count))
    guard count > 0 else {
      (self.values, runs) = ([], [])
      return
    }
    // The least of every window, then for every place the largest of the windows that it lies in.
    let around = length - 1
    let least: [Double], windows: [Double]
    if isClosed {
      least = Self.slide(values + values.prefix(around), length, min)
      windows = least.suffix(around) + least
    } else {
      let none = [Double](repeating: -.infinity, count: around)
      least = Self.slide(values, length, min)
      windows = none + least + none
    }
    let kept = Self.slide(windows, length, max)
    var runs: [Range<Int>] = []
    for i in 0..<count where kept[i] >= 1 {
      if let last = runs.last, last.upperBound == i {
        runs[runs.count - 1] = last.lowerBound..<i + 1
      } else {
        runs.append(i..<i + 1)
      }
    }
    self.values = kept
    self.runs = runs
  }

  /// What `pick` leaves of every `length` values in a row. In blocks of that length: a window is the
  /// end of one and the beginning of the next.
  private static func slide(
    _ values: [Double], _ length: Int, _ pick: (Double, Double) -> Double
  ) -> [Double] {
    var ends = values, beginnings = values
    for i in values.indices.dropFirst() where i % length != 0 {
      beginnings[i] = pick(beginnings[i - 1], values[i])
    }
    for i in values.indices.dropLast().reversed() where (i + 1) % length != 0 {
      ends[i] = pick(ends[i + 1], values[i])
    }
    return (0...values.count - length).map { pick(ends[$0], beginnings[$0 + length - 1]) }
  }
}
