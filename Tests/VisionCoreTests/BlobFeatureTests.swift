import Testing
import VisionCore
import VisionImage

#if canImport(Glibc)
import Glibc
#endif

/// Features against definitions that are slow and obvious.
@Suite struct BlobFeatureTests {
  static let picture = Image<UInt8>(width: 90, height: 80) { x, y in UInt8((x * 37 + y * 101) % 256) }

  /// Blobs of every kind, at most a few thousand pixels each.
  static let regions: [Region] = BlobPicture.allCases.flatMap { picture in
    Region(of: picture.mask.view.raster, on: Machine()).components(.eight).prefix(25)
  }

  private static func close(_ a: Double, _ b: Double, _ within: Double = 1e-9) -> Bool {
    abs(a - b) <= within * max(1, abs(a), abs(b))
  }

  @Test func momentsAreSumsOverPixels() {
    for region in Self.regions {
      let pixels = PixelSet(region).places, n = Double(pixels.count)
      let cx = pixels.reduce(0) { $0 + Double($1.x) } / n, cy = pixels.reduce(0) { $0 + Double($1.y) } / n
      func sum(_ p: Int, _ q: Int) -> Double {
        pixels.reduce(0.0) { total, place in
          let dx = Double(place.x) - cx, dy = Double(place.y) - cy
          return total + pow(dx, Double(p)) * pow(dy, Double(q))
        }
      }
      let m = RegionMoments(region)
      #expect(m.area == pixels.count && Self.close(m.centroid.x, cx) && Self.close(m.centroid.y, cy))
      for (got, wanted) in [
        (m.mu20, sum(2, 0)), (m.mu11, sum(1, 1)), (m.mu02, sum(0, 2)), (m.mu30, sum(3, 0)),
        (m.mu21, sum(2, 1)), (m.mu12, sum(1, 2)), (m.mu03, sum(0, 3)),
      ] { #expect(abs(got - wanted) <= 1e-9 * n * n * n) }
      #expect((0...1).contains(m.eccentricity) && m.minor <= m.major)
      #expect(m.orientation.degrees > -90 && m.orientation.degrees <= 90)
    }
  }

  /// A bar to the right and down, as seen on the screen, lies at -45 degrees; one up at 45.
  @Test(arguments: [
    ("#..|.#.|..#", -45.0), ("..#|.#.|#..", 45), ("##", 0), ("#|#", 90), ("#", 45), ("..##|##..", -1),
  ])
  func orientationIsAnticlockwise(drawing: String, degrees: Double) {
    let rows = drawing.split(separator: "|")
    let region = Region(rows.enumerated().flatMap { y, row in
      row.enumerated().filter { $0.element == "#" }.map { Run(y: y, start: $0.offset, end: $0.offset + 1) }
    })
    // Of two steps: 0.5 * atan2(2 * 2, 5 - 1) degrees.
    let degrees = degrees == -1 ? 0.5 * atan2(4.0, 4) * 180 / .pi : degrees
    #expect(abs(RegionMoments(region).orientation.degrees - degrees) < 1e-3)
  }

  @Test func theMomentsStayWhenMovedAndHuWhenTurned() {
    let region = Region(of: BlobPicture.noise.mask.view.raster, on: Machine()).components(.eight)
      .max { $0.area < $1.area }!
    let turned = Region(region.runs.flatMap { run in
      (run.start..<run.end).map { Run(y: -$0, start: run.y, end: run.y + 1) }
    })
    let a = RegionMoments(region), b = RegionMoments(turned)
    for (x, y) in zip(a.hu, b.hu) { #expect(abs(x - y) <= 1e-12 + 1e-9 * abs(x)) }
    let moved = RegionMoments(region.moved(x: 1024, y: -4096))
    // Whole shifts move the centroid by exactly as much.
    #expect(moved.centroid.x - 1024 - a.centroid.x == 0 || Self.close(moved.centroid.x - 1024, a.centroid.x, 1e-13))
    #expect(moved.mu20 == a.mu20 && moved.mu11 == a.mu11 && moved.hu == a.hu)
  }

  @Test func perimeterCountsBorderPixelsByTheirNeighbours() {
    for region in Self.regions {
      let border = PixelSet(region.border).places
      let root = 2.0.squareRoot()
      // The weights of scikit-image: 1 for itself, 2 a side, 10 a corner.
      let weights = [
        5: 1.0, 7: 1, 15: 1, 17: 1, 25: 1, 27: 1, 21: root, 33: root, 13: (1 + root) / 2,
        23: (1 + root) / 2,
      ]
      var perimeter = 0.0
      for p in border {
        var code = 1
        for dy in -1...1 {
          for dx in -1...1 where (dx, dy) != (0, 0) {
            if border.contains(.init(x: p.x + dx, y: p.y + dy)) { code += dx == 0 || dy == 0 ? 2 : 10 }
          }
        }
        perimeter += weights[code] ?? 0
      }
      #expect(Self.close(region.perimeter, perimeter))
    }
  }

  /// In half pixels.
  private static func edgeMiddles(of region: Region) -> [(Int, Int)] {
    var points: [(Int, Int)] = []
    for p in PixelSet(region).places {
      points += [(2 * p.x - 1, 2 * p.y), (2 * p.x + 1, 2 * p.y)]
      points += [(2 * p.x, 2 * p.y - 1), (2 * p.x, 2 * p.y + 1)]
    }
    return points
  }

  /// A pixel belongs to the hull where no line parts it from all edge middles of the region.
  @Test func theHullHoldsWhatNoLineParts() {
    for region in Self.regions where region.area < 60 {
      let points = Self.edgeMiddles(of: region)
      // Lines through two points that have all others on one side.
      var sides: [(Int, Int, Int)] = []
      for a in points {
        for b in points where a != b {
          let nx = a.1 - b.1, ny = b.0 - a.0, c = nx * a.0 + ny * a.1
          let holdsAll = points.allSatisfy { (p: (Int, Int)) -> Bool in nx * p.0 + ny * p.1 <= c }
          if holdsAll { sides.append((nx, ny, c)) }
        }
      }
      var hull: Set<PixelSet.Place> = []
      for y in region.box.y..<region.box.maxY {
        for x in region.box.x..<region.box.maxX {
          let isInside = sides.allSatisfy { (nx: Int, ny: Int, c: Int) -> Bool in
            2 * (nx * x + ny * y) <= c
          }
          if isInside { hull.insert(.init(x: x, y: y)) }
        }
      }
      #expect(PixelSet(region.convexHull).places == hull)
    }
  }

  @Test func feretsAreTheExtremesOverAllDirections() {
    for region in Self.regions.filter({ $0.area < 300 }).prefix(80) {
      let middles = Self.edgeMiddles(of: region.convexHull).map { (Double($0.0) / 2, Double($0.1) / 2) }
      let widths = (0..<1800).map { i -> Double in
        let angle = Double(i) * .pi / 1800
        let along = middles.map { $0.0 * cos(angle) + $0.1 * sin(angle) }
        return along.max()! - along.min()!
      }
      let ferets = region.ferets
      // A tenth of a degree off costs a length L about L * (half of 0.1 degrees) at the narrow end.
      #expect(abs(ferets.max - widths.max()!) < 1e-5 * ferets.max + 1e-9)
      #expect(ferets.min <= widths.min()! + 1e-9 && widths.min()! - ferets.min < 1e-3 * ferets.max)
    }
  }

  @Test func theLeastRectangleHoldsAllAndNoTurnIsSmaller() {
    for region in Self.regions.filter({ $0.area < 300 }).prefix(80) {
      let rectangle = region.leastRectangle
      #expect(rectangle.width >= rectangle.height)
      #expect(rectangle.angle.degrees > -90 && rectangle.angle.degrees <= 90)
      let c = cos(rectangle.angle.radians), s = sin(rectangle.angle.radians)
      let pixels = PixelSet(region).places
      for p in pixels {
        let dx = Double(p.x) - rectangle.center.x, dy = Double(p.y) - rectangle.center.y
        #expect(abs(dx * c - dy * s) <= rectangle.width / 2 + 1e-9)
        #expect(abs(dx * s + dy * c) <= rectangle.height / 2 + 1e-9)
      }
      let least = (0..<900).map { i -> Double in
        let c = cos(Double(i) * .pi / 1800), s = sin(Double(i) * .pi / 1800)
        let u = pixels.map { Double($0.x) * c - Double($0.y) * s }
        let v = pixels.map { Double($0.x) * s + Double($0.y) * c }
        return (u.max()! - u.min()!) * (v.max()! - v.min()!)
      }.min()!
      #expect(rectangle.width * rectangle.height <= least + 1e-9)
    }
  }

  @Test func greyLevelsAndContrast() {
    let image = Self.picture
    for region in Self.regions.filter({ $0.area < 400 }).prefix(120) {
      let inside = PixelSet(region).places
      let seen = inside.filter { $0.x < 90 && $0.y < 80 }
      guard !seen.isEmpty else { continue }
      func mean(_ places: Set<PixelSet.Place>) -> Double {
        let sum = places.reduce(0) { $0 + Int(image[$1.x, $1.y]) }
        return Double(sum) / Double(places.count)
      }
      var ring: Set<PixelSet.Place> = []
      for p in inside {
        for dy in -3...3 {
          for dx in -3...3 { ring.insert(.init(x: p.x + dx, y: p.y + dy)) }
        }
      }
      ring.subtract(inside)
      ring = ring.filter { (0..<90).contains($0.x) && (0..<80).contains($0.y) }
      let blob = Blob(region, in: image.view.raster, .eight)
      let levels = seen.map { Double(image[$0.x, $0.y]) }
      let middle = mean(seen)
      let spread = levels.reduce(0.0) { $0 + ($1 - middle) * ($1 - middle) }
      #expect(Self.close(blob.mean, mean(seen)))
      #expect(blob.least == levels.min()! && blob.greatest == levels.max()!)
      #expect(Self.close(blob.deviation, (spread / Double(levels.count)).squareRoot(), 1e-6))
      #expect(Self.close(blob.contrast, ring.isEmpty ? 0 : mean(seen) - mean(ring)))
    }
  }

  @Test func everyFeatureIsANumber() {
    for region in Self.regions {
      let blob = Blob(region, in: Self.picture.view.raster, .eight)
      for feature in BlobFeature.all { #expect(feature.value(blob).isFinite, "\(feature.name)") }
      #expect(blob.convexity > 0 && blob.convexity <= 1)
    }
    #expect(Set(BlobFeature.all.map(\.name)).count == BlobFeature.all.count)
  }
}
