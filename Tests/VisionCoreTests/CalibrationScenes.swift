import Foundation
import VisionImage
@testable import VisionCore

/// Rendered boards, edges and poses of which the truth is known.
enum CalibrationScenes {
  static let camera = CameraModel(
    width: 640, height: 480, fx: 700, fy: 702, cx: 322.5, cy: 236.2,
    distortion: [-0.2, 0.06, 0.0007, -0.0004, 0.01])

  static func normal(_ random: inout SeededRandom) -> Double {
    let u = Double.random(in: 1e-12..<1, using: &random), v = Double.random(in: 0..<1, using: &random)
    return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
  }

  static func pose(_ random: inout SeededRandom, turn: Double, shift: Double) -> RigidTransform {
    RigidTransform(
      rotation: Rotation(
        vector: Vector3(normal(&random), normal(&random), normal(&random)) * turn),
      translation: Vector3(normal(&random), normal(&random), normal(&random)) * shift)
  }

  /// A plate in front of the camera, its middle near the axis.
  static func platePose(
    _ target: CalibrationTarget, tilt: Vector3, distance: Double, aside: (Double, Double) = (0, 0)
  ) -> RigidTransform {
    let rotation = Rotation(vector: tilt)
    let last = target.points[target.count - 1]
    let middle = rotation * Vector3(last.x / 2, last.y / 2, 0)
    return RigidTransform(
      rotation: rotation, translation: Vector3(aside.0, aside.1, distance) - middle)
  }

  /// Marks seen by the camera, with noise of so many pixels.
  static func views(
    _ target: CalibrationTarget, count: Int, noise: Double, seed: UInt64
  ) -> [CameraCalibration.View] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { index in
      let around = 2 * Double.pi * Double(index) / Double(count)
      let pose = platePose(
        target, tilt: Vector3(0.5 * cos(around), 0.5 * sin(around), 0.2 * normal(&random)),
        distance: target.pitch * Double(target.columns) * (1.3 + 0.1 * Double(index % 3)),
        aside: (target.pitch * normal(&random), target.pitch * normal(&random)))
      let pixels = target.points.map { point in
        let p = camera.project(pose * Vector3(point.x, point.y, 0))
        return PixelPoint(x: p.x + noise * normal(&random), y: p.y + noise * normal(&random))
      }
      return CameraCalibration.View(image: "view \(index)", pixels: pixels)
    }
  }

  /// A board with as many squares more than corners in each direction, as a lens with a Gaussian blur
  /// of one pixel shows it: 400 samples, spread so that none lie on a line with an edge.
  static func board(
    _ target: CalibrationTarget, map: Homography, width: Int, height: Int, noise: Double, seed: UInt64
  ) -> Image<UInt8> {
    var random = SeededRandom(seed: seed)
    let back = map.inverse ?? map
    let count = 400, golden = (5.0.squareRoot() - 1) / 2
    let samples = (0..<count).map { index in
      let radius = (-2 * log((Double(index) + 0.5) / Double(count))).squareRoot()
      let turn = 2 * .pi * golden * Double(index)
      return (x: radius * cos(turn), y: radius * sin(turn))
    }
    return Image(width: width, height: height) { x, y in
      var sum = 0.0
      for sample in samples {
        let p = back.map(Double(x) + sample.x, Double(y) + sample.y)
        let i = Int((p.x / target.pitch).rounded(.down)), j = Int((p.y / target.pitch).rounded(.down))
        let isBoard = i >= -1 && i < target.columns && j >= -1 && j < target.rows
        sum += isBoard && (i + j) % 2 == 0 ? 50 : 200
      }
      return UInt8(saturating: sum / Double(count) + noise * normal(&random))
    }
  }
}
