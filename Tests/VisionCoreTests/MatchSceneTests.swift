import Testing
import VisionImage

@testable import VisionCore

/// Pictures of a part of 192 pixels with what a shop floor adds to it; where the part lies is exact.
@Suite struct MatchSceneTests {
  private enum Trouble: CaseIterable { case none, clutter, cover, faint, uneven, all }

  private static let zoom = 2
  private static let width = 520, height = 420

  private struct Scene {
    let picture: Image<UInt8>
    let truth: Match
  }

  private func scene(_ trouble: Trouble, _ random: inout SeededRandom, hasPart: Bool = true) -> Scene {
    func real(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound
        + (range.upperBound - range.lowerBound) * Double(random.next() >> 11) * 0x1p-53
    }
    func has(_ one: Trouble) -> Bool { trouble == one || trouble == .all }
    let truth = Match(
      x: real(150...370), y: real(150...270), angle: .degrees(real(-180...180)), scale: 1, score: 1)
    let zoom = Double(Self.zoom)
    let back = Similarity(x: 0, y: 0, degrees: -truth.angle.degrees, scale: 1 / zoom)
    // Discs and bars that lie about, under the part.
    let clutter = (0..<(has(.clutter) ? 24 : 0)).map { _ in
      (
        x: real(0...520), y: real(0...420), turn: Similarity(x: 0, y: 0, degrees: real(0...180), scale: 1),
        w: real(6...40), h: real(2...15), level: real(20...230), isDisc: real(0...1) < 0.4
      )
    }
    // A bar over the part hides a quarter of it, and edges of the bar another part.
    let barTurn = Similarity(x: 0, y: 0, degrees: real(0...180), scale: 1)
    let barPlace = real(-15...15), barLevel = real(20...230)
    let noise = real(0...(trouble == .all ? 3 : 5)), slope = real(-0.5...0.5), gain = has(.faint) ? 0.5 : 1
    let picture = Image<UInt8>(width: Self.width, height: Self.height) { column, row in
      let x = Double(column), y = Double(row)
      var level = 60.0
      for one in clutter {
        let p = one.turn(x - one.x, y - one.y)
        let distance =
          one.isDisc
          ? (p.x * p.x + p.y * p.y).squareRoot() - one.w : max(abs(p.x) - one.w, abs(p.y) - one.h)
        level += (one.level - level) * max(0, min(1, 0.5 - distance / 2))
      }
      let p = back(x - truth.x, y - truth.y)
      if hasPart && max(abs(p.x), abs(p.y)) < 47.5 { level = DrawnPart.level(p.x, p.y, zoom: zoom) }
      if has(.cover) {
        let across = barTurn(p.x, p.y).x - barPlace
        level += (barLevel - level) * max(0, min(1, 0.5 - (abs(across) - (trouble == .all ? 10 : 12)) * zoom / 2))
      }
      level = 60 + (level - 60) * gain
      if has(.uneven) { level *= 1 + slope * (x / Double(Self.width) - 0.5) * 2 }
      var chance = -6.0
      for _ in 0..<12 { chance += Double(random.next() >> 11) * 0x1p-53 }
      return UInt8(saturating: level + noise * chance)
    }
    return Scene(picture: picture, truth: truth)
  }

  /// Every part is found, nothing else is, and to a fiftieth of a pixel and of a degree.
  @Test func edgesAreSeenThroughAllTrouble() throws {
    let template = try MatchTemplate(DrawnPart.template(zoom: Self.zoom).raster.view)
    let model = try ShapeModel(template, MatchRange(angles: -180...180))
    let machine = Machine()
    let minScore = MatchModel.shape(model).defaultMinScore(on: machine)
    for trouble in Trouble.allCases {
      let query = MatchQuery(minScore: minScore)
      var random = SeededRandom(seed: 90)
      var squares = 0.0, turns = 0.0
      let count = 5
      for index in 0..<count {
        let scene = scene(trouble, &random)
        let found = model.matches(in: scene.picture, query, on: machine)
        let best = try #require(found.first, "seed 90, \(trouble) \(index): \(scene.truth)")
        #expect(found.count == 1, "seed 90, \(trouble) \(index)")
        let dx = best.x - scene.truth.x, dy = best.y - scene.truth.y
        squares += dx * dx + dy * dy
        turns += apart(best.angle, scene.truth.angle) * apart(best.angle, scene.truth.angle)
        if trouble == .cover { #expect(best.score < 0.85, "the score is the share that is seen") }
      }
      let place = (squares / Double(2 * count)).squareRoot()
      let angle = (turns / Double(count)).squareRoot()
      // What is covered tells nothing, and what is faint little.
      let room = trouble == .all ? 2 : [.cover, .faint].contains(trouble) ? 1.5 : 1
      #expect(place < 0.02 * room, "seed 90, \(trouble): \(place) px RMS")
      #expect(angle < 0.02 * room, "seed 90, \(trouble): \(angle) degrees RMS")
    }
  }

  @Test(arguments: MatchMethod.allCases)
  func clutterAloneIsNothing(method: MatchMethod) throws {
    let template = try MatchTemplate(DrawnPart.template(zoom: Self.zoom).raster.view)
    let model = try MatchModel(method, template, MatchRange(angles: -180...180))
    let query = MatchQuery(minScore: model.defaultMinScore(on: Machine()))
    var random = SeededRandom(seed: 17)
    for index in 0..<5 {
      let picture = scene(.all, &random, hasPart: false).picture
      #expect(model.matches(in: picture, query, on: Machine()).isEmpty, "seed 17, picture \(index)")
    }
  }

  @Test func greyValuesAreExactToAFiftiethOfAPixel() throws {
    let template = try MatchTemplate(DrawnPart.template(zoom: Self.zoom).raster.view)
    let model = try CorrelationModel(template, MatchRange(angles: -180...180))
    var random = SeededRandom(seed: 33)
    var squares = 0.0, turns = 0.0
    for index in 0..<8 {
      let scene = scene(index % 2 == 0 ? .none : .faint, &random)
      let best = try #require(
        model.matches(in: scene.picture, on: Machine()).first, "seed 33, part \(index)")
      let dx = best.x - scene.truth.x, dy = best.y - scene.truth.y
      squares += dx * dx + dy * dy
      turns += apart(best.angle, scene.truth.angle) * apart(best.angle, scene.truth.angle)
    }
    #expect((squares / 16).squareRoot() < 0.02, "seed 33: \((squares / 16).squareRoot()) px RMS")
    #expect((turns / 8).squareRoot() < 0.02, "seed 33: \((turns / 8).squareRoot()) degrees RMS")
  }

  /// The plain search says the same, only less exactly.
  @Test(arguments: [EngineChoice.reference, .opencv])
  func theSecondSourceFindsTheSame(choice: EngineChoice) throws {
    if choice == .opencv, let why = OpenCVLibrary.loadError {
      print("skipped: OpenCV is not here: \(why)")
      return
    }
    let picture = DrawnPart.picture(
      [
        Match(x: 90.3, y: 80.6, angle: .degrees(20), scale: 1, score: 1),
        Match(x: 250.7, y: 150.2, angle: .degrees(-11), scale: 1, score: 1),
      ], width: 330, height: 220, light: .init(gain: 0.8, noise: 2))
    let template = try MatchTemplate(DrawnPart.template().raster.view)
    let model = try MatchModel(.ncc, template, MatchRange(angles: -30...30))
    let view = picture.raster.view
    let native = try OperatorRunner(.native).matches(of: model, in: view, MatchQuery())
    let other = try OperatorRunner(choice).matches(of: model, in: view, MatchQuery())
    #expect(native.matches.count == 2 && other.matches.count == 2)
    #expect(other.engine == choice.first)
    for match in native.matches {
      let isFound = other.matches.contains {
        abs($0.x - match.x) < 0.3 && abs($0.y - match.y) < 0.3 && apart($0.angle, match.angle) < 0.8
      }
      #expect(isFound, "\(match) is not among \(other.matches)")
    }
  }

  /// Of two classes at one place the one that fits better is told.
  @Test func theBestClassWins() throws {
    let plain = DrawnPart.template()
    var changed = plain
    for y in 20..<44 { for x in 52..<72 { changed[x, y] = 60 } }
    let range = MatchRange(angles: -20...20)
    let parts = MatchSet(
      try [("plain", plain), ("changed", changed)].map {
        .init($0.0, try MatchModel(.ncc, MatchTemplate($0.1.raster.view), range))
      })
    let truth = Match(x: 150, y: 150, angle: .degrees(5), scale: 1, score: 1)
    let found = try parts.matches(
      in: DrawnPart.picture([truth]).raster.view, MatchQuery(), OperatorRunner(.native))
    #expect(found.matches.map(\.partClass) == ["plain"])
  }

  @Test func framesUndoWhatTheyDo() {
    let match = Match(x: 200.5, y: 90.25, angle: .degrees(37), scale: 1.1, score: 1)
    let frame = PartFrame(match, centre: PixelPoint(x: 40, y: 30))
    let centre = frame(PixelPoint(x: 40, y: 30))
    #expect(abs(centre.x - 200.5) < 1e-9 && abs(centre.y - 90.25) < 1e-9)
    let p = frame(PixelPoint(x: 7, y: -3)), m = frame.inverseMatrix
    #expect(abs(m[0] * p.x + m[1] * p.y + m[2] - 7) < 1e-9)
    #expect(abs(m[3] * p.x + m[4] * p.y + m[5] + 3) < 1e-9)
    let inner = PartFrame(x: 5, y: 6)
    let both = frame.containing(inner)(PixelPoint(x: 1, y: 2))
    let one = frame(PixelPoint(x: 6, y: 8))
    #expect(abs(both.x - one.x) < 1e-9 && abs(both.y - one.y) < 1e-9)
  }
}
