import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A place where two dark and two bright squares meet.
struct SaddlePoint {
  var position: PixelPoint
  /// How strongly the grey level bends up one way and down the other.
  let strength: Float
  /// Grey levels between the dark and the bright fields.
  let contrast: Double
  /// The four directions in which edges leave, in radians from x towards y, rising, 0 to 2 pi.
  let edges: [Double]
  /// Whether the field that follows each edge is bright.
  let brightAfter: [Bool]

  /// The edge that leaves in a direction, within about 25 degrees.
  func edge(towards direction: Double) -> Int? {
    let distances = edges.map { Self.difference($0, direction) }
    guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }),
      distances[best] < 0.45
    else { return nil }
    return best
  }

  /// The angle between two directions, 0 to pi.
  static func difference(_ a: Double, _ b: Double) -> Double {
    let d = abs(a - b).truncatingRemainder(dividingBy: 2 * .pi)
    return min(d, 2 * .pi - d)
  }

  /// Every saddle point of a smoothed picture, the strongest first.
  static func all(in plane: GreyPlane, limit: Int) -> [SaddlePoint] {
    let w = plane.width, h = plane.height
    guard w > 16, h > 16 else { return [] }
    var response = [Float](repeating: 0, count: w * h)
    for y in 1..<h - 1 {
      for x in 1..<w - 1 { response[y * w + x] = -hessian(plane, x, y).determinant }
    }
    let strongest = response.max() ?? 0
    var places: [(x: Int, y: Int, strength: Float)] = []
    for y in 6..<h - 6 {
      for x in 6..<w - 6 {
        let own = response[y * w + x]
        guard own > 0.003 * strongest, own > 0.5 else { continue }
        var isPeak = true
        search: for dy in -3...3 {
          for dx in -3...3 where response[(y + dy) * w + x + dx] > own {
            isPeak = false
            break search
          }
        }
        if isPeak { places.append((x, y, own)) }
      }
    }
    places.sort { ($0.strength, $1.y, $1.x) > ($1.strength, $0.y, $0.x) }
    return places.prefix(limit).compactMap { place in
      refined(plane, PixelPoint(x: Double(place.x), y: Double(place.y)))
        .flatMap { SaddlePoint(plane, at: $0, strength: place.strength) }
    }
  }

  /// Looks around the place on a circle; nil where it is not four fields, dark and bright in turn.
  init?(_ plane: GreyPlane, at position: PixelPoint, strength: Float, radius: Double = 4.5) {
    guard plane.contains(position, margin: radius) else { return nil }
    let steps = 48
    let ring = (0..<steps).map { i in
      let angle = 2 * Double.pi * Double(i) / Double(steps)
      return plane.sample(position.x + radius * cos(angle), position.y + radius * sin(angle))
    }
    guard let low = ring.min(), let high = ring.max(), high - low > 6 else { return nil }
    let middle = (low + high) / 2
    var edges: [Double] = [], brightAfter: [Bool] = []
    for i in 0..<steps {
      let a = ring[i] - middle, b = ring[(i + 1) % steps] - middle
      guard (a > 0) != (b > 0) else { continue }
      edges.append((Double(i) + a / (a - b)) * 2 * .pi / Double(steps))
      brightAfter.append(b > 0)
    }
    guard edges.count == 4, Self.difference(edges[0] + .pi, edges[2]) < 0.7,
      Self.difference(edges[1] + .pi, edges[3]) < 0.7,
      Self.difference(edges[0], edges[1]) > 0.35, Self.difference(edges[1], edges[2]) > 0.35
    else { return nil }
    self.position = position
    self.strength = strength
    contrast = high - low
    self.edges = edges
    self.brightAfter = brightAfter
  }

  /// The level place of the parabola through the pixels around, followed for a few steps.
  static func refined(_ plane: GreyPlane, _ start: PixelPoint) -> PixelPoint? {
    var p = start
    for _ in 0..<4 {
      let x = Int(p.x.rounded()), y = Int(p.y.rounded())
      guard x > 0, y > 0, x < plane.width - 1, y < plane.height - 1 else { return nil }
      let second = hessian(plane, x, y)
      guard second.determinant < 0 else { return nil }
      let gx = (plane[x + 1, y] - plane[x - 1, y]) / 2, gy = (plane[x, y + 1] - plane[x, y - 1]) / 2
      let dx = -(second.yy * gx - second.xy * gy) / second.determinant
      let dy = -(second.xx * gy - second.xy * gx) / second.determinant
      guard abs(dx) < 2, abs(dy) < 2 else { return nil }
      let next = PixelPoint(x: Double(Float(x) + dx), y: Double(Float(y) + dy))
      let arrived = abs(next.x - p.x) < 0.05 && abs(next.y - p.y) < 0.05
      p = next
      if arrived { break }
    }
    return abs(p.x - start.x) < 4 && abs(p.y - start.y) < 4 ? p : nil
  }

  private struct Hessian {
    let xx: Float, yy: Float, xy: Float
    var determinant: Float { xx * yy - xy * xy }
  }

  private static func hessian(_ plane: GreyPlane, _ x: Int, _ y: Int) -> Hessian {
    let centre = 2 * plane[x, y]
    let corners = plane[x + 1, y + 1] - plane[x - 1, y + 1] - plane[x + 1, y - 1] + plane[x - 1, y - 1]
    return Hessian(
      xx: plane[x + 1, y] + plane[x - 1, y] - centre,
      yy: plane[x, y + 1] + plane[x, y - 1] - centre, xy: corners / 4)
  }
}
