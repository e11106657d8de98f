import Foundation
import Testing
import VisionImage
@testable import VisionCore

@Suite struct TargetTests {
  private let target = CalibrationTarget(pattern: .chessboard, columns: 8, rows: 5, pitch: 10)

  private func map(_ scale: Double, turn: Double, perspective: Double = 0.0006) -> Homography {
    let c = scale * cos(turn) / 10, s = scale * sin(turn) / 10
    return Homography([c, -s, 90, s, c, 70, perspective, -perspective / 2, 1])
  }

  @Test(arguments: [(18.0, 0.1), (30.0, -0.05), (34.0, 0.12)])
  func cornersAreWhereTheyAre(scale: Double, turn: Double) throws {
    let map = map(scale, turn: turn)
    let picture = CalibrationScenes.board(target, map: map, width: 420, height: 320, noise: 2, seed: 9)
    let found = try target.find(in: picture.raster.view)
    let errors = zip(found, target.points).map { pixel, point in
      let p = map.map(point.x, point.y)
      return (x: pixel.x - p.x, y: pixel.y - p.y)
    }
    let n = Double(errors.count)
    let rms = (errors.reduce(0) { $0 + $1.x * $1.x + $1.y * $1.y } / (2 * n)).squareRoot()
    #expect(rms < 0.03, "\(rms)")
    #expect(abs(errors.reduce(0) { $0 + $1.x } / n) < 0.01)
    #expect(abs(errors.reduce(0) { $0 + $1.y } / n) < 0.01)
  }

  @Test func aBoardOfAnotherSizeIsRefusedWithTheReason() throws {
    let picture = CalibrationScenes.board(
      target, map: map(30, turn: 0.05), width: 420, height: 320, noise: 2, seed: 9)
    let larger = CalibrationTarget(pattern: .chessboard, columns: 9, rows: 6, pitch: 10)
    #expect(throws: CalibrationError.self) { try larger.find(in: picture.raster.view) }
    let smaller = CalibrationTarget(pattern: .chessboard, columns: 6, rows: 4, pitch: 10)
    #expect(throws: CalibrationError.self) { try smaller.find(in: picture.raster.view) }
    let grey = Image<UInt8>(width: 300, height: 200, repeating: 90)
    #expect(throws: CalibrationError.self) { try target.find(in: grey.raster.view) }
  }

  @Test(arguments: [CalibrationTarget.Pattern.circles, .asymmetricCircles])
  func discsAreFoundInTheirOrder(pattern: CalibrationTarget.Pattern) throws {
    let plate = CalibrationTarget(pattern: pattern, columns: 4, rows: 7, pitch: 10)
    let c = cos(0.1) * 2.6, s = sin(0.1) * 2.6
    let map = Homography([c, -s, 60, s, c, 40, 0, 0, 1])
    let picture = Image<UInt8>(width: 320, height: 260) { x, y in
      let near = plate.points.map { point in
        let p = map.map(point.x, point.y)
        return hypot(p.x - Double(x), p.y - Double(y))
      }.min() ?? 0
      return UInt8(saturating: 130 + 80 * erf((near - 8.3) / 1.2))
    }
    let found = try plate.find(in: picture.raster.view)
    for (pixel, point) in zip(found, plate.points) {
      let p = map.map(point.x, point.y)
      #expect(hypot(pixel.x - p.x, pixel.y - p.y) < 0.03, "\(pixel) for \(p)")
    }
  }
}
