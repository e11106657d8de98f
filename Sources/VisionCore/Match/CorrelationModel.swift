import VisionImage
import VisionKernelsABI

/// A template made ready for search by normalised cross-correlation: an exhaustive search at the
/// coarsest level of a pyramid, whose candidates are fitted level by level down to the full picture.
public struct CorrelationModel: Sendable {
  public let template: MatchTemplate
  public let range: MatchRange
  /// Levels of the pyramid that are used, the full picture counted.
  public let levels: Int
  private let search: CorrelationSearch
  /// One a level, the full picture first.
  private let alignments: [Alignment]
  private let comparesSmoothed: Bool
  /// Of the matches that are told; and rough ones for every level, which cost much less than a fit.
  private let rating: CorrelationRating
  private let looks: [CorrelationRating]

  /// Below this deviation of grey values nothing can be told from noise.
  private static let leastDeviation = 2.0
  /// Points of a fit: of the full picture more, for the sake of accuracy.
  private static let finePoints = 6000, coarsePoints = 1500

  public init(
    _ template: MatchTemplate, _ range: MatchRange, on machine: Machine = Machine()
  ) throws(MatchError) {
    let deviation = template.deviation
    guard deviation >= Self.leastDeviation else { throw .flatTemplate(deviation: deviation) }
    self.template = template
    self.range = range
    let wanted = range.levels ?? Self.automaticLevels(template, on: machine)
    let all = TemplateLevel.all(of: template, count: wanted, on: machine)
    var alignments: [Alignment] = []
    for level in all {
      let alignment = Alignment(
        level, limit: level.level == 0 ? Self.finePoints : Self.coarsePoints, turns: range.turns,
        grows: range.grows)
      guard let alignment else { break }
      alignments.append(alignment)
    }
    guard !alignments.isEmpty else { throw .flatTemplate(deviation: deviation) }
    self.alignments = alignments
    levels = alignments.count
    comparesSmoothed = all[0].isSmoothed
    rating = CorrelationRating(all[0], limit: 4000)
    looks = all.prefix(levels).map { CorrelationRating($0, limit: 600) }
    search = CorrelationSearch(all[levels - 1], range)
  }

  /// What the search tries, and what the fit is good for.
  var training: MatchTraining {
    MatchTraining(
      angleStep: search.grid.angleStep, scaleStep: range.grows ? search.grid.scaleStep - 1 : 0,
      uncertainty: alignments[0].uncertainty, outline: [])
  }

  /// As many levels as leave a coarsest template that can still be told from its surroundings.
  private static func automaticLevels(_ template: MatchTemplate, on machine: Machine) -> Int {
    let deviation = template.deviation
    let all = TemplateLevel.all(of: template, count: 8, on: machine)
    var levels = 1
    for level in all.dropFirst() {
      guard level.width * level.height >= 140, min(level.width, level.height) >= 8,
        let coarse = try? MatchTemplate(level.pixels.raster.view), coarse.deviation >= 0.2 * deviation
      else { break }
      levels += 1
    }
    return levels
  }

  /// The parts in a picture, best first.
  public func matches(
    in picture: Image<UInt8>, _ query: MatchQuery = MatchQuery(), on machine: Machine
  ) -> [Match] {
    let pyramid = MatchPyramid(picture, levels: levels, on: machine)
    guard pyramid.count == levels else { return [] }
    let kernels = machine.kernels.correlate
    let samples = Alignment.Samples()
    let either = query.polarity != .same

    var candidates = search.candidates(
      in: pyramid.levels[levels - 1].view, either: either, atLeast: 0.5 * query.minScore,
      limit: 300 + 3 * min(query.maxMatches, 500), on: machine)
    for level in stride(from: levels - 1, through: 0, by: -1) {
      let isFine = level == 0
      let view =
        isFine && comparesSmoothed
        ? FineSmoothing.apply(to: pyramid.levels[0], on: machine).view : pyramid.levels[level].view
      var fitted: [CorrelationSearch.Candidate] = []
      for candidate in candidates {
        var pose = candidate.pose
        // Most candidates are nothing.
        if level < levels - 1,
          worth(looks[level], pose, view, query, kernels) < (isFine ? 0.75 : 0.6) * query.minScore
        { continue }
        let quality = alignments[level].fit(
          &pose, to: view, steps: isFine ? 8 : 4, settled: isFine ? 0.002 : 0.05, samples, kernels)
        let correlation = either ? abs(quality.correlation) : quality.correlation
        let score = correlation * quality.visible
        let least = query.minScore * (level == levels - 1 ? 0.5 : 0.7)
        guard score >= least, isInside(pose, view) else { continue }
        fitted.append(CorrelationSearch.Candidate(pose: pose, score: score))
      }
      candidates = PoseList.distinct(fitted, level: level, template)
      if isFine { candidates = rated(candidates, view, query, kernels) }
      let room = 40 + 3 * min(query.maxMatches, 500)
      if candidates.count > room { candidates.removeLast(candidates.count - room) }
      if level > 0 {
        for i in candidates.indices { candidates[i].pose = candidates[i].pose.scaled(by: 2) }
      }
    }
    return PoseList.matches(candidates, range, template, query)
  }

  private func rated(
    _ candidates: [CorrelationSearch.Candidate], _ picture: ImageView<UInt8>, _ query: MatchQuery,
    _ kernels: correlate_kernels
  ) -> [CorrelationSearch.Candidate] {
    candidates.compactMap { candidate in
      let score = worth(rating, candidate.pose, picture, query, kernels)
      guard score >= query.minScore else { return nil }
      return CorrelationSearch.Candidate(pose: candidate.pose, score: score)
    }
  }

  private func worth(
    _ rating: CorrelationRating, _ pose: Similarity, _ picture: ImageView<UInt8>, _ query: MatchQuery,
    _ kernels: correlate_kernels
  ) -> Double {
    let correlation = rating.score(pose, picture, kernels)
    return query.polarity != .same ? abs(correlation) : correlation
  }

  private func isInside(_ pose: Similarity, _ picture: ImageView<UInt8>) -> Bool {
    pose.x >= 0 && pose.y >= 0 && pose.x <= Double(picture.width - 1)
      && pose.y <= Double(picture.height - 1)
  }
}
