import VisionImage

/// How far two answers to one question are apart.
public struct CalibrationDistance: Sendable, Equatable {
  public let rms: Double
  public let max: Double

  init(_ lengths: [Double]) {
    rms = (lengths.reduce(0) { $0 + $1 * $1 } / Double(Swift.max(1, lengths.count))).squareRoot()
    max = lengths.max() ?? 0
  }

  /// Pixels between the marks of one picture.
  public init(_ a: [PixelPoint], _ b: [PixelPoint]) {
    precondition(a.count == b.count, "\(a.count) and \(b.count) marks")
    self.init(zip(a, b).map { Vector3($0.x - $1.x, $0.y - $1.y, 0).length })
  }

  /// Millimetres between where two mappings have the same pixels.
  public init(_ a: PlaneMapping, _ b: PlaneMapping, at pixels: [PixelPoint]) {
    self.init(
      pixels.compactMap { pixel in
        guard let p = a.point(at: pixel), let q = b.point(at: pixel) else { return nil }
        return Vector3(p.x - q.x, p.y - q.y, 0).length
      })
  }

  /// Pixels between two models of one camera, over the picture within nine tenths of its half
  /// diagonal. A turn of the camera can stand for a shift of its centre, and no view tells them
  /// apart; so the models are compared after the turn that brings them nearest.
  public init(_ a: CameraModel, _ b: CameraModel) {
    let cx = Double(a.width - 1) / 2, cy = Double(a.height - 1) / 2
    let limit = 0.9 * Vector3(cx, cy, 0).length
    var places: [(pixel: PixelPoint, ray: Vector3)] = []
    for row in 0..<30 {
      for column in 0..<40 {
        let pixel = PixelPoint(x: 2 * cx * Double(column) / 39, y: 2 * cy * Double(row) / 29)
        guard Vector3(pixel.x - cx, pixel.y - cy, 0).length <= limit,
          let direction = a.direction(at: pixel)
        else { continue }
        places.append((pixel, Vector3(direction.x, direction.y, 1)))
      }
    }
    let block = ResidualBlock(
      parameters: [0, 1, 2], count: 2 * places.count, group: 2
    ) { [places] turn, out in
      let rotation = Rotation(vector: Vector3(turn[0], turn[1], turn[2]))
      for (i, place) in places.enumerated() {
        let p = b.project(rotation * place.ray)
        (out[2 * i], out[2 * i + 1]) = (p.x - place.pixel.x, p.y - place.pixel.y)
      }
    }
    let residuals = LevenbergMarquardt([block]).minimise([0, 0, 0]).residuals[0]
    self.init(RobustWeights.lengths(residuals, group: 2))
  }
}

/// How far two poses are apart.
public struct PoseDistance: Sendable, Equatable {
  public let millimetres: Double
  public let degrees: Double

  public init(_ a: RigidTransform, _ b: RigidTransform) {
    millimetres = (a.translation - b.translation).length
    degrees = (a.rotation.inverse * b.rotation).vector.length * 180 / .pi
  }
}
