/// The score from which on a part is rejected.
struct ScoreLimit {
  let value: Double

  /// Of good parts alone: what all but the share `overkill` of them stay below. With bad ones: in the
  /// gap between the two, where the fewest of either are on the wrong side.
  init(good: [Double], bad: [Double], overkill: Double) {
    let sorted = good.sorted()
    // Between the two neighbours, so that a single picture moves it less.
    let place = (1 - overkill) * Double(sorted.count - 1)
    let low = Int(place), share = place - Double(low)
    let quantile = sorted[low] + share * (sorted[min(low + 1, sorted.count - 1)] - sorted[low])
    guard !bad.isEmpty else {
      value = quantile
      return
    }
    let all = (good + bad).sorted()
    var best = (wrong: Double.infinity, value: quantile)
    for (a, b) in zip(all, all.dropFirst()) where a < b {
      let limit = (a + b) / 2
      let overkills = Double(good.count { $0 >= limit }) / Double(good.count)
      let escapes = Double(bad.count { $0 < limit }) / Double(bad.count)
      if overkills + escapes < best.wrong { best = (overkills + escapes, limit) }
    }
    value = best.value
  }
}
