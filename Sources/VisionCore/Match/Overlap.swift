import VisionImage

/// Matches that cover each other: the better one stays.
enum OverlapFilter {
  /// The best first, none of which shares more than `share` of the smaller one with a better one.
  static func kept(
    _ matches: [Match], share: Double, limit: Int, corners: (Match) -> [PixelPoint]
  ) -> [Match] {
    let order = matches.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }.map(\.element)
    var kept: [(match: Match, corners: [PixelPoint], box: Box)] = []
    for match in order where kept.count < limit {
      let outline = corners(match), box = Box(outline)
      if kept.allSatisfy({ !$0.box.meets(box) || overlap($0.corners, outline) <= share }) {
        kept.append((match, outline, box))
      }
    }
    return kept.map(\.match)
  }

  /// The upright box around corners; most matches are told apart by it.
  private struct Box {
    var left = Double.infinity, top = Double.infinity
    var right = -Double.infinity, bottom = -Double.infinity

    init(_ corners: [PixelPoint]) {
      for corner in corners {
        left = min(left, corner.x)
        right = max(right, corner.x)
        top = min(top, corner.y)
        bottom = max(bottom, corner.y)
      }
    }

    func meets(_ other: Box) -> Bool {
      left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }
  }

  /// The corners of a template of this size at a match, clockwise on the screen from its upper left.
  static func corners(_ match: Match, width: Int, height: Int) -> [PixelPoint] {
    let pose = Similarity(x: match.x, y: match.y, degrees: match.angle.degrees, scale: match.scale)
    let w = Double(width) / 2, h = Double(height) / 2
    return [(-w, -h), (w, -h), (w, h), (-w, h)].map {
      let at = pose($0.0, $0.1)
      return PixelPoint(x: at.x, y: at.y)
    }
  }

  /// The common area of two rectangles by the smaller one's.
  static func overlap(_ a: [PixelPoint], _ b: [PixelPoint]) -> Double {
    var polygon = a
    for i in 0..<4 where !polygon.isEmpty {
      polygon = cut(polygon, along: b[i], b[(i + 1) % 4])
    }
    return area(polygon) / min(area(a), area(b))
  }

  /// What of a polygon lies on the inner side of the line from p to q.
  private static func cut(
    _ polygon: [PixelPoint], along p: PixelPoint, _ q: PixelPoint
  ) -> [PixelPoint] {
    func side(_ c: PixelPoint) -> Double { (q.x - p.x) * (c.y - p.y) - (q.y - p.y) * (c.x - p.x) }
    var inside: [PixelPoint] = []
    for (i, corner) in polygon.enumerated() {
      let next = polygon[(i + 1) % polygon.count]
      let here = side(corner), there = side(next)
      if here >= 0 { inside.append(corner) }
      if (here >= 0) != (there >= 0) {
        let t = here / (here - there)
        inside.append(
          PixelPoint(x: corner.x + t * (next.x - corner.x), y: corner.y + t * (next.y - corner.y)))
      }
    }
    return inside
  }

  private static func area(_ polygon: [PixelPoint]) -> Double {
    var sum = 0.0
    for (i, corner) in polygon.enumerated() {
      let next = polygon[(i + 1) % polygon.count]
      sum += corner.x * next.y - next.x * corner.y
    }
    return abs(sum) / 2
  }
}
