import VisionImage

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
    search = CorrelationSearch(all[levels - 1], range)
  }

  /// As many levels as leave a coarsest template that can still be told from its surroundings.
  private static func automaticLevels(_ template: MatchTemplate, on machine: Machine) -> Int {
    let deviation = template.deviation
    let all = TemplateLevel.all(of: template, count: 8, on: machine)
    var levels = 1
    for level in all.dropFirst() {
      guard level.width * level.height >= 140, min(level.width, level.height) >= 8,
        let coarse = try? MatchTemplate(level.pixels.raster.view), coarse.deviation >= 0.25 * deviation
      else { break }
      levels += 1
    }
    return levels
  }

  /// The parts in a picture, best first.
  public func matches(
    in picture: ImageView<UInt8>, _ query: MatchQuery = MatchQuery(), on machine: Machine
  ) -> [Match] {
    let pyramid = MatchPyramid(picture, levels: levels, on: machine)
    guard pyramid.count == levels else { return [] }
    let kernels = machine.kernels.correlate
    let samples = Alignment.Samples()
    let either = query.polarity != .same
    let overlap = OverlapFilter(width: Double(template.width), height: Double(template.height))

    var candidates = search.candidates(
      in: pyramid.levels[levels - 1].view, either: either, atLeast: 0.5 * query.minScore,
      limit: 300 + 6 * min(query.maxMatches, 500), on: machine)
    for level in stride(from: levels - 1, through: 0, by: -1) {
      let view = pyramid.levels[level].view
      let isFine = level == 0
      var fitted: [CorrelationSearch.Candidate] = []
      for candidate in candidates {
        var pose = candidate.pose
        let quality = alignments[level].fit(
          &pose, to: view, steps: isFine ? 8 : 4, settled: isFine ? 0.002 : 0.05, samples, kernels)
        let correlation = either ? abs(quality.correlation) : quality.correlation
        let score = correlation * quality.visible
        let least = isFine ? query.minScore : query.minScore * (level == levels - 1 ? 0.6 : 0.75)
        guard score >= least, isInside(pose, view) else { continue }
        fitted.append(CorrelationSearch.Candidate(pose: pose, score: score))
      }
      candidates = distinct(fitted, level: level)
      let room = 40 + 3 * min(query.maxMatches, 500)
      if candidates.count > room { candidates.removeLast(candidates.count - room) }
      if level > 0 {
        for i in candidates.indices { candidates[i].pose = candidates[i].pose.scaled(by: 2) }
      }
    }
    let matches = candidates.map {
      Match(
        x: $0.pose.x, y: $0.pose.y, angle: .degrees(range.folded($0.pose.degrees)),
        scale: $0.pose.scale, score: min(1, $0.score))
    }
    return overlap.kept(
      matches.filter { range.contains($0) }, share: query.maxOverlap, limit: query.maxMatches)
  }

  private func isInside(_ pose: Similarity, _ picture: ImageView<UInt8>) -> Bool {
    pose.x >= 0 && pose.y >= 0 && pose.x <= Double(picture.width - 1)
      && pose.y <= Double(picture.height - 1)
  }

  /// Fits that ran to the same place are one; best first.
  private func distinct(
    _ fitted: [CorrelationSearch.Candidate], level: Int
  ) -> [CorrelationSearch.Candidate] {
    let near = max(1.5, 0.1 * Double(min(template.width, template.height)) / Double(1 << level))
    let order = fitted.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }.map(\.element)
    var kept: [CorrelationSearch.Candidate] = []
    for one in order {
      let isNew = kept.allSatisfy { other in
        let dx = one.pose.x - other.pose.x, dy = one.pose.y - other.pose.y
        let da = one.pose.a - other.pose.a, db = one.pose.b - other.pose.b
        return dx * dx + dy * dy > near * near || da * da + db * db > 0.03
      }
      if isNew { kept.append(one) }
    }
    return kept
  }
}
