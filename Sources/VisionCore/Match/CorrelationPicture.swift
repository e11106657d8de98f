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

  private func withPixels<R>(
    _ level: Int, _ area: PixelRect, _ body: (ImageView<UInt8>) -> R
  ) -> R {
    if level == 0, let smooth { return smooth.withPixels(in: area, body) }
    return body(pyramid.levels[level])
  }

  /// Moves a pose to where it fits; the correlation there times the share that is seen.
  func fit(
    _ alignment: Alignment, _ pose: inout Similarity, _ level: Int, steps: Int, settled: Double
  ) -> Double {
    let quality = withPixels(level, alignment.area(around: pose)) {
      alignment.fit(
        &pose, to: $0, steps: steps, settled: settled, samples, machine.kernels.correlate)
    }
    return (either ? abs(quality.correlation) : quality.correlation) * quality.visible
  }

  /// What a pose is worth as it is.
  func worth(_ rating: CorrelationRating, _ pose: Similarity, _ level: Int) -> Double {
    let score = withPixels(level, rating.area(at: pose)) {
      rating.score(pose, $0, machine.kernels.correlate)
    }
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
