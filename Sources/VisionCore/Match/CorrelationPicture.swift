import VisionImage

/// One picture as poses of a template are held against it: its pyramid, the full picture smoothed
/// where fits look at it.
struct CorrelationPicture {
  let query: MatchQuery
  /// Whether the negative counts too.
  var either: Bool { query.polarity != .same }
  private let pyramid: MatchPyramid
  private let smooth: SmoothedPicture?
  private let samples = Alignment.Samples()
  private let machine: Machine

  init(_ pyramid: MatchPyramid, smoothed: Bool, _ query: MatchQuery, on machine: Machine) {
    self.pyramid = pyramid
    self.query = query
    self.machine = machine
    smooth = smoothed ? SmoothedPicture(pyramid.levels[0], on: machine) : nil
  }

  private func part(_ level: Int, _ area: PixelRect) -> PicturePart {
    if level == 0, let smooth { return smooth.part(holding: area) }
    return PicturePart(pixels: pyramid.levels[level], x: 0, y: 0)
  }

  /// Moves a pose to where it fits; the correlation there times the share that is seen.
  func fit(
    _ alignment: Alignment, _ pose: inout Similarity, _ level: Int, steps: Int, settled: Double
  ) -> Double {
    let quality = alignment.fit(
      &pose, steps: steps, settled: settled, samples, machine.kernels.correlate
    ) { part(level, $0) }
    return (either ? abs(quality.correlation) : quality.correlation) * quality.visible
  }

  /// What a pose is worth as it is.
  func worth(_ rating: CorrelationRating, _ pose: Similarity, _ level: Int) -> Double {
    let score = rating.score(pose, part(level, rating.area(at: pose)), machine.kernels.correlate)
    return either ? abs(score) : score
  }

  /// Whether the border of the picture cuts the template at a pose.
  func isCut(_ rating: CorrelationRating, _ pose: Similarity, _ level: Int) -> Bool {
    !pyramid.levels[level].bounds.contains(rating.area(at: pose))
  }

  func isInside(_ pose: Similarity, _ level: Int) -> Bool {
    let picture = pyramid.levels[level]
    return pose.x >= 0 && pose.y >= 0 && pose.x <= Double(picture.width - 1)
      && pose.y <= Double(picture.height - 1)
  }
}
