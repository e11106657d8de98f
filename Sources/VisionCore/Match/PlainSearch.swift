import VisionImage

/// The second source of matching by grey values: turned copies of the template are slid over the
/// coarsest level of a pyramid, and over small windows of the finer ones around what was found there.
/// Slower than `CorrelationModel`, and blind to parts that reach over the border of the picture, but
/// with nothing of it besides the pyramid.
struct PlainSearch {
  private let template: MatchTemplate
  private let range: MatchRange
  private let levels: [TemplateLevel]
  private let correlator: Correlator

  /// A template of fewer pixels looks like too much else.
  private static let leastArea = 300, leastSide = 10
  /// Pixels to every side of where the coarser level saw a part.
  private static let window = 3

  init(
    _ template: MatchTemplate, _ range: MatchRange, _ correlator: Correlator, on machine: Machine
  ) {
    self.template = template
    self.range = range
    self.correlator = correlator
    let all = TemplateLevel.all(of: template, count: range.levels ?? 8, on: machine)
    let coarse = all.dropFirst().prefix {
      $0.width * $0.height >= Self.leastArea && min($0.width, $0.height) >= Self.leastSide
    }
    levels = [all[0]] + coarse
  }

  func matches(
    in picture: ImageView<UInt8>, _ query: MatchQuery, on machine: Machine
  ) throws(OperatorError) -> [Match] {
    let pyramid = MatchPyramid(picture, levels: levels.count, on: machine)
    guard pyramid.count == levels.count else { return [] }
    let either = query.polarity != .same
    let top = levels.count - 1
    let grid = PoseGrid(range, width: levels[top].width, height: levels[top].height)
    var candidates = try coarse(grid, pyramid.levels[top], query, either: either)
    var turn = grid.angleStep, growth = range.grows ? grid.scaleStep - 1 : 0
    for level in stride(from: top, through: 0, by: -1) {
      var fitted: [CorrelationSearch.Candidate] = []
      for candidate in candidates where !query.isOver {
        let found = try refined(
          candidate, level, pyramid.levels[level], turn: turn, growth: growth, either: either)
        guard let found, found.score >= query.minScore * (level == 0 ? 1 : 0.8) else { continue }
        fitted.append(found)
      }
      candidates = Array(
        PoseList.distinct(fitted, level: level, template).prefix(2 * query.maxMatches + 10))
      turn /= 2
      growth /= 2
      if level > 0 {
        for i in candidates.indices { candidates[i].pose = candidates[i].pose.scaled(by: 2) }
      }
    }
    return PoseList.matches(candidates, range, template, query)
  }

  private func coarse(
    _ grid: PoseGrid, _ picture: ImageView<UInt8>, _ query: MatchQuery, either: Bool
  ) throws(OperatorError) -> [CorrelationSearch.Candidate] {
    guard let last = levels.last else { return [] }
    var map = PeakMap(columns: picture.width, rows: picture.height, turns: grid.angles.count, sectors: 8)
    let stride = map.stride
    var poses: [(degrees: Double, scale: Double)] = []
    for (turn, degrees) in grid.angles.enumerated() where !query.isOver {
      for scale in grid.scales {
        let turned = TurnedPicture(last, degrees: degrees, scale: scale)
        guard turned.pixels.width <= picture.width, turned.pixels.height <= picture.height else {
          continue
        }
        let scores = try correlator.scores(of: turned, in: picture)
        map.withSector(of: turn) { best, winners in
          for y in 0..<scores.height {
            for x in 0..<scores.width {
              let at = (y + turned.centreY) * stride + x + turned.centreX
              let score = Self.score(scores[x, y], either)
              guard score > best[at] else { continue }
              best[at] = score
              winners[at] = Int32(poses.count)
            }
          }
        }
        poses.append((degrees, scale))
      }
    }
    return map.peaks(atLeast: Float(0.7 * query.minScore), limit: 4 * query.maxMatches + 20).map {
      let pose = poses[$0.pose]
      return CorrelationSearch.Candidate(
        pose: Similarity(
          x: Double($0.x), y: Double($0.y), degrees: pose.degrees, scale: pose.scale),
        score: Double($0.score))
    }
  }

  /// Where there is nothing to correlate with, OpenCV answers with what a division by zero gives.
  private static func score(_ value: Float, _ either: Bool) -> Float {
    guard value.isFinite, abs(value) <= 1.01 else { return 0 }
    return either ? abs(value) : value
  }

  /// The best of the poses around one, between the steps by parabolas.
  private func refined(
    _ candidate: CorrelationSearch.Candidate, _ level: Int, _ picture: ImageView<UInt8>,
    turn: Double, growth: Double, either: Bool
  ) throws(OperatorError) -> CorrelationSearch.Candidate? {
    var pose = candidate.pose
    var score = 0.0
    // One after the other; the second round starts from a better place.
    for _ in 0..<2 {
      if range.turns {
        let at = pose
        guard let found = try best(level, picture, either, step: turn, { share in
          Similarity(x: at.x, y: at.y, degrees: at.degrees + turn * share, scale: at.scale)
        }) else { return nil }
        (pose, score) = found
      }
      if range.grows {
        let at = pose
        guard let found = try best(level, picture, either, step: growth, { share in
          Similarity(x: at.x, y: at.y, degrees: at.degrees, scale: at.scale * (1 + growth * share))
        }) else { return nil }
        (pose, score) = found
      }
      if !range.turns && !range.grows {
        guard let found = try place(pose, level, picture, either) else { return nil }
        (pose, score) = found
      }
    }
    return CorrelationSearch.Candidate(pose: pose, score: score)
  }

  /// The best of three poses a step apart, or what a parabola through them tells.
  private func best(
    _ level: Int, _ picture: ImageView<UInt8>, _ either: Bool, step: Double,
    _ pose: (Double) -> Similarity
  ) throws(OperatorError) -> (pose: Similarity, score: Double)? {
    var scores: [Double] = []
    for share in [-1.0, 0, 1] {
      guard let found = try place(pose(share), level, picture, either) else { return nil }
      scores.append(found.score)
    }
    return try place(pose(Self.summit(scores[0], scores[1], scores[2])), level, picture, either)
  }

  /// Where the parabola through three values at -1, 0 and 1 is highest, within these.
  private static func summit(_ a: Double, _ b: Double, _ c: Double) -> Double {
    let bend = a - 2 * b + c
    guard bend < 0 else { return a > c ? -1 : 1 }
    return max(-1, min(1, 0.5 * (a - c) / bend))
  }

  /// The best place near a pose, angle and scale as they are.
  private func place(
    _ pose: Similarity, _ level: Int, _ picture: ImageView<UInt8>, _ either: Bool
  ) throws(OperatorError) -> (pose: Similarity, score: Double)? {
    let turned = TurnedPicture(levels[level], degrees: pose.degrees, scale: pose.scale)
    let left = Int(pose.x.rounded()) - turned.centreX - Self.window
    let top = Int(pose.y.rounded()) - turned.centreY - Self.window
    let window = PixelRect(
      x: left, y: top, width: turned.pixels.width + 2 * Self.window,
      height: turned.pixels.height + 2 * Self.window
    ).intersection(PixelRect(x: 0, y: 0, width: picture.width, height: picture.height))
    guard window.width >= turned.pixels.width, window.height >= turned.pixels.height else {
      return nil
    }
    let map = try correlator.scores(of: turned, in: picture.cropped(to: window))
    var at = (x: 0, y: 0), score = Float(-1)
    for y in 0..<map.height {
      for x in 0..<map.width where Self.score(map[x, y], either) > score {
        at = (x, y)
        score = Self.score(map[x, y], either)
      }
    }
    func value(_ x: Int, _ y: Int) -> Double { Double(Self.score(map[x, y], either)) }
    var moved = pose
    moved.x = Double(window.x + at.x + turned.centreX)
    moved.y = Double(window.y + at.y + turned.centreY)
    if at.x > 0, at.x < map.width - 1 {
      moved.x += Self.summit(value(at.x - 1, at.y), Double(score), value(at.x + 1, at.y))
    }
    if at.y > 0, at.y < map.height - 1 {
      moved.y += Self.summit(value(at.x, at.y - 1), Double(score), value(at.x, at.y + 1))
    }
    return (moved, Double(score))
  }
}
