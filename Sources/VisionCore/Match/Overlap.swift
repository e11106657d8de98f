/// Matches that cover each other: the better one stays.
struct OverlapFilter {
  let width: Double
  let height: Double

  /// The best first, none of which shares more than `share` of the smaller one with a better one.
  func kept(_ matches: [Match], share: Double, limit: Int) -> [Match] {
    let order = matches.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }.map(\.element)
    var kept: [Match] = []
    for match in order where kept.count < limit {
      if kept.allSatisfy({ overlap($0, match) <= share }) { kept.append(match) }
    }
    return kept
  }

  /// The common area by the smaller one's.
  func overlap(_ a: Match, _ b: Match) -> Double {
    let reach = (width * width + height * height).squareRoot() / 2 * (a.scale + b.scale)
    let dx = a.x - b.x, dy = a.y - b.y
    guard dx * dx + dy * dy < reach * reach else { return 0 }
    var polygon = corners(a)
    let frame = corners(b)
    for i in 0..<4 where !polygon.isEmpty {
      polygon = Self.cut(polygon, along: frame[i], frame[(i + 1) % 4])
    }
    let least = min(a.scale, b.scale)
    return Self.area(polygon) / (width * height * least * least)
  }

  private typealias Corner = (x: Double, y: Double)

  private func corners(_ match: Match) -> [Corner] {
    let pose = Similarity(x: match.x, y: match.y, degrees: match.angle.degrees, scale: match.scale)
    let w = width / 2, h = height / 2
    return [pose(-w, -h), pose(w, -h), pose(w, h), pose(-w, h)]
  }

  /// What of a polygon lies on the inner side of the line from p to q.
  private static func cut(_ polygon: [Corner], along p: Corner, _ q: Corner) -> [Corner] {
    func side(_ c: Corner) -> Double { (q.x - p.x) * (c.y - p.y) - (q.y - p.y) * (c.x - p.x) }
    var inside: [Corner] = []
    for (i, corner) in polygon.enumerated() {
      let next = polygon[(i + 1) % polygon.count]
      let here = side(corner), there = side(next)
      if here >= 0 { inside.append(corner) }
      if (here >= 0) != (there >= 0) {
        let t = here / (here - there)
        inside.append((corner.x + t * (next.x - corner.x), corner.y + t * (next.y - corner.y)))
      }
    }
    return inside
  }

  private static func area(_ polygon: [Corner]) -> Double {
    var sum = 0.0
    for (i, corner) in polygon.enumerated() {
      let next = polygon[(i + 1) % polygon.count]
      sum += corner.x * next.y - next.x * corner.y
    }
    return abs(sum) / 2
  }
}
