#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import VisionImage

/// Pixels to millimetres on a plane: through a lens and a view of a plate, or by a map alone.
public struct PlaneMapping: Sendable, Equatable {
  /// The lens; nil where pixels are mapped as they are.
  public let camera: CameraModel?
  /// From directions (x, y, 1), or from pixels where there is no lens, to millimetres.
  public let map: Homography

  public init(camera: CameraModel?, map: Homography) {
    self.camera = camera
    self.map = map
  }

  /// The same for pictures that the operator `undistort` has made.
  public var withoutDistortion: PlaneMapping {
    var straight = camera
    straight?.distortion = [Double](repeating: 0, count: camera?.distortion.count ?? 0)
    return PlaneMapping(camera: straight, map: map)
  }

  /// Followed by a map from its plane to another.
  public func followed(by next: Homography) -> PlaneMapping {
    PlaneMapping(camera: camera, map: next * map)
  }

  /// Nil where the pixel does not see the plane.
  public func point(at pixel: PixelPoint) -> PlanePoint? {
    var place = (x: pixel.x, y: pixel.y)
    if let camera {
      guard let direction = camera.direction(at: pixel) else { return nil }
      place = direction
    }
    let p = map.map(place.x, place.y)
    return p.x.isFinite && p.y.isFinite ? PlanePoint(x: p.x, y: p.y) : nil
  }

  /// The pixel that shows a point of the plane.
  public func pixel(at point: PlanePoint) -> PixelPoint? {
    guard let back = map.inverse?.map(point.x, point.y), back.x.isFinite, back.y.isFinite else {
      return nil
    }
    guard let camera else { return PixelPoint(x: back.x, y: back.y) }
    return camera.project(Vector3(back.x, back.y, 1))
  }

  /// The angle of a part that is turned so far in the picture, as it lies on the plane: anticlockwise
  /// from the plane's x axis where its y axis runs up. Perspective also stretches and shears; a match
  /// takes the turn that serves the whole part, so the turn alone is what counts here.
  public func angle(_ angle: Angle, at pixel: PixelPoint) -> Angle? {
    // One pixel on either side.
    func change(_ dx: Double, _ dy: Double) -> (x: Double, y: Double)? {
      guard let ahead = point(at: PixelPoint(x: pixel.x + dx, y: pixel.y + dy)),
        let behind = point(at: PixelPoint(x: pixel.x - dx, y: pixel.y - dy))
      else { return nil }
      return (ahead.x - behind.x, ahead.y - behind.y)
    }
    guard let right = change(1, 0), let down = change(0, 1) else { return nil }
    // The rotation nearest to the map around here; of a plane whose y axis runs up as seen in the
    // picture, nearest to the map behind a mirror.
    let isMirrored = right.x * down.y - right.y * down.x < 0
    let turned = isMirrored
      ? atan2(right.y + down.x, right.x - down.y) + angle.radians
      : atan2(right.y - down.x, right.x + down.y) - angle.radians
    return .radians(atan2(sin(turned), cos(turned)))
  }

  /// Millimetres of a pixel's side, about a place.
  public func scale(at pixel: PixelPoint) -> Double? {
    guard let o = point(at: pixel), let x = point(at: PixelPoint(x: pixel.x + 1, y: pixel.y)),
      let y = point(at: PixelPoint(x: pixel.x, y: pixel.y + 1))
    else { return nil }
    return abs((x.x - o.x) * (y.y - o.y) - (x.y - o.y) * (y.x - o.x)).squareRoot()
  }
}

/// A picture of the plane as seen from straight above: made by `undistort` and then by
/// `warp-perspective` with `warp`. A part looks the same wherever it lies, so that matching is exact.
public struct PlaneRectification: Sendable, Equatable {
  /// From pixels of the picture without distortion to those of the rectified one.
  public let warp: Homography
  public let width: Int
  public let height: Int
  public let pixelsPerMillimetre: Double
  /// From its pixels to millimetres on the plane.
  public let mapping: PlaneMapping
}

extension PlaneMapping {
  /// Of all that a picture of this size sees of the plane, at the resolution that it has in its
  /// middle. Nil where the horizon is in view, or what is seen is more than three times as wide as
  /// the picture.
  public func rectification(width: Int, height: Int) -> PlaneRectification? {
    let straight = withoutDistortion
    let right = Double(width - 1), bottom = Double(height - 1)
    let middle = PixelPoint(x: right / 2, y: bottom / 2)
    let corners = [(0, 0), (right, 0), (right, bottom), (0, bottom)].compactMap {
      straight.point(at: PixelPoint(x: $0.0, y: $0.1))
    }
    guard corners.count == 4, let scale = straight.scale(at: middle), scale > 0,
      let left = corners.map(\.x).min(), let top = corners.map(\.y).min(),
      let farRight = corners.map(\.x).max(), let farBottom = corners.map(\.y).max()
    else { return nil }
    let across = ((farRight - left) / scale).rounded(.up) + 1
    let down = ((farBottom - top) / scale).rounded(.up) + 1
    guard across <= 3 * Double(width), down <= 3 * Double(height) else { return nil }
    let toPixels = Homography([1 / scale, 0, -left / scale, 0, 1 / scale, -top / scale, 0, 0, 1])
    var fromPicture = map
    if let camera {
      fromPicture = map * Homography([
        1 / camera.fx, 0, -camera.cx / camera.fx, 0, 1 / camera.fy, -camera.cy / camera.fy, 0, 0, 1,
      ])
    }
    return PlaneRectification(
      warp: toPixels * fromPicture, width: Int(across), height: Int(down),
      pixelsPerMillimetre: 1 / scale,
      mapping: PlaneMapping(
        camera: nil, map: Homography([scale, 0, left, 0, scale, top, 0, 0, 1])))
  }
}

/// The plane on which a plate lies, from one view of it.
public struct PlaneCalibration: Sendable {
  public let mapping: PlaneMapping
  public let pose: RigidTransform
  /// Pixels from each mark to where the pose has it.
  public let residuals: [PixelPoint]
  /// Millimetres on the plane, for each mark.
  public let errors: [Double]
  public let rms: Double

  /// `offset` is how far the measured surface lies above the plate, towards the camera.
  public init(
    target: CalibrationTarget, pixels: [PixelPoint], camera: CameraModel, offset: Double = 0,
    engine: Engine = .native
  ) throws(CalibrationError) {
    let found = engine == .opencv
      ? try camera.poseWithOpenCV(of: target.points, seenAt: pixels)
      : camera.pose(of: target.points, seenAt: pixels)
    guard let (pose, residuals) = found else {
      throw CalibrationError(
        "the plate's pose cannot be found with this calibration", cause: .method)
    }
    rms = (residuals.reduce(0) { $0 + $1 * $1 } / Double(pixels.count)).squareRoot()
    self.residuals = pixels.indices.map { PixelPoint(x: residuals[2 * $0], y: residuals[2 * $0 + 1]) }
    guard rms < 0.01 * Double(max(camera.width, camera.height)) else {
      throw CalibrationError(
        "the marks are \((rms * 10).rounded() / 10) px off: not this camera, or not a flat plate")
    }
    // The plate's z axis points away from a camera that sees its marks unmirrored.
    let away = pose.rotation * Vector3(0, 0, 1)
    let sign = away.dot(pose.translation) > 0 ? -1.0 : 1.0
    let lifted = RigidTransform(
      rotation: pose.rotation, translation: pose.translation + away * (sign * offset))
    let r = lifted.rotation.rows, t = lifted.translation
    let toDirections = Homography([r.0.x, r.0.y, t.x, r.1.x, r.1.y, t.y, r.2.x, r.2.y, t.z])
    guard let map = toDirections.inverse else {
      throw CalibrationError("the plate is seen edge on", advice: "Lay it flat under the camera")
    }
    self.pose = lifted
    mapping = PlaneMapping(camera: camera, map: map)
    let level = RigidTransform(rotation: pose.rotation, translation: pose.translation)
    let own = Homography([
      level.rotation.rows.0.x, level.rotation.rows.0.y, level.translation.x,
      level.rotation.rows.1.x, level.rotation.rows.1.y, level.translation.y,
      level.rotation.rows.2.x, level.rotation.rows.2.y, level.translation.z,
    ])
    let plate = PlaneMapping(camera: camera, map: own.inverse ?? map)
    errors = zip(pixels, target.points).compactMap { pixel, point in
      plate.point(at: pixel).map { hypot($0.x - point.x, $0.y - point.y) }
    }
  }
}
