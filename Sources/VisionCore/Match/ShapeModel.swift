import VisionImage

/// A template made ready for search by the directions of its edges: steady under changing light,
/// clutter and cover. The score of a match is the share of the outline that is seen.
public struct ShapeModel: Sendable {
  public let template: MatchTemplate
  public let range: MatchRange
  /// Levels of the pyramid that are used, the full picture counted.
  public let levels: Int
  private let outlines: [ShapePoints]
  private let search: ShapeSearch
  private let uncertainty: (pixels: Double, degrees: Double)

  private static let finePoints = 600, coarsePoints = 200, leastPoints = 16

  public init(
    _ template: MatchTemplate, _ range: MatchRange, on machine: Machine = Machine()
  ) throws(MatchError) {
    self.template = template
    self.range = range
    let all = TemplateLevel.all(of: template, count: range.levels ?? 6, on: machine)
    var outlines: [ShapePoints] = []
    for level in all {
      let outline = ShapePoints(
        level, limit: level.level == 0 ? Self.finePoints : Self.coarsePoints)
      // A coarse outline must still tell turns apart: enough points, and room for them.
      let isEnough =
        level.level == 0
        || (outline.points.count >= 20 && outline.extent >= 6)
      guard outline.points.count >= Self.leastPoints, isEnough || range.levels != nil else { break }
      outlines.append(outline)
    }
    guard !outlines.isEmpty else {
      throw .fewEdges(count: ShapePoints(all[0], limit: Self.finePoints).points.count)
    }
    self.outlines = outlines
    levels = outlines.count
    uncertainty = outlines[0].uncertainty(turns: range.turns, grows: range.grows)
    search = ShapeSearch(outlines[levels - 1], range)
  }

  /// The outline in template pixels.
  public var contour: [PixelPoint] {
    outlines[0].points.map {
      PixelPoint(x: $0.x + template.centre.x, y: $0.y + template.centre.y)
    }
  }

  /// What the search tries, and what the fit is good for.
  var training: MatchTraining {
    MatchTraining(
      angleStep: search.grid.angleStep, scaleStep: range.grows ? search.grid.scaleStep - 1 : 0,
      uncertainty: uncertainty, outline: contour)
  }

  /// The parts in a picture, best first.
  public func matches(
    in picture: Image<UInt8>, _ query: MatchQuery = MatchQuery(), on machine: Machine
  ) -> [Match] {
    matches(in: picture.view, query, on: machine)
  }

  /// The same of a view.
  func matches(in picture: ImageView<UInt8>, _ query: MatchQuery, on machine: Machine) -> [Match] {
    let pyramid = MatchPyramid(picture, levels: levels, on: machine)
    guard pyramid.count == levels else { return [] }
    var candidates = search.candidates(
      in: pyramid.levels[levels - 1], query, atLeast: query.coarseScore(0.75), limit: 200 + 6 * min(query.maxMatches, 300), on: machine)
    for level in stride(from: levels - 1, through: 0, by: -1) {
      let view = pyramid.levels[level]
      let isFine = level == 0
      var fitted: [CorrelationSearch.Candidate] = []
      view.withRows { rows in
        let profile = EdgeProfile(rows, width: view.width, height: view.height)
        for candidate in candidates where !query.isOver {
          var pose = candidate.pose
          let share = outlines[level].fit(
            &pose, to: profile, steps: isFine ? 8 : 3, turns: range.turns, grows: range.grows,
            polarity: query.polarity)
          guard share >= (isFine ? query.minScore : query.coarseScore(0.75)) else { continue }
          fitted.append(CorrelationSearch.Candidate(pose: pose, score: share))
        }
      }
      candidates = PoseList.distinct(fitted, level: level, template)
      let room = 40 + 3 * min(query.maxMatches, 300)
      if candidates.count > room { candidates.removeLast(candidates.count - room) }
      if level > 0 {
        for i in candidates.indices { candidates[i].pose = candidates[i].pose.scaled(by: 2) }
      }
    }
    return PoseList.matches(candidates, range, template, query)
  }
}
