/// The turns and growths that an exhaustive search tries.
struct PoseGrid: Sendable {
  let angles: [Double]
  let scales: [Double]
  /// Steps between neighbours: degrees, and the ratio of scales.
  let angleStep: Double
  let scaleStep: Double

  /// Neighbours move the end of the template's longer half by about `pixels`.
  init(_ range: MatchRange, width: Int, height: Int, pixels: Double = 1) {
    let half = Double(max(width, height)) / 2
    let wanted = pixels / half * (180 / Double.pi)
    let span = range.angles.upperBound - range.angles.lowerBound
    if range.isFullTurn {
      let count = max(8, Int((360 / wanted).rounded(.up)))
      angles = (0..<count).map { 360 * Double($0) / Double(count) }
      angleStep = 360 / Double(count)
    } else {
      let count = Int((span / wanted).rounded(.up))
      angleStep = count > 0 ? span / Double(count) : 0
      angles = (0...count).map { range.angles.lowerBound + span * Double($0) / Double(max(1, count)) }
    }
    // Equal ratios from the smallest to the largest.
    let ratio = 1 + 1.5 * pixels / half
    var count = 0, reached = range.scales.lowerBound
    while reached < range.scales.upperBound * 0.999 {
      reached *= ratio
      count += 1
    }
    scales =
      count == 0
      ? [range.scales.lowerBound]
      : (0...count).map { step in
        let share = Double(step) / Double(count)
        // Between the linear and the geometric row there is nothing to choose at this width.
        return range.scales.lowerBound
          + (range.scales.upperBound - range.scales.lowerBound) * share
      }
    scaleStep = ratio
  }
}
