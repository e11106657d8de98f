import Foundation
import Testing
import VisionImage
@testable import VisionCore

@Suite struct MeasureTests {
  /// A blurred upright edge, nine rows high.
  private func edge(
    at place: Double, blur: Double, contrast: Double, noise: Double, _ random: inout SeededRandom
  ) -> Image<UInt16> {
    Image<UInt16>(width: 41, height: 9) { x, _ in
      let clean = 100 + contrast / 2 * erf((Double(x) - place) / (blur * 2.0.squareRoot()))
      return UInt16(saturating: 257 * (clean + noise * CalibrationScenes.normal(&random)))
    }
  }

  private let caliper = Caliper(
    from: PixelPoint(x: 4, y: 4), to: PixelPoint(x: 36, y: 4), width: 9, contrast: 10)

  private static let blurs = [0.7, 1.0, 1.4, 2.0]
  private static let contrasts = [20.0, 60, 200]

  @Test(arguments: blurs, contrasts)
  func edgesHaveNoBiasAtAnyPhase(blur: Double, contrast: Double) throws {
    var random = SeededRandom(seed: 2)
    for step in 0..<20 {
      let place = 20 + Double(step) / 20
      let picture = edge(at: place, blur: blur, contrast: contrast, noise: 0, &random)
      let found = caliper.edges(in: picture.raster.view)
      #expect(found.count == 1)
      #expect(abs(try #require(found.first).place.x - place) < 0.005, "blur \(blur), \(place)")
    }
  }

  /// Against the bound of Cramér and Rao for the place alone, all pixels of the strip counted.
  @Test(arguments: [(0.7, 20.0, 1.0), (1.0, 100.0, 3.0), (2.0, 60.0, 3.0)])
  func noiseCostsNoMoreThanItMust(blur: Double, contrast: Double, noise: Double) throws {
    var random = SeededRandom(seed: 7)
    var squares = 0.0, sigmas = 0.0
    let trials = 300
    for trial in 0..<trials {
      let place = 20 + Double(trial) / Double(trials)
      let picture = edge(at: place, blur: blur, contrast: contrast, noise: noise, &random)
      let found = caliper.edges(in: picture.raster.view)
      let best = try #require(found.min { abs($0.place.x - place) < abs($1.place.x - place) })
      squares += (best.place.x - place) * (best.place.x - place)
      sigmas += best.sigma / Double(trials)
    }
    var information = 0.0
    for x in 4...36 {
      let slope = contrast / (blur * (2 * Double.pi).squareRoot())
        * exp(-(Double(x) - 20.5) * (Double(x) - 20.5) / (2 * blur * blur))
      information += 9 * slope * slope / (noise * noise)
    }
    let rms = (squares / Double(trials)).squareRoot(), bound = 1 / information.squareRoot()
    // Three standard deviations of the estimate of an RMS from so many trials are 12 %.
    #expect(rms < 1.2 * bound * 1.12, "\(rms) of \(bound)")
    #expect(abs(sigmas / bound - 1) < 0.3, "stated \(sigmas), bound \(bound)")
  }

  @Test func polarityAndOrderAreKept() {
    let bar = Image<UInt8>(width: 60, height: 9) { x, _ in
      UInt8(saturating: 120 + 40 * (erf((Double(x) - 20.3) / 1.4) - erf((Double(x) - 40.6) / 1.4)) - 40)
    }
    var caliper = Caliper(from: PixelPoint(x: 2, y: 4), to: PixelPoint(x: 57, y: 4), width: 9)
    #expect(caliper.edges(in: bar.raster.view).map { $0.step > 0 } == [true, false])
    caliper.polarity = .falling
    let falling = caliper.edges(in: bar.raster.view)
    #expect(falling.count == 1 && abs(falling[0].place.x - 40.6) < 0.02)
  }

  @Test func linesAndCirclesDoNotFollowOutliers() throws {
    var points = (0..<40).map { PixelPoint(x: Double($0) * 3, y: 20 - 0.2 * Double($0) * 3) }
    for i in [4, 15, 29] { points[i].y += 12 }
    let line = try #require(LineShape.fit(points))
    #expect(abs(line.angle.degrees - atan(0.2) * 180 / .pi) < 1e-6)
    #expect(line.straightness < 1e-6)
    var ring = (0..<60).map { i -> PixelPoint in
      let a = Double(i) / 60 * 2 * .pi
      return PixelPoint(x: 100 + 33.5 * cos(a), y: 80 + 33.5 * sin(a))
    }
    for i in [3, 30, 31] { ring[i].x += 9 }
    let circle = try #require(EllipseShape.fitCircle(ring))
    #expect(abs(circle.major - 33.5) < 1e-6 && abs(circle.centre.x - 100) < 1e-6)
  }

  @Test(arguments: [0.0, 30, 89, -60]) func ellipsesAreFound(degrees: Double) throws {
    let turn = -degrees * .pi / 180
    let points = (0..<50).map { i -> PixelPoint in
      let a = Double(i) / 50 * 2 * .pi, u = 40 * cos(a), v = 25 * sin(a)
      return PixelPoint(x: 70 + u * cos(turn) - v * sin(turn), y: 60 + u * sin(turn) + v * cos(turn))
    }
    let found = try #require(EllipseShape.fitEllipse(points))
    #expect(abs(found.major - 40) < 1e-6 && abs(found.minor - 25) < 1e-6)
    #expect(abs(found.angle.degrees - degrees) < 1e-5, "\(found.angle.degrees)")
  }

  @Test func degeneratePointsAreNoShape() {
    let line = (0..<8).map { PixelPoint(x: Double($0), y: 2 * Double($0)) }
    #expect(EllipseShape.fitCircle(line) == nil && EllipseShape.fitEllipse(line) == nil)
    #expect(LineShape.fit([PixelPoint(x: 1, y: 1)]) == nil)
  }
}
