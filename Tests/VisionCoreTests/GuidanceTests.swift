import Foundation
import Testing
import VisionImage
@testable import VisionCore

/// From a board to a robot: the camera from views of a board, the plane from one of them, the robot
/// from points that it went to, the part by matching; against what the scene was drawn with.
@Suite struct GuidanceTests {
  private let board = CalibrationTarget(pattern: .chessboard, columns: 9, rows: 7, pitch: 5)
  private let camera = CalibrationScenes.camera

  /// 12 samples a pixel, each with the direction in which it looks.
  private func directions() -> [(x: Double, y: Double)] {
    var all: [(x: Double, y: Double)] = []
    for y in 0..<camera.height {
      for x in 0..<camera.width {
        for k in 0..<12 {
          let u = (Double(k) + 0.5) / 12 - 0.5, v = (Double(k * 5 % 12) + 0.5) / 12 - 0.5
          let seen = camera.direction(at: PixelPoint(x: Double(x) + 1.6 * u, y: Double(y) + 1.6 * v))
          all.append(seen ?? (0, 0))
        }
      }
    }
    return all
  }

  /// What the camera sees of a plane that is drawn by `level` in millimetres.
  private func picture(
    _ pose: RigidTransform, _ directions: [(x: Double, y: Double)], seed: UInt64,
    level: (Double, Double) -> Double
  ) -> Image<UInt8> {
    var random = SeededRandom(seed: seed)
    let r = pose.rotation.rows, t = pose.translation
    let map = Homography([r.0.x, r.0.y, t.x, r.1.x, r.1.y, t.y, r.2.x, r.2.y, t.z]).inverse!
    return Image(width: camera.width, height: camera.height) { x, y in
      var sum = 0.0
      let first = 12 * (y * camera.width + x)
      for k in first..<first + 12 {
        let p = map.map(directions[k].x, directions[k].y)
        sum += level(p.x, p.y)
      }
      return UInt8(saturating: sum / 12 + CalibrationScenes.normal(&random))
    }
  }

  private func squares(_ x: Double, _ y: Double) -> Double {
    let i = Int((x / 5).rounded(.down)), j = Int((y / 5).rounded(.down))
    let isBoard = i >= -1 && i < board.columns && j >= -1 && j < board.rows
    return isBoard && (i + j) % 2 == 0 ? 50 : 200
  }

  /// A bracket of about 13 mm around its middle, soft edges.
  private func bracket(_ across: Double, _ down: Double) -> Double {
    let x = across / 1.5, y = down / 1.5
    func soft(_ d: Double) -> Double { max(0, min(1, 0.5 - d / 0.15)) }
    var value = 70.0
    value += (190 - value) * soft(max(abs(x + 0.6) - 3.6, abs(y - 0.8) - 1.5))
    value += (225 - value) * soft(max(abs(x - 2) - 1, abs(y + 1.5) - 2))
    value += (25 - value) * soft(hypot(x + 2.4, y - 0.8) - 0.8)
    return value
  }

  @Test func aPartIsWhereTheRobotFindsIt() throws {
    let directions = directions()
    var views: [CameraCalibration.View] = []
    for index in 0..<9 {
      let around = 2 * Double.pi * Double(index) / 9
      let pose = CalibrationScenes.platePose(
        board, tilt: Vector3(0.45 * cos(around), 0.45 * sin(around), 0.1), distance: 85,
        aside: (3 * cos(2 * around), 2 * sin(3 * around)))
      let image = picture(pose, directions, seed: UInt64(index), level: squares)
      let pixels = try board.find(in: image.raster.view)
      views.append(CameraCalibration.View(image: "\(index)", pixels: pixels))
    }
    let found = try CameraCalibration(
      target: board, width: camera.width, height: camera.height, views: views)

    // The plane, 10 pixels a millimetre, the camera tilted by a degree and a half.
    let level = CalibrationScenes.platePose(board, tilt: Vector3(0.02, -0.015, 0.03), distance: 70)
    let seen = picture(level, directions, seed: 100, level: squares)
    let plane = try PlaneCalibration(
      target: board, pixels: board.find(in: seen.raster.view), camera: found.camera)

    // The robot's frame, turned by 37 degrees; it went to nine marks of the board.
    func robot(_ x: Double, _ y: Double) -> PlanePoint {
      let c = cos(37 * Double.pi / 180), s = sin(37 * Double.pi / 180)
      return PlanePoint(x: c * x - s * y + 412, y: s * x + c * y - 95)
    }
    let pairs = stride(from: 0, to: board.count, by: 7).map { index in
      let p = board.points[index]
      let pixel = camera.project(level * Vector3(p.x, p.y, 0))
      let place = plane.mapping.point(at: pixel)!
      return PointMapping.Pair(pixel: PixelPoint(x: place.x, y: place.y), robot: robot(p.x, p.y))
    }
    let above = try #require(
      plane.mapping.rectification(width: camera.width, height: camera.height))
    let toRobot = try PointMapping(pairs, kind: .similarity).map
    let mapping = above.mapping.followed(by: toRobot)

    // Taught in the middle, found elsewhere at other angles, seen from straight above.
    let straighten = Undistort(
      camera: Array(found.camera.parameters[0..<4]), distortion: found.camera.distortion)
    func scene(_ x: Double, _ y: Double, _ degrees: Double, seed: UInt64) throws -> Raster {
      let c = cos(degrees * .pi / 180), s = sin(degrees * .pi / 180)
      let image = picture(level, directions, seed: seed) { u, v in
        bracket(c * (u - x) + s * (v - y), c * (v - y) - s * (u - x))
      }
      var straight: Raster?, rectified: Raster?
      let runner = OperatorRunner(.native)
      try runner.run(straighten, on: OperatorInputs(image.raster.view), into: &straight)
      let warp = try #require(
        WarpPerspective(
          above.warp.values, size: (above.width, above.height), method: .cubic,
          border: .replicate))
      try runner.run(warp, on: OperatorInputs(#require(straight?.view)), into: &rectified)
      return try #require(rectified)
    }
    let middle = (x: 20.0, y: 15.0)
    let taught = try scene(middle.x, middle.y, 0, seed: 200)
    let seat = try #require(mapping.pixel(at: robot(middle.x, middle.y)))
    let corner = (x: Int(seat.x) - 75, y: Int(seat.y) - 60)
    let frame = PixelRect(x: corner.x, y: corner.y, width: 151, height: 121)
    let template = Raster(copying: taught.view.cropped(to: frame))
    let model = try MatchModel(.ncc, MatchTemplate(template.view), MatchRange(angles: -180...180))
    func pose(_ picture: Raster) throws -> (place: PlanePoint, angle: Double) {
      let found = try OperatorRunner(.native).matches(of: model, in: picture.view, MatchQuery())
      let match = try #require(found.matches.first)
      // From the template's centre to where the bracket's middle was when it was taught.
      let dx = seat.x - Double(corner.x) - 75, dy = seat.y - Double(corner.y) - 60
      let c = cos(match.angle.radians), s = sin(match.angle.radians)
      let middle = PixelPoint(x: match.x + c * dx + s * dy, y: match.y + c * dy - s * dx)
      let place = try #require(mapping.point(at: middle))
      let angle = try #require(mapping.angle(match.angle, at: middle))
      return (place, angle.degrees)
    }
    let zero = try pose(taught).angle
    for (index, truth) in [(10.0, 8.0, 25.0), (29, 22, -70), (31, 9, 160), (12, 21, -8)].enumerated() {
      let (place, angle) = try pose(scene(truth.0, truth.1, truth.2, seed: UInt64(300 + index)))
      let right = robot(truth.0, truth.1)
      let off = hypot(place.x - right.x, place.y - right.y)
      var turned = (angle - zero - truth.2).truncatingRemainder(dividingBy: 360)
      if turned > 180 { turned -= 360 } else if turned < -180 { turned += 360 }
      #expect(off < 0.02 && abs(turned) < 0.02, "\(off) mm, \(turned) degrees")
    }
  }
}
