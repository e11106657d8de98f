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
    func place(_ i: Int) -> Int { (i % count + count) % count }
    var kept = [Double](repeating: -.infinity, count: count)
    let starts = isClosed ? 0..<count : 0..<count - length + 1
    for start in starts {
      var least = Double.infinity
      for i in start..<start + length { least = min(least, values[place(i)]) }
      for i in start..<start + length { kept[place(i)] = max(kept[place(i)], least) }
    }
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
}
