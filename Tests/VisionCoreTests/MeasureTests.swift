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

  /// The levels beside an edge are known from all of the line that holds them: within five blurs alone
  /// the place would be a quarter worse than the bound of the place alone.
  @Test func wideLevelsAreUsed() throws {
    var random = SeededRandom(seed: 12)
    let blur = 2.0, contrast = 60.0, noise = 2.0, trials = 400
    let caliper = Caliper(from: PixelPoint(x: 0, y: 4), to: PixelPoint(x: 80, y: 4), width: 9)
    var squares = 0.0
    for trial in 0..<trials {
      let place = 40 + Double(trial) / Double(trials)
      let picture = Image<UInt16>(width: 81, height: 9) { x, _ in
        let clean = 100 + contrast / 2 * erf((Double(x) - place) / (blur * 2.0.squareRoot()))
        return UInt16(saturating: 257 * (clean + noise * CalibrationScenes.normal(&random)))
      }
      let found = caliper.edges(in: picture.raster.view)
      #expect(found.count == 1)
      let error = try #require(found.first).place.x - place
      squares += error * error
    }
    let bound = noise / contrast * (2 * Double.pi.squareRoot() * blur / 9).squareRoot()
    let rms = (squares / Double(trials)).squareRoot()
    #expect(rms < 1.15 * bound, "\(rms) of \(bound)")
  }

  /// A wide slope under noise has several steepest places, and is one edge.
  @Test func noiseDoesNotSplitAnEdge() {
    var random = SeededRandom(seed: 3)
    for trial in 0..<300 {
      let place = 20 + Double(trial) / 300
      let picture = edge(at: place, blur: 2, contrast: 20, noise: 3, &random)
      let found = caliper.edges(in: picture.raster.view)
      #expect(found.count == 1 && abs(found[0].place.x - place) < 1, "\(place): \(found)")
    }
  }

  /// Light that falls off on one side of an edge does not shift it.
  @Test func slowLightEndsTheWindow() throws {
    let picture = Image<UInt16>(width: 121, height: 9) { x, _ in
      let bright = 120 - 0.4 * max(0, Double(x) - 75)
      let share = 0.5 * (1 + erf((Double(x) - 60.3) / (2 * 2.0.squareRoot())))
      return UInt16(saturating: 257 * (60 + (bright - 60) * share))
    }
    let caliper = Caliper(from: PixelPoint(x: 0, y: 4), to: PixelPoint(x: 120, y: 4), width: 9)
    let found = try #require(caliper.edges(in: picture.raster.view).first)
    #expect(abs(found.place.x - 60.3) < 0.01, "\(found.place.x)")
  }

  @Test(arguments: [(20.0, 100.0), (100, -100), (-170, 340)])
  func teethAreMeasuredAlongAnArc(start: Double, sweep: Double) {
    // A sector of 30 degrees from 40 to 70 is bright, soft by 1.2 pixels at the arc.
    let radius = 60.0
    let picture = Image<UInt8>(width: 160, height: 160) { x, y in
      let dx = Double(x) - 80, dy = 80 - Double(y), r = hypot(dx, dy)
      let angle = atan2(dy, dx) * 180 / .pi
      func over(_ edge: Double) -> Double {
        0.5 * (1 + erf((angle - edge) * .pi / 180 * r / (1.2 * 2.0.squareRoot())))
      }
      return UInt8(saturating: 50 + 150 * (over(40) - over(70)))
    }
    let path = CaliperPath.arc(
      centre: PixelPoint(x: 80, y: 80), radius: radius, start: .degrees(start), sweep: .degrees(sweep))
    let found = Caliper(along: path, width: 7).edges(in: picture.raster.view)
    let angles = found.map { start + ($0.position / path.length) * sweep }
    let right = sweep > 0 ? [40.0, 70] : [70, 40]
    #expect(found.map { $0.step > 0 } == [true, false])
    for (angle, truth) in zip(angles, right) {
      #expect(abs(angle - truth) < 0.01, "\(angle)")
    }
    for (edge, truth) in zip(found, right) {
      #expect(abs(edge.place.x - 80 - radius * cos(truth * .pi / 180)) < 0.02)
      #expect(abs(80 - edge.place.y - radius * sin(truth * .pi / 180)) < 0.02)
    }
  }

  /// A disc as a camera sees it: the share of each pixel that it covers, blurred by a Gaussian.
  private func disc(_ inside: (Double, Double) -> Bool, size: Int, blur: Double) -> Image<UInt16> {
    let parts = 8, reach = 6
    let weights = (-reach...reach).map { exp(-Double($0 * $0) / (2 * blur * blur)) }
    let total = weights.reduce(0, +)
    var plane = [Double](repeating: 0, count: size * size), across = plane
    for i in 0..<size * size {
      for k in 0..<parts * parts {
        let x = Double(i % size) + (Double(k % parts) + 0.5) / Double(parts) - 0.5
        let y = Double(i / size) + (Double(k / parts) + 0.5) / Double(parts) - 0.5
        if inside(x, y) { plane[i] += 1 / Double(parts * parts) }
      }
    }
    func blurred(_ from: [Double], step: Int, at i: Int, _ place: Int) -> Double {
      zip(-reach...reach, weights).reduce(0) { sum, tap in
        let j = min(max(place + tap.0, 0), size - 1)
        return sum + tap.1 / total * from[i + (j - place) * step]
      }
    }
    for i in plane.indices { across[i] = blurred(plane, step: 1, at: i, i % size) }
    for i in plane.indices { plane[i] = blurred(across, step: size, at: i, i / size) }
    return Image(width: size, height: size) { x, y in
      UInt16(saturating: 257 * (50 + 140 * plane[y * size + x]))
    }
  }

  /// A wide strip would see the edge of a small disc too far inside, by width² / 24 r, and so does blur,
  /// by blur² / 2 r.
  @Test(arguments: [(8.0, 8.0, 0.0), (30, 30, 0), (40, 25, 20)])
  func roundEdgesAreNotPulledInwards(major: Double, minor: Double, degrees: Double) {
    let turn = degrees * .pi / 180
    let picture = disc({ x, y in
      let dx = x - 60.3, dy = 60.6 - y
      let u = dx * cos(turn) + dy * sin(turn), v = dy * cos(turn) - dx * sin(turn)
      return hypot(u / major, v / minor) <= 1
    }, size: 121, blur: 1)
    let shape = EllipseShape(
      centre: PixelPoint(x: 60.3, y: 60.6), major: major, minor: minor, angle: .degrees(degrees),
      rms: 0, roundness: 0)
    for direction in stride(from: 5.0, to: 360, by: 30) {
      let path = shape.ray(towards: .degrees(direction), half: 7)
      let edges = Caliper(along: path, width: 9).edges(in: picture.raster.view)
      #expect(edges.count == 1)
      let off = edges.first.map { shape.distance(to: $0.place) } ?? 9
      #expect(abs(off) < 0.02, "\(direction): \(off)")
    }
  }

  @Test(arguments: [0.0, 12, -30, 90]) func rectanglesAreFound(degrees: Double) throws {
    let turn = -degrees * .pi / 180
    func place(_ u: Double, _ v: Double) -> PixelPoint {
      PixelPoint(x: 50 + u * cos(turn) - v * sin(turn), y: 40 + u * sin(turn) + v * cos(turn))
    }
    let steps = (-8...8).map { Double($0) / 10 }
    var sides = [
      steps.map { place(30 * $0, -12) }, steps.map { place(30, 12 * $0) },
      steps.map { place(30 * $0, 12) }, steps.map { place(-30, 12 * $0) },
    ]
    sides[0][3].y += 5
    let found = try #require(RectangleShape.fit(sides))
    #expect(abs(found.width - 60) < 1e-6 && abs(found.height - 24) < 1e-6)
    #expect(abs(found.angle.degrees - degrees) < 1e-6 && found.skew < 1e-6, "\(found)")
    #expect(hypot(found.centre.x - 50, found.centre.y - 40) < 1e-6)
    #expect(RectangleShape.fit([sides[0], sides[0], sides[0], sides[0]]) == nil)
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
