import Foundation
import Testing
import VisionImage
@testable import VisionCore

@Suite struct RotationCentreTests {
  private func sights(
    _ degrees: [Double], sense: Double = 1, noise: Double = 0, seed: UInt64 = 1
  ) -> [RotationCentre.Sight] {
    var random = SeededRandom(seed: seed)
    return degrees.map { angle in
      let a = sense * angle * .pi / 180 + 0.4
      return RotationCentre.Sight(
        place: PlanePoint(
          x: 312.5 + 40 * cos(a) + noise * CalibrationScenes.normal(&random),
          y: -87.25 + 40 * sin(a) + noise * CalibrationScenes.normal(&random)),
        angle: .degrees(angle))
    }
  }

  @Test(arguments: [1.0, -1.0]) func exactSightsGiveTheExactAxis(sense: Double) throws {
    for angles in [[0.0, 20, 45], [-90, -30, 30, 90, 180], [0, 90, 180, 270, 360]] {
      let found = try RotationCentre(sights(angles, sense: sense))
      #expect(hypot(found.centre.x - 312.5, found.centre.y + 87.25) < 1e-9, "\(angles)")
      #expect(abs(found.radius - 40) < 1e-9 && found.turnsFromXToY == (sense > 0))
    }
  }

  @Test func aWrongSightIsLeftOut() throws {
    var some = sights([0, 30, 60, 90, 120, 150, 180], noise: 0.01)
    some[3] = RotationCentre.Sight(
      place: PlanePoint(x: some[3].place.x + 2, y: some[3].place.y), angle: some[3].angle)
    let found = try RotationCentre(some)
    #expect(found.outliers == [3])
    #expect(hypot(found.centre.x - 312.5, found.centre.y + 87.25) < 0.03)
  }

  /// The truth lies within two of the stated deviations as often as it should.
  @Test func sigmaCoversTheTruth() throws {
    var inside = 0
    for seed in 0..<200 {
      let angles = (0..<9).map { Double($0) * 15 }
      let found = try RotationCentre(sights(angles, noise: 0.05, seed: UInt64(seed)))
      if abs(found.centre.x - 312.5) < 1.96 * found.sigma { inside += 1 }
      if abs(found.centre.y + 87.25) < 1.96 * found.sigma { inside += 1 }
    }
    // 14 degrees of freedom: two of Student's deviations cover 93 %; three deviations of the count.
    #expect((350...395).contains(inside), "\(inside) of 400")
  }

  @Test func whatLeavesItOpenIsRefused() {
    #expect(throws: CalibrationError.self) { try RotationCentre(sights([0, 90])) }
    #expect(throws: CalibrationError.self) { try RotationCentre(sights([0, 2, 4, 6])) }
    #expect(throws: CalibrationError.self) { try RotationCentre(sights([0, 360, 720])) }
    let random = zip([0.0, 40, 90, 150], [(0.0, 0.0), (30, 5), (-10, 9), (4, -25)]).map {
      RotationCentre.Sight(place: PlanePoint(x: $1.0, y: $1.1), angle: .degrees($0))
    }
    #expect(throws: CalibrationError.self) { try RotationCentre(random) }
  }
}
