#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The pixels of a caliper's strip by their place along it: where edges are, roughly, and the fit of
/// each in as wide a window as the levels beside it hold.
struct CaliperStrip {
  /// An edge as far as it is known before a fit.
  struct Start {
    let position: Double
    let blur: Double?
    /// Of the slope there, against that of others.
    let steepness: Double
  }

  private let samples: [BlurredEdge.Sample]
  private let length: Double
  /// Smoothed grey levels at every half pixel of the line; not a number where there are no pixels.
  private let levels: [Double]
  /// Standard deviation of the slope of `levels` that noise makes.
  private let slopeNoise: Double

  /// Of the levels in which edges are looked for; fits see the pixels as they are.
  private static let smoothing = 1.0
  /// Pixels to either side in the first fit: several blurs of a usual lens.
  private static let firstReach = 10.0
  /// Blurs to either side in the last fit. The place depends on the levels on both sides, and a
  /// window of five blurs would know them so badly that a third of the precision were lost.
  private static let reachInBlurs = 15.0
  /// Blurs after which a neighbouring edge is over.
  private static let neighbourInBlurs = 4.0
  /// Of an edge's steepness: what is less steep beside it may be a ripple and ends no window.
  private static let leastNeighbour = 0.3

  init(_ samples: [BlurredEdge.Sample], length: Double) {
    self.samples = samples
    self.length = length
    let levels = Self.smoothed(samples, length)
    self.levels = levels
    let deviations = samples.compactMap { sample -> Double? in
      let level = levels[min(levels.count - 1, Int((2 * sample.s).rounded()))]
      return level.isNaN ? nil : abs(sample.level - level)
    }
    let noise = deviations.isEmpty ? 0 : 1.4826 * RobustWeights.median(deviations)
    // Of n pixels for each of the line: the variance of a mean under the smoothing is noise² / (2 √π n),
    // and that of the slope over two pixels 0.316 times as much.
    slopeNoise = noise * (0.0891 * length / Double(max(1, samples.count))).squareRoot()
  }

  private static func smoothed(_ samples: [BlurredEdge.Sample], _ length: Double) -> [Double] {
    let count = Int(2 * length) + 1, reach = 5
    var sums = [Double](repeating: 0, count: count), weights = sums
    for sample in samples {
      let middle = Int((2 * sample.s).rounded())
      let first = max(0, middle - reach), last = min(count - 1, middle + reach)
      guard first <= last else { continue }
      for i in first...last {
        let d = (Double(i) / 2 - sample.s) / smoothing
        let weight = exp(-d * d / 2)
        sums[i] += weight * sample.level
        weights[i] += weight
      }
    }
    return sums.indices.map { weights[$0] > 0 ? sums[$0] / weights[$0] : .nan }
  }

  /// The steepest places along the line, one for each slope however noise ripples it.
  func starts(contrast: Double) -> [Start] {
    guard levels.count >= 9 else { return [] }
    let slopes = levels.indices.map { i in
      i >= 2 && i + 2 < levels.count ? (levels[i + 2] - levels[i - 2]) / 2 : 0
    }
    // A step of this contrast under the smoothing and a blur of about 3 pixels is this steep.
    let least = max(contrast * 0.4 / (Self.smoothing + 2.5), 3 * slopeNoise)
    var peaks: [Int] = []
    for i in 1..<slopes.count - 1 where abs(slopes[i]) >= least {
      let sign = slopes[i] > 0 ? 1.0 : -1.0, own = sign * slopes[i]
      guard own > sign * slopes[i - 1], own >= sign * slopes[i + 1] else { continue }
      guard let last = peaks.last, sign * slopes[last] > 0 else {
        peaks.append(i)
        continue
      }
      // Two slopes have a valley between them that is no ripple.
      let lower = min(own, sign * slopes[last])
      let valley = slopes[last...i].reduce(Double.infinity) { min($0, sign * $1) }
      if lower - valley > max(0.15 * lower, 4 * slopeNoise) {
        peaks.append(i)
      } else if own > sign * slopes[last] {
        peaks[peaks.count - 1] = i
      }
    }
    return peaks.map { Start(position: Double($0) / 2, blur: nil, steepness: abs(slopes[$0])) }
  }

  /// Fits one of the edges. The window is wide where the levels beside the edge stay what they are,
  /// and ends before the edges beside it.
  func edge(at index: Int, of starts: [Start]) -> BlurredEdge? {
    let start = starts[index].position
    func room(_ side: Int, _ place: Double) -> Double {
      var next = index + side
      while starts.indices.contains(next),
        starts[next].steepness < Self.leastNeighbour * starts[index].steepness
      { next += side }
      guard starts.indices.contains(next) else { return side < 0 ? place : length - place }
      let distance = abs(starts[next].position - place)
      return max(distance / 2, distance - Self.neighbourInBlurs * (starts[next].blur ?? .infinity))
    }
    func first(_ place: Double) -> (reach: Double, edge: BlurredEdge?) {
      let reach = max(2, min(Self.firstReach, room(-1, place), room(1, place)))
      return (reach, fit(place, before: reach, after: reach))
    }
    var (reach, found) = first(start)
    if let edge = found, abs(edge.position - start) > 0.25 { (reach, found) = first(edge.position) }
    guard let edge = found else { return nil }
    let most = Self.reachInBlurs * edge.blur
    let before = level(beside: edge, -1, from: reach, to: min(room(-1, edge.position), most))
    let after = level(beside: edge, 1, from: reach, to: min(room(1, edge.position), most))
    guard max(before, after) > reach else { return edge }
    return fit(edge.position, before: before, after: after) ?? edge
  }

  private func fit(_ place: Double, before: Double, after: Double) -> BlurredEdge? {
    let inside = samples.filter { $0.s >= place - before && $0.s <= place + after }
    return BlurredEdge.fit(inside, near: place)
  }

  /// How far the level beside an edge goes on, as far as noise lets one see: light that slowly
  /// changes would shift the place, by more than what noise does to it only where it shows.
  private func level(
    beside edge: BlurredEdge, _ side: Double, from reach: Double, to most: Double
  ) -> Double {
    guard most > reach + 1 else { return reach }
    let expected = edge.middle + side * edge.half, step = 2.0
    var sums = [Double](repeating: 0, count: Int(((most - reach) / step).rounded(.up)))
    var counts = sums
    for sample in samples {
      let distance = side * (sample.s - edge.position) - reach
      guard distance > 0, distance < most - reach else { continue }
      sums[Int(distance / step)] += sample.level - expected
      counts[Int(distance / step)] += 1
    }
    var sum = 0.0, count = 0.0, last = reach
    for i in sums.indices {
      (sum, count) = (sum + sums[i], count + counts[i])
      guard count > 0, abs(sum) <= 3 * max(edge.noise, 0.3) * count.squareRoot() else { break }
      last = min(most, reach + Double(i + 1) * step)
    }
    return last
  }
}
