import Foundation
import Testing
import VisionImage
@testable import VisionCore

@Suite struct HandEyeTests {
  private func pairs(
    _ count: Int, _ mode: HandEye.Mode, _ x: RigidTransform, _ y: RigidTransform, seed: UInt64
  ) -> [HandEye.Pair] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in
      let robot = CalibrationScenes.pose(&random, turn: 0.7, shift: 300)
      let target = mode == .eyeInHand ? (robot * x).inverse * y : x.inverse * (robot * y)
      return HandEye.Pair(robot: robot, target: target)
    }
  }

  private func difference(_ a: RigidTransform, _ b: RigidTransform) -> Double {
    let turn = (a.rotation.inverse * b.rotation).vector
    let shift = a.translation - b.translation
    return max(turn.length, shift.length)
  }

  @Test(arguments: HandEye.Mode.allCases) func exactPairsGiveTheExactPose(mode: HandEye.Mode) throws {
    for seed in 0..<10 {
      var random = SeededRandom(seed: UInt64(100 + seed))
      let x = CalibrationScenes.pose(&random, turn: 1, shift: 80)
      let y = CalibrationScenes.pose(&random, turn: 1, shift: 500)
      let found = try HandEye(pairs(10, mode, x, y, seed: UInt64(seed)), mode: mode)
      #expect(difference(found.transform, x) < 1e-9, "seed \(seed)")
    }
  }

  @Test func wrongPairsAreLeftOut() throws {
    var random = SeededRandom(seed: 8)
    let x = CalibrationScenes.pose(&random, turn: 1, shift: 80)
    let y = CalibrationScenes.pose(&random, turn: 1, shift: 500)
    var some = pairs(20, .eyeInHand, x, y, seed: 4).map { pair in
      HandEye.Pair(
        robot: pair.robot,
        target: pair.target * CalibrationScenes.pose(&random, turn: 0.001, shift: 0.2))
    }
    for i in [3, 11, 12] {
      some[i] = HandEye.Pair(
        robot: some[i].robot,
        target: some[i].target * CalibrationScenes.pose(&random, turn: 0.3, shift: 60))
    }
    let found = try HandEye(some, mode: .eyeInHand)
    #expect(found.residuals.indices.filter { found.residuals[$0].isOutlier } == [3, 11, 12])
    #expect(difference(found.transform, x) < 1)
  }

  @Test func posesThatLeaveItOpenAreRefused() {
    let still = RigidTransform(rotation: .identity, translation: .zero)
    let oneAxis = (0..<8).map { i in
      HandEye.Pair(
        robot: RigidTransform(
          rotation: Rotation(vector: Vector3(0, 0, 0.2 * Double(i))),
          translation: Vector3(Double(10 * i), 0, 0)), target: still)
    }
    #expect(throws: CalibrationError.self) { try HandEye(oneAxis, mode: .eyeInHand) }
    #expect(throws: CalibrationError.self) { try HandEye(Array(oneAxis.prefix(2)), mode: .eyeInHand) }
  }
}

@Suite struct PointMappingTests {
  private let truth = Homography([0.1, 0.01, 300, -0.012, 0.098, -40, 2e-5, -1e-5, 1])

  private func pairs(_ map: Homography, kind: PointMapping.Kind) -> [PointMapping.Pair] {
    [(0, 0), (600, 10), (300, 240), (20, 470), (610, 460), (150, 300), (420, 120), (500, 333)].map {
      let p = map.map($0.0, $0.1)
      return PointMapping.Pair(pixel: PixelPoint(x: $0.0, y: $0.1), robot: PlanePoint(x: p.x, y: p.y))
    }
  }

  private func map(_ kind: PointMapping.Kind) -> Homography {
    switch kind {
    case .similarity: Homography([0.08, 0.06, 12, 0.06, -0.08, 5, 0, 0, 1])
    case .affine: Homography([0.1, 0.01, 300, -0.012, 0.098, -40, 0, 0, 1])
    case .homography: truth
    }
  }

  @Test(arguments: PointMapping.Kind.allCases) func exactPointsGiveTheExactMap(kind: PointMapping.Kind) throws {
    let found = try PointMapping(pairs(map(kind), kind: kind), kind: kind)
    #expect((found.residuals.max() ?? 1) < 1e-9)
    #expect(try #require(found.leaveOneOut?.max()) < 1e-8)
    #expect(found.outliers.isEmpty)
  }

  @Test func aWrongPointIsLeftOut() throws {
    var points = pairs(map(.affine), kind: .affine)
    points[5] = PointMapping.Pair(
      pixel: points[5].pixel, robot: PlanePoint(x: points[5].robot.x + 4, y: points[5].robot.y))
    let found = try PointMapping(points, kind: .affine)
    #expect(found.outliers == [5] && abs(found.residuals[5] - 4) < 1e-6)
  }

  @Test func tooFewAndCollinearPointsAreRefused() {
    let line: [PointMapping.Pair] = (0..<6).map { (step: Int) -> PointMapping.Pair in
      let along = Double(step)
      return PointMapping.Pair(
        pixel: PixelPoint(x: 10 * along, y: 20 * along), robot: PlanePoint(x: along, y: 2 * along))
    }
    for kind in PointMapping.Kind.allCases {
      #expect(throws: CalibrationError.self) { try PointMapping(line, kind: kind) }
      #expect(throws: CalibrationError.self) { try PointMapping(Array(line.prefix(2)), kind: kind) }
    }
  }

  /// A part with a hole that the tool goes into: wherever the part lies, the tool finds its hole.
  @Test(arguments: [(0.0, 0.0, 0.0), (12, -7, 35), (-40, 3, -170)])
  func aPartIsPickedAtTheSameSpotOfIt(x: Double, y: Double, degrees: Double) {
    let taught = PlanePose(place: PlanePoint(x: 100, y: 50), angle: .degrees(10))
    let found = PlanePose(place: PlanePoint(x: 100 + x, y: 50 + y), angle: .degrees(10 + degrees))
    // The hole is 20 mm along the part, 5 mm aside.
    func hole(_ part: PlanePose) -> PlanePoint {
      let a = part.angle.radians
      return PlanePoint(
        x: part.place.x + 20 * cos(a) - 5 * sin(a), y: part.place.y + 20 * sin(a) + 5 * cos(a))
    }
    let grip = PlanePose(place: hole(taught), angle: .degrees(90))
    for grows in [true, false] {
      let pick = TaughtPart(taught, turnsFromXToY: grows).pick(found, grip: grip)
      #expect(hypot(pick.place.x - hole(found).x, pick.place.y - hole(found).y) < 1e-9)
      let turned = (pick.angle.degrees - 90) * (grows ? 1 : -1) - degrees
      #expect(abs(turned - (turned / 360).rounded() * 360) < 1e-9, "\(pick.angle.degrees)")
    }
  }

  @Test func aHeldPartComesToLieAsTheTaughtOneDid() {
    let taught = PlanePose(place: PlanePoint(x: 100, y: 50), angle: .degrees(10))
    let found = PlanePose(place: PlanePoint(x: 103, y: 46), angle: .degrees(25))
    let axis = PlanePoint(x: 90, y: 60)
    let move = TaughtPart(taught).place(found, about: axis)
    #expect(abs(move.angle.degrees + 15) < 1e-9)
    let turned = PlanePose.turned(found.place, by: move.angle.radians, about: axis)
    #expect(abs(turned.x + move.place.x - 100) < 1e-9 && abs(turned.y + move.place.y - 50) < 1e-9)
  }

  @Test func aMirroredGridIsRefusedWhereTheSideIsKnown() throws {
    let upward = (0..<9).map { i -> PointMapping.Pair in
      let u = Double(i % 3) * 100, v = Double(i / 3) * 80
      return .init(pixel: PixelPoint(x: u, y: v), robot: PlanePoint(x: 0.1 * u + 3, y: 7 - 0.1 * v))
    }
    let mirrored = upward.map {
      PointMapping.Pair(pixel: $0.pixel, robot: PlanePoint(x: -$0.robot.x, y: $0.robot.y))
    }
    for kind in PointMapping.Kind.allCases {
      #expect(try PointMapping(upward, kind: kind, seenFrom: .above).map.isMirror)
      #expect(try !PointMapping(mirrored, kind: kind, seenFrom: .below).map.isMirror)
      #expect(throws: CalibrationError.self) { try PointMapping(mirrored, kind: kind, seenFrom: .above) }
      #expect(throws: CalibrationError.self) { try PointMapping(upward, kind: kind, seenFrom: .below) }
    }
    // On a line only the side tells which way to turn.
    let line = Array(upward.prefix(3))
    #expect(throws: CalibrationError.self) { try PointMapping(line, kind: .similarity) }
    let known = try PointMapping(line, kind: .similarity, seenFrom: .above).map.map(50, 80)
    #expect(abs(known.x - 8) < 1e-9 && abs(known.y + 1) < 1e-9)
  }
}
