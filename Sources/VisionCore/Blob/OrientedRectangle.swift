import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A rectangle that may be turned. `width` is the longer side and `angle` its direction, above -90
/// up to 90 degrees, anticlockwise as seen on the screen.
public struct OrientedRectangle: Sendable, Hashable {
  public let center: PixelPoint
  public let width: Double
  public let height: Double
  public let angle: Angle

  init(center: PixelPoint, width: Double, height: Double, angle: Angle) {
    self.center = center
    self.width = width
    self.height = height
    self.angle = angle
  }

  /// `along` is the direction of the side of length `width`, y down; the sides change places where
  /// that is the shorter one.
  init(center: PixelPoint, width: Double, height: Double, along: (x: Double, y: Double)) {
    let (x, y) = width >= height ? along : (-along.y, along.x)
    var degrees = atan2(-y, x) * 180 / .pi
    if degrees > 90 { degrees -= 180 }
    if degrees <= -90 { degrees += 180 }
    self.init(
      center: center, width: max(width, height), height: min(width, height),
      angle: .degrees(degrees))
  }

  public var corners: [PixelPoint] {
    let (c, s) = (cos(angle.radians), sin(angle.radians))
    return [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)].map { u, v in
      let x = u * width / 2, y = v * height / 2
      return PixelPoint(x: center.x + x * c + y * s, y: center.y - x * s + y * c)
    }
  }
}
