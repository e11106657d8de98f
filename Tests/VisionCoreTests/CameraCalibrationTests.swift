import Testing
import VisionImage
@testable import VisionCore

@Suite struct CameraCalibrationTests {
  private let target = CalibrationTarget(pattern: .chessboard, columns: 11, rows: 8, pitch: 20)

  private func calibrate(
    _ views: [CameraCalibration.View], lens: CameraModel.Lens = .pinhole
  ) throws -> CameraCalibration {
    try CameraCalibration(target: target, width: 640, height: 480, views: views, lens: lens)
  }

  @Test func withoutNoiseTheCameraIsExact() throws {
    let found = try calibrate(CalibrationScenes.views(target, count: 9, noise: 0, seed: 1))
    let truth = CalibrationScenes.camera.parameters
    for (a, b) in zip(found.camera.parameters, truth) { #expect(abs(a - b) < 1e-5 * max(1, abs(b))) }
    #expect(found.rms < 1e-7)
  }

  /// In 40 recordings the truth of fx, fy, cx and cy lies within two sigmas as often as it should.
  @Test func sigmasCoverTheTruth() throws {
    let truth = CalibrationScenes.camera.parameters
    var inside = 0, all = 0
    for seed in 0..<40 {
      let found = try calibrate(
        CalibrationScenes.views(target, count: 12, noise: 0.1, seed: UInt64(seed)))
      for k in 0..<4 {
        all += 1
        if abs(found.camera.parameters[k] - truth[k]) <= 1.96 * found.sigmas[k] { inside += 1 }
      }
    }
    // 95 % of 160, three standard deviations of that count either way.
    #expect((143...160).contains(inside), "\(inside) of \(all)")
  }

  @Test func aWrongViewIsRejectedWithTheReason() throws {
    var views = CalibrationScenes.views(target, count: 10, noise: 0.1, seed: 5)
    views[4] = CameraCalibration.View(
      image: "moved", pixels: views[4].pixels.enumerated().map {
        PixelPoint(x: $1.x + ($0 % 2 == 0 ? 3 : -3), y: $1.y)
      })
    let found = try calibrate(views)
    #expect(found.rejected.map(\.image) == ["moved"] && found.views.count == 9)
    #expect(found.rejected[0].why.contains("px off"))
  }

  @Test func tooFewAndParallelViewsAreRefused() {
    let few = CalibrationScenes.views(target, count: 2, noise: 0, seed: 1)
    #expect(throws: CalibrationError.self) { try calibrate(few) }
    let same = [CameraCalibration.View](
      repeating: CalibrationScenes.views(target, count: 3, noise: 0, seed: 1)[0], count: 5)
    #expect(throws: CalibrationError.self) { try calibrate(same) }
  }

  @Test func aDirectionComesBackFromItsPixel() throws {
    let camera = CalibrationScenes.camera
    for (x, y) in [(0.0, 0.0), (0.3, -0.2), (-0.4, 0.3)] {
      let back = try #require(camera.direction(at: camera.project(Vector3(x, y, 1))))
      #expect(abs(back.x - x) < 1e-9 && abs(back.y - y) < 1e-9)
    }
  }

  @Test func aPlaneAndASurfaceAboveItAreMapped() throws {
    let pose = CalibrationScenes.platePose(target, tilt: Vector3(0.2, -0.1, 0.4), distance: 300)
    let camera = CalibrationScenes.camera
    func pixel(_ x: Double, _ y: Double, _ z: Double) -> PixelPoint {
      camera.project(pose * Vector3(x, y, z))
    }
    let pixels = target.points.map { pixel($0.x, $0.y, 0) }
    for offset in [0.0, 7.5] {
      let plane = try PlaneCalibration(target: target, pixels: pixels, camera: camera, offset: offset)
      // The plate's z runs away from the camera.
      let place = try #require(plane.mapping.point(at: pixel(33, 71, -offset)))
      #expect(abs(place.x - 33) < 1e-6 && abs(place.y - 71) < 1e-6, "\(offset): \(place)")
    }
  }
}
