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
  /// A fit of the full picture with few points, which the one with all of them begins from.
  private let rough: Alignment?
  private let comparesSmoothed: Bool
  /// Of the matches that are told; and rough ones for every level, which cost much less than a fit.
  private let rating: CorrelationRating
  private let looks: [CorrelationRating]

  /// Below this deviation of grey values nothing can be told from noise.
  private static let leastDeviation = 2.0
  /// Points of a fit: of the full picture more, for the sake of accuracy.
  private static let finePoints = 6000, coarsePoints = 1500
  private static let roughPoints = 1000

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
    rough =
      alignments[0].count > 2 * Self.roughPoints
      ? Alignment(all[0], limit: Self.roughPoints, turns: range.turns, grows: range.grows) : nil
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
        let coarse = try? MatchTemplate(level.pixels.raster), coarse.deviation >= 0.2 * deviation
      else { break }
      levels += 1
    }
    return levels
  }

  /// The parts in a picture, best first.
  public func matches(
    in picture: Image<UInt8>, _ query: MatchQuery = MatchQuery(), on machine: Machine
  ) -> [Match] {
    matches(in: picture.view, query, on: machine)
  }

  /// The same of a view whose rows are wide enough for kernels.
  func matches(in picture: ImageView<UInt8>, _ query: MatchQuery, on machine: Machine) -> [Match] {
    let pyramid = MatchPyramid(picture, levels: levels, on: machine)
    guard pyramid.count == levels else { return [] }
    let shown = CorrelationPicture(pyramid, smoothed: comparesSmoothed, query, on: machine)
    var candidates = search.candidates(
      in: pyramid.levels[levels - 1], query, atLeast: query.coarseScore(0.5),
      limit: 300 + 3 * min(query.maxMatches, 500), on: machine)
    for level in stride(from: levels - 1, through: 0, by: -1) {
      candidates = fitted(candidates, level, shown)
      let room = 40 + 3 * min(query.maxMatches, 500)
      if candidates.count > room { candidates.removeLast(candidates.count - room) }
      if level > 0 {
        for i in candidates.indices { candidates[i].pose = candidates[i].pose.scaled(by: 2) }
      }
    }
    return PoseList.matches(candidates, range, template, query)
  }

  /// Those of the candidates that a level confirms, moved to where they fit best.
  private func fitted(
    _ candidates: [CorrelationSearch.Candidate], _ level: Int, _ picture: CorrelationPicture
  ) -> [CorrelationSearch.Candidate] {
    let isFine = level == 0, query = picture.query
    var fitted: [CorrelationSearch.Candidate] = []
    for candidate in candidates where !query.isOver {
      var pose = candidate.pose
      // Most candidates are nothing; what the exhaustive search saw beyond the border is made up.
      let isNew = level == levels - 1, look = looks[level]
      if !isNew || picture.isCut(look, pose, level),
        picture.worth(look, pose, level) < query.coarseScore(isNew ? 0.4 : isFine ? 0.75 : 0.6)
      { continue }
      if isFine, let rough { _ = picture.fit(rough, &pose, level, steps: 6, settled: 0.02) }
      let score = picture.fit(
        alignments[level], &pose, level, steps: isFine ? 6 : 4, settled: isFine ? 0.02 : 0.05)
      guard score >= query.coarseScore(isNew ? 0.5 : 0.7), picture.isInside(pose, level) else {
        continue
      }
      fitted.append(CorrelationSearch.Candidate(pose: pose, score: score))
    }
    let distinct = PoseList.distinct(fitted, level: level, template)
    guard isFine else { return distinct }
    return distinct.compactMap {
      let score = picture.worth(rating, $0.pose, level)
      return score >= query.minScore ? CorrelationSearch.Candidate(pose: $0.pose, score: score) : nil
    }
  }
}
