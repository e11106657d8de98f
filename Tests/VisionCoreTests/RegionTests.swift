import Testing
import VisionCore
import VisionImage

/// Set algebra and morphology of regions against sets of pixels.
@Suite struct RegionTests {
  static func random(_ seed: UInt64, share: UInt64 = 40, width: Int = 23, height: Int = 19) -> Region {
    var random = SeededRandom(seed: seed)
    let mask = Image<UInt8>(width: width, height: height) { _, _ in
      random.next() % 100 < share ? 1 : 0
    }
    return Region(of: mask.view.raster, on: Machine()).moved(x: -5, y: -3)
  }

  @Test(arguments: UInt64(1)...20) func algebraIsThatOfSets(seed: UInt64) {
    let a = Self.random(seed), b = Self.random(seed + 100, share: seed * 5).moved(x: 4, y: 2)
    let p = PixelSet(a).places, q = PixelSet(b).places
    #expect(PixelSet(a.union(b)).places == p.union(q))
    #expect(PixelSet(a.intersection(b)).places == p.intersection(q))
    #expect(PixelSet(a.subtracting(b)).places == p.subtracting(q))
    #expect(PixelSet(a.symmetricDifference(b)).places == p.symmetricDifference(q))
    // Equal sets are equal values: nothing is left in two touching runs.
    #expect(a.union(b) == Region.union(of: [b, a]))
    #expect(a.subtracting(b).union(a.intersection(b)) == a)
    let frame = PixelRect(x: -8, y: -8, width: 40, height: 40)
    #expect(a.complement(in: frame).complement(in: frame) == a)
    #expect(a.complement(in: frame).area + a.area == frame.area)
    let window = PixelRect(x: 0, y: 1, width: 7, height: 9)
    #expect(a.clipped(to: window) == a.intersection(Region(window)))
    for y in -4...17 {
      for x in -6...19 { #expect(a.contains(x: x, y: y) == p.contains(.init(x: x, y: y))) }
    }
  }

  @Test func theEmptyRegionIsNeutral() {
    let a = Self.random(3)
    #expect(a.union(.empty) == a && a.intersection(.empty) == .empty && a.subtracting(a) == .empty)
    #expect(Region.empty.components(.eight).isEmpty && Region.empty.filled(.four) == .empty)
    #expect(Region.empty.dilated(width: 3, height: 3) == .empty && Region.empty.area == 0)
    #expect(Region.empty.perimeter == 0 && Region.empty.convexHull == .empty)
  }

  @Test(arguments: [(1, 1), (3, 3), (7, 1), (1, 4), (2, 2), (5, 8), (16, 3)])
  func morphologyIsThatOfPixels(width: Int, height: Int) {
    for seed in UInt64(1)...5 {
      let region = Self.random(seed, share: seed * 18)
      let pixels = PixelSet(region).places
      var grown: Set<PixelSet.Place> = [], shrunk = pixels
      for dy in 0..<height {
        for dx in 0..<width {
          let x = dx - width / 2, y = dy - height / 2
          grown.formUnion(pixels.map { .init(x: $0.x - x, y: $0.y - y) })
          shrunk = shrunk.filter { pixels.contains(.init(x: $0.x + x, y: $0.y + y)) }
        }
      }
      #expect(PixelSet(region.dilated(width: width, height: height)).places == grown, "seed \(seed)")
      #expect(PixelSet(region.eroded(width: width, height: height)).places == shrunk, "seed \(seed)")
      if width % 2 == 1 && height % 2 == 1 {
        #expect(region.opened(width: width, height: height).subtracting(region).isEmpty)
        #expect(region.subtracting(region.closed(width: width, height: height)).isEmpty)
      }
    }
  }

  @Test(arguments: UInt64(1)...10) func theBorderTouchesTheGround(seed: UInt64) {
    let region = Self.random(seed, share: 75)
    let pixels = PixelSet(region).places
    let border = pixels.filter { p in
      [(1, 0), (-1, 0), (0, 1), (0, -1)].contains { !pixels.contains(.init(x: p.x + $0, y: p.y + $1)) }
    }
    #expect(PixelSet(region.border).places == border)
  }
}
