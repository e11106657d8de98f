import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The outline of a disc, felt by rays from its middle.
enum EllipseEdge {
  private static let rays = 40

  /// The middle of the ellipse as which a disc is seen; nil where its edge is not seen all round.
  static func centre(near start: PixelPoint, radius: Double, in picture: GreyPlane) -> PixelPoint? {
    let reach = max(2.5, 0.45 * radius)
    let points = (0..<rays).compactMap { ray -> PixelPoint? in
      let angle = 2 * Double.pi * Double(ray) / Double(rays)
      let (c, s) = (cos(angle), sin(angle))
      // Half a pixel apart, from half way inside to as far outside.
      let steps = Int(4 * reach)
      let samples = (0...steps).compactMap { i -> BlurredEdge.Sample? in
        let r = radius - reach + 2 * reach * Double(i) / Double(steps)
        let p = PixelPoint(x: start.x + r * c, y: start.y + r * s)
        guard r > 0, picture.contains(p) else { return nil }
        return BlurredEdge.Sample(s: r, level: picture.sample(p.x, p.y))
      }
      guard let edge = BlurredEdge.fit(samples, near: radius) else { return nil }
      return PixelPoint(x: start.x + edge.position * c, y: start.y + edge.position * s)
    }
    guard points.count > rays * 3 / 4 else { return nil }
    return EllipseShape.fitEllipse(points)?.centre
  }
}
