import Foundation
import Testing
import VisionImage
@testable import VisionCore

@Suite struct ContourTests {
  /// 0...200 with a soft edge of a pixel: the level says how far inside a place is.
  private func picture(_ inside: (Double, Double) -> Double) -> Image<UInt8> {
    Image(width: 200, height: 160) { x, y in
      UInt8(saturating: 20 + 200 / (1 + exp(-2.5 * inside(Double(x), Double(y)))))
    }
  }

  /// Distance to the outline of a rectangle with round corners, inside positive.
  private func plate(_ x: Double, _ y: Double, turn: Double) -> Double {
    let dx = x - 100, dy = y - 80
    let u = abs(cos(turn) * dx + sin(turn) * dy), v = abs(cos(turn) * dy - sin(turn) * dx)
    let a = u - 40, b = v - 20
    return 15 - (a > 0 && b > 0 ? hypot(a, b) : max(a, b))
  }

  private func kinds(_ segments: [ContourSegment]) -> (lines: Int, radii: [Double]) {
    var lines = 0, radii: [Double] = []
    for segment in segments {
      switch segment.shape {
      case .line: lines += 1
      case .arc(let circle): radii.append(circle.major)
      }
    }
    return (lines, radii)
  }

  @Test(arguments: [0.0, 0.3, 0.7]) func aRoundedPlateIsFourLinesAndFourArcs(turn: Double) throws {
    let image = picture { plate($0, $1, turn: turn) }
    for contours in [
      SubpixelContour.trace(image.view, at: 120),
      try #require(EdgeContours().find(in: image.raster.view)),
    ] {
      try #require(contours.count == 1)
      #expect(contours[0].isClosed)
      let found = kinds(contours[0].segments(tolerance: 0.3))
      #expect(found.lines == 4 && found.radii.count == 4, "\(found)")
      #expect(found.radii.allSatisfy { abs($0 - 15) < 0.7 }, "\(found.radii)")
    }
  }

  @Test func aDiscIsOneArc() throws {
    let image = picture { 40.3 - hypot($0 - 90.2, $1 - 75.7) }
    let contour = try #require(EdgeContours().find(in: image.raster.view)?.first)
    let segments = contour.segments()
    try #require(segments.count == 1)
    guard case .arc(let circle) = segments[0].shape else {
      Issue.record("a line")
      return
    }
    #expect(abs(circle.centre.x - 90.2) < 0.02 && abs(circle.centre.y - 75.7) < 0.02)
    #expect(abs(circle.major - 40.3) < 0.05, "\(circle.major)")
    // Walking along, the brighter side lies on the right: clockwise around it.
    #expect(abs(contour.area - .pi * 40.3 * 40.3) < 20, "\(contour.area)")
  }

  @Test func aSquareIsFourLinesWithItsCorners() throws {
    let image = picture { 30.5 - max(abs($0 - 100), abs($1 - 80)) }
    let contour = try #require(SubpixelContour.trace(image.view, at: 120).first)
    let found = kinds(contour.segments())
    #expect(found.lines == 4 && found.radii.isEmpty)
  }

  @Test func weakEdgesStayOnlyWithStrongOnes() throws {
    // From left to right its contrast grows from 30 to 198 levels.
    let image = Image<UInt8>(width: 120, height: 100) { x, y in
      let inside = 1 / (1 + exp(-2.0 * (Double(y) - 50)))
      return UInt8(saturating: 20 + inside * (30 + 1.4 * Double(x)))
    }
    func across(_ search: EdgeContours) throws -> Double {
      let found = try #require(search.find(in: image.raster.view))
      let flat = found.flatMap(\.points).filter { abs($0.y - 50) < 2 }.map(\.x)
      return (flat.max() ?? 0) - (flat.min() ?? 0)
    }
    #expect(try across(EdgeContours(weak: 4, strong: 40)) > 110)
    #expect(try across(EdgeContours(weak: 40, strong: 40)) < 85)
    #expect(try #require(EdgeContours(weak: 4, strong: 250).find(in: image.raster.view)).isEmpty)
  }

  @Test(arguments: [Connectivity.four, .eight]) func chainsGoRoundTheBorder(connectivity: Connectivity) {
    let ring = Region(PixelRect(x: 3, y: 2, width: 5, height: 4))
      .subtracting(Region(PixelRect(x: 5, y: 3, width: 1, height: 2)))
    let chains = ring.chains(connectivity)
    #expect(chains.map(\.isHole) == [false, true])
    // An outer border of a rectangle: once around its border pixels.
    #expect(chains[0].start == GridPoint(x: 3, y: 2) && chains[0].length == 14)
    #expect(chains[0].steps.first == 6, "down first: anticlockwise on the screen")
    // Four pixels beside the hole's two, two above and below: by diagonals, or around the corners.
    #expect(chains[1].steps.count == (connectivity == .eight ? 6 : 10))
    for chain in chains {
      #expect(chain.pixels.allSatisfy { ring.contains(x: $0.x, y: $0.y) })
    }
    let dot = Region(PixelRect(x: 7, y: 7, width: 1, height: 1)).chains(connectivity)
    #expect(dot.count == 1 && dot[0].steps.isEmpty && dot[0].pixels == [GridPoint(x: 7, y: 7)])
  }

  @Test(arguments: [UInt64(1), 2, 3]) func chainsHoldTheBorderPixels(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let image = Image<UInt8>(width: 40, height: 30) { _, _ in
      UInt8.random(in: 0...9, using: &random) < 6 ? 255 : 0
    }
    let region = Region(of: image.raster.view, on: Machine())
    for connectivity in Connectivity.allCases {
      let chains = region.chains(connectivity)
      let parts = region.components(connectivity)
      #expect(chains.filter { !$0.isHole }.count == parts.count, "seed \(seed)")
      let holes = parts.reduce(0) { $0 + 1 - $1.eulerNumber(connectivity) }
      #expect(chains.filter(\.isHole).count == holes, "seed \(seed)")
      let seen = Set(chains.flatMap(\.pixels))
      #expect(seen.allSatisfy { region.contains(x: $0.x, y: $0.y) })
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4]) func theInnerCircleTouchesTheNearestPixelOutside(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let image = Image<UInt8>(width: 37, height: 29) { _, _ in
      UInt8.random(in: 0...19, using: &random) > 0 ? 255 : 0
    }
    let region = Region(of: image.raster.view, on: Machine())
    var most = 0
    for y in 0..<29 {
      for x in 0..<37 where region.contains(x: x, y: y) {
        var least = Int.max
        for v in -1...29 {
          for u in -1...37 where !region.contains(x: u, y: v) {
            least = min(least, (u - x) * (u - x) + (v - y) * (v - y))
          }
        }
        most = max(most, least)
      }
    }
    let found = try #require(region.innerCircle)
    #expect(abs(found.radius + 0.5 - Double(most).squareRoot()) < 1e-12, "seed \(seed)")
    #expect(Region(PixelRect(x: 4, y: 5, width: 3, height: 3)).innerCircle?.radius == 1.5)
    #expect(Region([]).innerCircle == nil)
  }

  @Test func hysteresisKeepsWhatHoldsAStrongPixel() throws {
    var image = Image<UInt8>(width: 60, height: 40, repeating: 10)
    image.withMutableView { pixels in
      Region(PixelRect(x: 5, y: 5, width: 10, height: 6)).paint(100, on: pixels)
      Region(PixelRect(x: 30, y: 5, width: 10, height: 6)).paint(100, on: pixels)
      pixels.row(7)[33] = 220
    }
    for engine in [EngineChoice.native, .reference] {
      let runner = OperatorRunner(engine)
      func find(_ search: BlobSearch) throws -> [Int] {
        try BlobFinder(search, runner).find(in: image.raster.view).regions.map(\.area)
      }
      let search = BlobSearch(.hysteresis(weak: 50, strong: 200))
      #expect(try find(search) == [60])
      #expect(try find(BlobSearch(.hysteresis(weak: 50, strong: 99), areas: 61...99)).isEmpty)
      #expect(try find(BlobSearch(.threshold(50))) == [60, 60])
    }
  }

  @Test func theBorderGradientIsThatOfTheEdge() {
    // A ramp of 10 levels a pixel to the right.
    let image = Image<UInt8>(width: 30, height: 20) { x, _ in UInt8(saturating: Double(10 * x)) }
    let blob = Blob(Region(PixelRect(x: 8, y: 6, width: 6, height: 5)), in: image.raster.view, .eight)
    #expect(abs(blob.borderGradient - 10) < 1e-12)
  }
}
