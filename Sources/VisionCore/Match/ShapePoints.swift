import VisionImage

/// A point of a part's outline, from the template's centre, and the direction in which it gets
/// brighter there.
struct ShapePoint: Sendable {
  let x: Double
  let y: Double
  let nx: Double
  let ny: Double
}

/// The points of an outline that have an edge, and how well these fit.
private struct SeenShare {
  private(set) var count = 0.0
  private(set) var worth = 0.0

  mutating func add(_ worth: Double) {
    count += 1
    self.worth += worth
  }

  static func + (a: SeenShare, b: SeenShare) -> SeenShare {
    SeenShare(count: a.count + b.count, worth: a.worth + b.worth)
  }

  /// Edges that lie there by chance, as often at one place and slant as at another, are worth so much on
  /// average; above `sure` all of them are the part's, whatever the noise.
  private static let chance = 4.0 / 9, sure = 0.85

  /// The share of the outline that is seen, less where the edges fit as badly as any would.
  func share(of points: Int) -> Double {
    guard count > 0 else { return 0 }
    let fit = (worth / count - Self.chance) / (Self.sure - Self.chance)
    return count / Double(max(1, points)) * max(0, min(1, fit))
  }
}

/// The outline of a template at one level.
struct ShapePoints: Sendable {
  let points: [ShapePoint]
  /// Below this many grey levels a pixel nothing counts as an edge in a picture.
  let leastSlope: Double
  let reach: Double
  /// Grey levels a pixel, of the points.
  private let meanSlope: Double
  /// Whether these are points of the full picture, whose score counts.
  private let isFine: Bool

  /// The share of the template's steepest edges that still is one.
  private static let edgeShare = 0.25
  private static let noiseSlope = 4.0
  /// An edge of a picture belongs to a point from which it is no farther than so many pixels, and
  /// no more slanted (the tangent of 35 degrees).
  private static let mostOffset = 1.4, mostLean = 0.7

  /// `limit` points at most, evenly spread along the outline.
  init(_ template: TemplateLevel, limit: Int) {
    isFine = template.level == 0
    let view = template.pixels
    var found: [ShapePoint] = []
    var least = Self.noiseSlope
    var slopes: [Double] = []
    view.withRows { rows in
      let profile = EdgeProfile(rows, width: view.width, height: view.height)
      func gradient(_ x: Int, _ y: Int) -> (x: Double, y: Double) {
        profile.gradient(x, y) ?? (0, 0)
      }
      func size(_ g: (x: Double, y: Double)) -> Double { (g.x * g.x + g.y * g.y).squareRoot() }
      var all: [Double] = []
      for y in 1..<max(1, view.height - 1) {
        for x in 1..<max(1, view.width - 1) where template.counts(x, y, inset: 1) {
          all.append(size(gradient(x, y)))
        }
      }
      all.sort()
      guard !all.isEmpty else { return }
      least = max(Self.noiseSlope, Self.edgeShare * all[all.count * 99 / 100])
      for y in 2..<max(2, view.height - 2) {
        for x in 2..<max(2, view.width - 2) where template.counts(x, y, inset: 2) {
          let g = gradient(x, y), steep = size(g)
          guard steep >= least else { continue }
          // The ridge of the gradient: no steeper neighbour along it.
          let nx = g.x / steep, ny = g.y / steep
          let dx = Int((nx * 1.3).rounded()), dy = Int((ny * 1.3).rounded())
          guard steep >= size(gradient(x + dx, y + dy)), steep > size(gradient(x - dx, y - dy)),
            let edge = profile.edge(
              Double(x), Double(y), nx, ny, least: 0.5 * least, either: false),
            abs(edge.offset) <= 1
          else { continue }
          slopes.append(steep)
          found.append(
            ShapePoint(
              x: Double(x) + edge.offset * nx - template.centre.x,
              y: Double(y) + edge.offset * ny - template.centre.y, nx: nx, ny: ny))
        }
      }
    }
    points = Self.thinned(found, limit)
    meanSlope = slopes.isEmpty ? 1 : slopes.reduce(0, +) / Double(slopes.count)
    // Half the contrast of the template's weakest edge is still seen.
    leastSlope = max(0.4 * Self.noiseSlope, 0.3 * least)
    reach = points.reduce(0) { max($0, ($1.x * $1.x + $1.y * $1.y).squareRoot()) }
  }

  /// The middle of all points, from the template's centre.
  var middle: (x: Double, y: Double) {
    let count = Double(max(1, points.count))
    return (
      points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count
    )
  }

  /// How far the points reach from their middle.
  var extent: Double {
    let middle = middle
    return points.reduce(1) {
      let dx = $1.x - middle.x, dy = $1.y - middle.y
      return max($0, (dx * dx + dy * dy).squareRoot())
    }
  }

  /// What noise of a deviation of one grey value does to a fit at best: deviations of the place, in
  /// pixels on either axis, and of the turn, in degrees.
  func uncertainty(turns: Bool, grows: Bool) -> (pixels: Double, degrees: Double) {
    var matrix = Matrix4()
    for point in points {
      let row = SIMD4(
        point.nx, point.ny, point.nx * point.x + point.ny * point.y,
        point.nx * point.y - point.ny * point.x)
      for k in 0..<4 { matrix.rows[k] += row[k] * row }
    }
    guard let inverse = matrix.inverse(turns: turns, grows: grows) else { return (0, 0) }
    // Every point is off by as much as the noise is of the slope.
    let place = ((inverse.rows[0][0] + inverse.rows[1][1]) / 2).squareRoot()
    return (place / meanSlope, inverse.rows[3][3].squareRoot() / meanSlope * 180 / .pi)
  }

  /// So many, no two nearer than need be.
  static func thinned(_ points: [ShapePoint], _ limit: Int) -> [ShapePoint] {
    var distance = 1.0, kept = points
    while kept.count > limit {
      kept = []
      distance *= 1.15
      var taken: [Int: [ShapePoint]] = [:]
      func cell(_ v: Double) -> Int { Int((v / distance).rounded(.down)) }
      for point in points {
        let cx = cell(point.x), cy = cell(point.y)
        var isFree = true
        for j in -1...1 {
          for i in -1...1 {
            for other in taken[(cy + j) << 20 ^ (cx + i)] ?? [] {
              let dx = other.x - point.x, dy = other.y - point.y
              if dx * dx + dy * dy < distance * distance { isFree = false }
            }
          }
        }
        guard isFree else { continue }
        taken[cy << 20 ^ cx, default: []].append(point)
        kept.append(point)
      }
    }
    return kept
  }

  /// Moves `pose` so that the outline lies on the edges of a picture: every point looks for its edge
  /// along its normal, and the least squares of what is left tell the step. Answers the share of the
  /// outline that is seen, with the sign of contrast that more of it has where both count.
  func fit(
    _ pose: inout Similarity, to profile: EdgeProfile, steps: Int, turns: Bool, grows: Bool,
    polarity: MatchPolarity
  ) -> Double {
    var share = 0.0
    let either = polarity != .same
    for step in 0...steps {
      // Far ones count less from step to step.
      let width = step == 0 ? 2.5 : step == 1 ? 1.8 : 1.2
      let scale = pose.scale, cosine = pose.a / scale, sine = pose.b / scale
      var matrix = Matrix4(), right = SIMD4<Double>()
      var rising = SeenShare(), falling = SeenShare(), count = 0
      for point in points {
        let nx = cosine * point.nx + sine * point.ny, ny = cosine * point.ny - sine * point.nx
        let at = pose(point.x, point.y)
        guard
          let edge = profile.edge(at.x, at.y, nx, ny, least: leastSlope, either: either),
          abs(edge.offset) < width
        else { continue }
        let x = Int((at.x + edge.offset * nx).rounded()), y = Int((at.y + edge.offset * ny).rounded())
        guard let g = profile.gradient(x, y) else { continue }
        let along = g.x * nx + g.y * ny
        let across = g.x * ny - g.y * nx
        // Within 35 degrees of the normal.
        let lean = across / (Self.mostLean * along)
        guard abs(lean) <= 1 else { continue }
        let apart = edge.offset / Self.mostOffset
        if abs(apart) <= 1 {
          // What lies there by chance is as often far off and slanted as it is near.
          let worth = isFine ? (1 - apart * apart) * (1 - lean * lean) : 1
          if edge.slope > 0 { rising.add(worth) } else { falling.add(worth) }
          count += 1
        }
        let r = edge.offset / width, w = (1 - r * r) * (1 - r * r)
        let qx = at.x - pose.x, qy = at.y - pose.y
        let row = SIMD4(nx, ny, nx * qx + ny * qy, nx * qy - ny * qx)
        for k in 0..<4 { matrix.rows[k] += w * row[k] * row }
        right += w * edge.offset * row
      }
      let seen =
        polarity == .ignored ? rising + falling : rising.worth > falling.worth ? rising : falling
      share = seen.share(of: points.count)
      guard step < steps, count >= 6,
        let inverse = matrix.inverse(turns: turns, grows: grows)
      else { break }
      let move = inverse * right
      let size = max(abs(move.x), abs(move.y), reach * scale * max(abs(move.z), abs(move.w)))
      guard size < 6 else { break }
      pose.x += move.x
      pose.y += move.y
      let grown = grows ? 1 + move.z : 1
      let turn = Trigonometry.sineCosine(degrees: move.w * (180 / Double.pi))
      let a = pose.a * turn.cosine - pose.b * turn.sine
      let b = pose.b * turn.cosine + pose.a * turn.sine
      pose.a = a * grown
      pose.b = b * grown
      if size < 0.001 && step >= 2 { break }
    }
    return share
  }
}
