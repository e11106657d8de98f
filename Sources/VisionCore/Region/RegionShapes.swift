import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Drawn regions. A pixel belongs to one where its centre lies in it.
extension Region {
  /// Centres at most `radius` away.
  public static func circle(around centre: PixelPoint, radius: Double) -> Region {
    disc(centre, radius) { $0 <= radius * radius }
  }

  /// Centres at least `inner` and at most `outer` away.
  public static func ring(around centre: PixelPoint, inner: Double, outer: Double) -> Region {
    circle(around: centre, radius: outer)
      .subtracting(disc(centre, inner) { $0 < inner * inner })
  }

  /// A rectangle whose side of length `width` points to `angle`, anticlockwise on the screen.
  public static func rectangle(
    around centre: PixelPoint, width: Double, height: Double, angle: Angle
  ) -> Region {
    let (c, s) = directions(angle)
    return polygon(
      [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)].map { i, j in
        let u = i * width / 2, v = j * height / 2
        return PixelPoint(x: centre.x + u * c + v * s, y: centre.y - u * s + v * c)
      })
  }

  /// What lines from corner to corner enclose an odd number of times. Of centres on the outline those
  /// at the left and at the top belong to it, so that polygons that adjoin share no pixel.
  public static func polygon(_ corners: [PixelPoint]) -> Region {
    guard corners.count > 2, let top = corners.map(\.y).min(), let bottom = corners.map(\.y).max()
    else { return .empty }
    var builder = RunBuilder()
    var crossings: [Double] = []
    for y in Int(top.rounded(.up))..<max(Int(top.rounded(.up)), Int(bottom.rounded(.up))) {
      crossings.removeAll(keepingCapacity: true)
      var a = corners[corners.count - 1]
      for b in corners {
        if (a.y <= Double(y)) != (b.y <= Double(y)) {
          crossings.append(a.x + (Double(y) - a.y) * (b.x - a.x) / (b.y - a.y))
        }
        a = b
      }
      crossings.sort()
      for i in stride(from: 0, to: crossings.count, by: 2) {
        let start = Int(crossings[i].rounded(.up)), end = Int(crossings[i + 1].rounded(.up))
        if start < end { builder.add(y, start, end) }
      }
    }
    return Region(normal: builder.runs)
  }

  /// The centres whose squared distance is `inside`, which must hold for the nearer of any two.
  private static func disc(
    _ centre: PixelPoint, _ radius: Double, _ inside: (Double) -> Bool
  ) -> Region {
    var runs: [Run] = []
    let top = Int((centre.y - radius).rounded(.down)), bottom = Int((centre.y + radius).rounded(.up))
    for y in top...bottom {
      let dy = Double(y) - centre.y
      func isIn(_ x: Int) -> Bool {
        let dx = Double(x) - centre.x
        return inside(dx * dx + dy * dy)
      }
      let half = max(0, radius * radius - dy * dy).squareRoot()
      // The root is rounded; a pixel on the rim is decided by its distance.
      var start = Int((centre.x - half).rounded(.down)) - 1
      while Double(start) <= centre.x + half + 1, !isIn(start) { start += 1 }
      var end = start
      if isIn(start) {
        end = max(start, Int((centre.x + half).rounded(.down)) - 1)
        while isIn(end) { end += 1 }
      }
      if start < end { runs.append(Run(y: y, start: start, end: end)) }
    }
    return Region(normal: runs)
  }

  /// Cosine and sine; exact for right angles.
  private static func directions(_ angle: Angle) -> (Double, Double) {
    let turns = angle.degrees / 90
    guard turns == turns.rounded() else { return (cos(angle.radians), sin(angle.radians)) }
    let quarter = (Int(turns) % 4 + 4) % 4
    return [(1.0, 0.0), (0, 1), (-1, 0), (0, -1)][quarter]
  }
}
