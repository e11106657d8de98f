import VisionCore
import VisionImage

/// How a part lies against its nominal contour: turned about a point, then moved.
struct ContourPose: Sendable {
  var cosine = 1.0
  var sine = 0.0
  let middle: PixelPoint
  var shift = (x: 0.0, y: 0.0)

  init(middle: PixelPoint) { self.middle = middle }

  /// From the picture to the nominal contour.
  func toNominal(_ p: PixelPoint) -> PixelPoint {
    let x = p.x - middle.x, y = p.y - middle.y
    return PixelPoint(
      x: middle.x + cosine * x - sine * y + shift.x, y: middle.y + sine * x + cosine * y + shift.y)
  }

  func toPicture(_ p: PixelPoint) -> PixelPoint {
    let x = p.x - middle.x - shift.x, y = p.y - middle.y - shift.y
    return PixelPoint(x: middle.x + cosine * x + sine * y, y: middle.y - sine * x + cosine * y)
  }

  /// The pose that brings the points to the contours: from `reach` pixels away, closer step by step.
  /// Flaws have little say, since weights fall with the distance.
  init(_ points: [PixelPoint], to nominal: ContourMap, middle: PixelPoint, reach: Double, turns: Bool) {
    self.init(middle: middle)
    var reach = reach
    for _ in 0..<24 {
      var normal = NormalEquations()
      let scale = max(0.5, reach / 4)
      for p in points {
        let q = toNominal(p)
        guard let near = nominal.nearest(to: q, within: reach) else { continue }
        let weight = 1 / (1 + near.distance * near.distance / (scale * scale))
        // Turned by a small angle the point moves across its radius.
        let lever = turns ? -near.normal.x * (q.y - middle.y) + near.normal.y * (q.x - middle.x) : 0
        normal.add((near.normal.x, near.normal.y, lever), -near.distance, weight)
      }
      guard let step = normal.solution(turns: turns) else { break }
      apply(step)
      let isStill = abs(step.x) + abs(step.y) < 1e-3 && abs(step.angle) < 1e-5
      if isStill && reach <= Self.closest { break }
      reach = max(Self.closest, reach * 0.7)
    }
  }

  /// Pixels around a point that are looked at in the end.
  private static let closest = 3.0

  /// Turns by a small angle about the middle and moves.
  private mutating func apply(_ step: (x: Double, y: Double, angle: Double)) {
    // Of length 1 without a function that machines round differently.
    let norm = (1 + step.angle * step.angle).squareRoot()
    let c = 1 / norm, s = step.angle / norm
    (cosine, sine) = (c * cosine - s * sine, s * cosine + c * sine)
    shift = (c * shift.x - s * shift.y + step.x, s * shift.x + c * shift.y + step.y)
  }
}

/// Least squares for two shifts and a turn.
private struct NormalEquations {
  private var matrix = [Double](repeating: 0, count: 9)
  private var right = [0.0, 0.0, 0.0]

  mutating func add(_ row: (Double, Double, Double), _ value: Double, _ weight: Double) {
    let row = [row.0, row.1, row.2]
    for i in 0..<3 {
      for j in 0..<3 { matrix[3 * i + j] += weight * row[i] * row[j] }
      right[i] += weight * row[i] * value
    }
  }

  /// Nil where the contours leave the pose open.
  func solution(turns: Bool) -> (x: Double, y: Double, angle: Double)? {
    var m = matrix, r = right
    if !turns { m[8] = 1 }
    // A little resistance: a straight edge says nothing about where along it the part lies.
    for i in 0..<2 { m[4 * i] += 1e-3 * (m[0] + m[4]) + 1e-12 }
    m[8] *= 1 + 1e-9
    for i in 0..<3 {
      guard m[4 * i] > 1e-12 else { return nil }
      for j in i + 1..<3 {
        let factor = m[3 * j + i] / m[4 * i]
        for k in i..<3 { m[3 * j + k] -= factor * m[3 * i + k] }
        r[j] -= factor * r[i]
      }
    }
    let angle = r[2] / m[8]
    let y = (r[1] - m[5] * angle) / m[4]
    return ((r[0] - m[1] * y - m[2] * angle) / m[0], y, turns ? angle : 0)
  }
}
