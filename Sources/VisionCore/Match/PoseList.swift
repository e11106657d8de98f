import VisionImage

/// What both methods do with the poses that they fitted.
enum PoseList {
  /// Fits that ran to the same place are one; best first.
  static func distinct(
    _ fitted: [CorrelationSearch.Candidate], level: Int, _ template: MatchTemplate
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

  /// The poses of the full picture as matches that belong to the range and do not cover each other.
  static func matches(
    _ poses: [CorrelationSearch.Candidate], _ range: MatchRange, _ template: MatchTemplate,
    _ query: MatchQuery
  ) -> [Match] {
    let matches = poses.map {
      Match(
        x: $0.pose.x, y: $0.pose.y, angle: .degrees(range.folded($0.pose.degrees)),
        scale: $0.pose.scale, score: min(1, $0.score))
    }
    return OverlapFilter.kept(
      matches.filter { range.contains($0) }, share: query.maxOverlap, limit: query.maxMatches
    ) { OverlapFilter.corners($0, width: template.width, height: template.height) }
  }
}
