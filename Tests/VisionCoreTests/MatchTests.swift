import Testing
import VisionImage

@testable import VisionCore

func apart(_ a: Angle, _ b: Angle) -> Double {
  let d = a.degrees - b.degrees
  return abs(d - 360 * (d / 360).rounded())
}

@Suite struct MatchTests {
  private func model(
    _ method: MatchMethod, _ range: MatchRange
  ) throws -> MatchModel {
    try MatchModel(method, MatchTemplate(DrawnPart.template().raster.view), range)
  }

  /// The fit is to a fiftieth of a pixel and of a degree, through gain, offset and noise.
  @Test(arguments: [MatchMethod.ncc, .shape])
  func posesAreExact(method: MatchMethod) throws {
    let model = try model(method, MatchRange(angles: -180...180))
    let machine = Machine()
    var random = SeededRandom(seed: 20), squares = 0.0, turns = 0.0
    let count = 12
    for index in 0..<count {
      let truth = DrawnPart.pose(&random)
      let light = DrawnPart.Light(
        gain: 0.7 + 0.03 * Double(index), offset: Double(index), noise: Double(index % 6))
      let picture = DrawnPart.picture([truth], light: light, seed: UInt64(index))
      let found = model.matches(in: picture, on: machine)
      let best = try #require(found.first, "seed 20, part \(index): \(truth)")
      #expect(found.count == 1, "seed 20, part \(index)")
      let dx = best.x - truth.x, dy = best.y - truth.y
      squares += dx * dx + dy * dy
      turns += apart(best.angle, truth.angle) * apart(best.angle, truth.angle)
    }
    let place = (squares / Double(2 * count)).squareRoot()
    let angle = (turns / Double(count)).squareRoot()
    #expect(place < 0.02, "seed 20: \(place) px RMS")
    #expect(angle < 0.04, "seed 20: \(angle) degrees RMS")
  }

  @Test(arguments: [MatchMethod.ncc, .shape])
  func scalesAreFound(method: MatchMethod) throws {
    let model = try model(method, MatchRange(angles: -180...180, scales: 0.8...1.25))
    var random = SeededRandom(seed: 31)
    for index in 0..<4 {
      let truth = DrawnPart.pose(&random, scales: 0.82...1.22)
      let picture = DrawnPart.picture([truth], light: .init(noise: 2), seed: UInt64(index))
      let found = model.matches(in: picture, on: Machine())
      let best = try #require(found.first, "seed 31, part \(index): \(truth)")
      #expect(abs(best.scale / truth.scale - 1) < 0.003, "seed 31, part \(index)")
      #expect(apart(best.angle, truth.angle) < 0.15, "seed 31, part \(index)")
      #expect(abs(best.x - truth.x) < 0.1 && abs(best.y - truth.y) < 0.1, "seed 31, part \(index)")
    }
  }

  @Test(arguments: [MatchMethod.ncc, .shape])
  func severalAreFoundOnceEach(method: MatchMethod) throws {
    let truth = [(80.0, 80.0, 10.0), (300.5, 90.25, 100.0), (200.0, 240.0, -60.0)].map {
      Match(x: $0.0, y: $0.1, angle: .degrees($0.2), scale: 1, score: 1)
    }
    let picture = DrawnPart.picture(truth, light: .init(noise: 2))
    let model = try model(method, MatchRange(angles: -180...180))
    let found = model.matches(in: picture, on: Machine())
    #expect(found.count == 3)
    for part in truth {
      #expect(found.contains { abs($0.x - part.x) < 0.1 && abs($0.y - part.y) < 0.1 })
    }
    let two = model.matches(in: picture, MatchQuery(maxMatches: 2), on: Machine())
    #expect(two.count == 2)
  }

  /// Edges are found through cover, faint contrast and uneven light.
  @Test func shapeSeesCoveredParts() throws {
    let model = try model(.shape, MatchRange(angles: -180...180))
    let truth = Match(x: 200, y: 160, angle: .degrees(33), scale: 1, score: 1)
    var picture = DrawnPart.picture(
      [truth], light: .init(gain: 0.45, offset: 40, noise: 1.5, slope: 0.3))
    picture.withMutableView { pixels in
      for y in 110..<210 { for x in 214..<260 { pixels.row(y)[x] = 90 } }
    }
    let query = MatchQuery(minScore: 0.5)
    let best = try #require(model.matches(in: picture, query, on: Machine()).first)
    #expect(abs(best.x - 200) < 0.2 && abs(best.y - 160) < 0.2 && apart(best.angle, truth.angle) < 0.3)
    #expect(best.score < 0.95)
  }

  @Test(arguments: [MatchMethod.ncc, .shape])
  func negativesNeedAnyPolarity(method: MatchMethod) throws {
    let model = try model(method, MatchRange(angles: -30...30))
    let truth = Match(x: 150, y: 150, angle: .degrees(12), scale: 1, score: 1)
    let picture = DrawnPart.picture([truth], light: .init(gain: -0.8, offset: 230))
    #expect(model.matches(in: picture, on: Machine()).isEmpty)
    for polarity in [MatchPolarity.any, .ignored] {
      let found = model.matches(
        in: picture, MatchQuery(polarity: polarity), on: Machine())
      let best = try #require(found.first, "\(polarity)")
      #expect(abs(best.x - 150) < 0.1 && apart(best.angle, truth.angle) < 0.1)
    }
  }

  @Test(arguments: [MatchMethod.ncc, .shape])
  func whatIsNotThereIsNotFound(method: MatchMethod) throws {
    let model = try model(method, MatchRange(angles: -180...180))
    #expect(model.matches(in: DrawnPart.picture([], light: .init(noise: 5)), on: Machine()).isEmpty)
    let small = Image<UInt8>(width: 9, height: 7, repeating: 40)
    #expect(model.matches(in: small, on: Machine()).isEmpty)
  }

  @Test func partsAtTheBorderAreFound() throws {
    let model = try model(.ncc, MatchRange())
    let truth = Match(x: 38, y: 150, angle: .degrees(0), scale: 1, score: 1)
    let picture = DrawnPart.picture([truth])
    let best = try #require(model.matches(in: picture, on: Machine()).first)
    #expect(abs(best.x - 38) < 0.05 && abs(best.y - 150) < 0.05 && best.score < 0.96)
  }

  /// A tenth of the contrast is the least.
  @Test(arguments: [(0.2, 1), (0.05, 0)]) func faintCopiesAreNothing(gain: Double, count: Int) throws {
    let model = try model(.ncc, MatchRange())
    let truth = Match(x: 150, y: 150, angle: .degrees(0), scale: 1, score: 1)
    let picture = DrawnPart.picture([truth], light: .init(gain: gain, offset: 90))
    #expect(model.matches(in: picture, on: Machine()).count == count)
  }

  @Test(arguments: MatchMethod.allCases) func aSearchThatTakesTooLongIsGivenUp(method: MatchMethod) throws {
    let model = try model(method, MatchRange(angles: -180...180))
    let truth = Match(x: 150, y: 150, angle: .degrees(7), scale: 1, score: 1)
    let view = DrawnPart.picture([truth]).raster.view, runner = OperatorRunner(.native)
    #expect(throws: MatchError.timeout(milliseconds: 1e-4)) {
      try runner.matches(of: model, in: view, MatchQuery(timeout: 1e-4))
    }
    #expect(try runner.matches(of: model, in: view, MatchQuery(timeout: 1e6)).matches.count == 1)
  }

  @Test(arguments: [(0.0, 0.3), (0.5, 0.4), (1.0, 0.5)])
  func greedinessAsksMoreOfCoarseLevels(greediness: Double, expected: Double) {
    let query = MatchQuery(minScore: 0.8, greediness: greediness)
    #expect(abs(query.coarseScore(0.5) - expected) < 1e-12)
    #expect(query.coarseScore(1) <= 0.8)
  }

  /// Part by part it is the whole picture smoothed, bit for bit.
  @Test(arguments: [(700, 300), (259, 65), (520, 64), (64, 30), (40, 9)])
  func partsAreThoseOfTheWholePicture(width: Int, height: Int) {
    var random = SeededRandom(seed: 5)
    let machine = Machine()
    let picture = Image<UInt8>(width: width, height: height) { _, _ in
      UInt8(truncatingIfNeeded: random.next() >> 40)
    }
    var whole = Image<UInt8>(uninitializedWidth: width, height: height)
    whole.withMutableView { out in
      _ = FineSmoothing.filter.native(
        OperatorInputs(picture.raster.view), into: out.raster, on: machine)
    }
    let smooth = SmoothedPicture(picture.view, on: machine)
    let some = PixelRect(x: width / 3, y: height / 3, width: 20, height: 5)
    for rect in [some, some.moved(x: width / 2, y: -height), picture.bounds.grown(by: 9), some] {
      let seen = rect.intersection(picture.bounds)
      let part = smooth.part(holding: rect)
      let isSame = (seen.y..<seen.maxY).allSatisfy { y in
        (seen.x..<seen.maxX).allSatisfy { x in part.pixels[x - part.x, y - part.y] == whole[x, y] }
      }
      #expect(isSame, "seed 5, \(rect)")
    }
  }

  @Test func maskedPixelsDoNotCount() throws {
    var template = DrawnPart.template()
    var mask = Image<UInt8>(width: 96, height: 96, repeating: 255)
    for y in 0..<40 { for x in 0..<40 { template[x, y] = UInt8((x * 7 + y * 13) % 256); mask[x, y] = 0 } }
    let model = try MatchModel(
      .ncc, MatchTemplate(template.raster.view, mask: mask.raster.view), MatchRange(angles: -20...20))
    let truth = Match(x: 201.3, y: 150.6, angle: .degrees(7), scale: 1, score: 1)
    let found = model.matches(in: DrawnPart.picture([truth]), on: Machine())
    let best = try #require(found.first)
    #expect(best.score > 0.97 && abs(best.x - 201.3) < 0.03 && abs(best.y - 150.6) < 0.03)
  }

  @Test func flatTemplatesAreRefused() throws {
    let flat = try MatchTemplate(Image<UInt8>(width: 40, height: 40, repeating: 99).raster.view)
    #expect(throws: MatchError.flatTemplate(deviation: 0)) { try MatchModel(.ncc, flat, MatchRange()) }
    #expect(throws: MatchError.fewEdges(count: 0)) { try MatchModel(.shape, flat, MatchRange()) }
    #expect(throws: MatchError.smallTemplate(width: 5, height: 40)) {
      try MatchTemplate(Image<UInt8>(width: 5, height: 40, repeating: 9).raster.view)
    }
  }

  /// The same bits on every instruction set, and from a model that was stored.
  @Test(arguments: [MatchMethod.ncc, .shape])
  func answersDoNotDependOnTheMachine(method: MatchMethod) throws {
    let model = try model(method, MatchRange(angles: -90...90, scales: 0.9...1.1))
    let truth = Match(x: 180.4, y: 160.7, angle: .degrees(-41), scale: 1.04, score: 1)
    let picture = DrawnPart.picture([truth], light: .init(noise: 3))
    let expected = model.matches(in: picture, on: Machine())
    #expect(!expected.isEmpty)
    for set in InstructionSet.available {
      #expect(model.matches(in: picture, on: Machine(set)) == expected, "\(set)")
    }
    let stored = try MatchModel(json: .object(model.json))
    #expect(stored.matches(in: picture, on: Machine()) == expected)
  }

  @Test func anglesAreTheirOwnInverse() {
    for step in -720...720 {
      let degrees = Double(step) / 4
      let (sine, cosine) = Trigonometry.sineCosine(degrees: degrees)
      #expect(abs(sine * sine + cosine * cosine - 1) < 1e-15)
      let back = Trigonometry.degrees(y: sine, x: cosine)
      #expect(abs((back - degrees).remainder(dividingBy: 360)) < 1e-11, "\(degrees) became \(back)")
    }
  }

  @Test func overlapIsTheCommonArea() {
    func square(_ x: Double, _ degrees: Double = 0) -> [PixelPoint] {
      let match = Match(x: x, y: 0, angle: .degrees(degrees), scale: 1, score: 1)
      return OverlapFilter.corners(match, width: 10, height: 10)
    }
    #expect(abs(OverlapFilter.overlap(square(0), square(4)) - 0.6) < 1e-9)
    #expect(OverlapFilter.overlap(square(0), square(11)) == 0)
    #expect(abs(OverlapFilter.overlap(square(0), square(0, 45)) - 0.8284) < 1e-3)
  }
}
