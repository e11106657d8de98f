import Testing
import VisionCore
import VisionImage

@testable import InspectionKit

/// What is done to 64 pixels at once is what a loop over pixels does.
@Suite struct BitmapTests {
  /// The same pixels, one by one; outside there is nothing.
  private struct Plain: Equatable {
    let width: Int
    let height: Int
    var pixels: [Bool]

    subscript(x: Int, y: Int) -> Bool {
      x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x]
    }

    init(width: Int, height: Int, _ isSet: (Int, Int) -> Bool) {
      self.width = width
      self.height = height
      pixels = (0..<width * height).map { isSet($0 % width, $0 / width) }
    }

    init(_ bitmap: Bitmap) { self.init(width: bitmap.width, height: bitmap.height, bitmap.isSet) }

    var bitmap: Bitmap {
      let out = Bitmap(width: width, height: height)
      for y in 0..<height {
        for x in 0..<width where self[x, y] { out.row(y)[x >> 6] |= 1 << UInt64(x & 63) }
      }
      return out
    }

    var inverted: Plain { Plain(width: width, height: height) { !self[$0, $1] } }

    func grown(square: Bool) -> Plain {
      Plain(width: width, height: height) { x, y in
        (-1...1).contains { v in
          (-1...1).contains { u in (square || u == 0 || v == 0) && self[x + u, y + v] }
        }
      }
    }

    func reached(from seed: Plain, throughCorners: Bool) -> Plain {
      var reached = Plain(width: width, height: height) { self[$0, $1] && seed[$0, $1] }
      while true {
        let grown = reached.grown(square: throughCorners)
        let next = Plain(width: width, height: height) { self[$0, $1] && grown[$0, $1] }
        if next == reached { return next }
        reached = next
      }
    }

    func depth(from outside: Plain, limit: Double) -> Double {
      var deepest = 0.0
      for y in 0..<height {
        for x in 0..<width where self[x, y] && !outside[x, y] {
          var least = limit
          for v in 0..<height {
            for u in 0..<width where outside[u, v] {
              least = min(least, Double((u - x) * (u - x) + (v - y) * (v - y)).squareRoot())
            }
          }
          deepest = max(deepest, least)
        }
      }
      return deepest
    }
  }

  /// Random blots, so that something hangs together.
  private static func blots(_ seed: UInt64, _ width: Int, _ height: Int) -> Plain {
    var noise = AnomalyTests.Noise(state: seed)
    let spots = (0..<width * height / 60 + 1).map { _ in
      (x: noise.next() % width, y: noise.next() % height, r: 1 + noise.next() % 4)
    }
    return Plain(width: width, height: height) { x, y in
      spots.contains { ($0.x - x) * ($0.x - x) + ($0.y - y) * ($0.y - y) <= $0.r * $0.r }
    }
  }

  static let sizes = [(1, 1), (7, 5), (63, 9), (64, 12), (65, 11), (130, 31)]

  @Test(arguments: sizes, UInt64(1)...3)
  func morphologyIsThatOfPixels(size: (Int, Int), seed: UInt64) {
    let plain = Self.blots(seed, size.0, size.1)
    let bitmap = plain.bitmap
    for square in [false, true] {
      #expect(Plain(bitmap.grown(square: square)) == plain.grown(square: square))
      let shrunk = plain.inverted.grown(square: square).inverted
      #expect(Plain(bitmap.shrunk(square: square)) == shrunk)
      #expect(Plain(bitmap.opened(square: square)) == shrunk.grown(square: square))
    }
    let byTwo = Plain(width: size.0, height: size.1) { x, y in
      (-1...0).contains { v in
        (-1...0).contains { u in
          (0...1).allSatisfy { q in (0...1).allSatisfy { p in plain[x + u + p, y + v + q] } }
        }
      }
    }
    #expect(Plain(bitmap.openedByTwo) == byTwo)
    #expect(bitmap.population == plain.pixels.count { $0 })
  }

  @Test(arguments: sizes.dropFirst(), UInt64(1)...3)
  func aHalfIsSetWhereTwoOfFourAre(size: (Int, Int), seed: UInt64) {
    let plain = Self.blots(seed, size.0, size.1)
    let half = Plain(width: size.0 / 2, height: size.1 / 2) { x, y in
      [(0, 0), (1, 0), (0, 1), (1, 1)].count { plain[2 * x + $0.0, 2 * y + $0.1] } >= 2
    }
    #expect(Plain(plain.bitmap.halved) == half)
  }

  @Test(arguments: sizes, UInt64(1)...3)
  func whatHangsTogetherIsThatOfPixels(size: (Int, Int), seed: UInt64) {
    let mask = Self.blots(seed, size.0, size.1)
    let seeds = Self.blots(seed + 100, size.0, size.1)
    for corners in [false, true] {
      let reached = mask.bitmap.reached(from: seeds.bitmap, throughCorners: corners)
      #expect(Plain(reached) == mask.reached(from: seeds, throughCorners: corners))
    }
    let depth = mask.bitmap.depth(from: seeds.bitmap, limit: 4)
    let isLeft = zip(mask.pixels, seeds.pixels).contains { $0 && !$1 }
    #expect(!isLeft || abs(depth - mask.depth(from: seeds, limit: 4)) < 1e-12)
  }

  /// For every block the cheapest of what was offered, by a loop over its window.
  @Test(arguments: [2, 5], UInt64(1)...3) func blocksTakeTheCheapest(reach: Int, seed: UInt64) {
    let part = Self.blots(seed, 130, 70), reference = Self.blots(seed + 7, 130, 70)
    let bitmap = Bitmap(width: 130, height: 70, margin: Bitmap.wideMargin)
    for y in 0..<70 { for i in 0..<bitmap.words { bitmap.row(y)[i] = reference.bitmap.row(y)[i] } }
    let steps = PatternStep.shifts(1)
    let engines = InstructionSet.available.map { PatternEngine(Machine($0)) }
    for engine in engines + [.reference] {
      var search = BlockSearch(part.bitmap, reach: reach, engine)
      for step in steps { search.offer(bitmap, shift: (step.dx, step.dy), charge: 3 * step.size) }
      for by in 0..<search.rows {
        let rows = max(0, (by - reach) * 8)..<min(70, (by + reach + 1) * 8)
        for bx in 0..<search.columns {
          let right: Int = min(search.columns * 8, (bx + reach + 1) * 8)
          let columns = max(0, (bx - reach) * 8)..<right
          let costs = steps.map { step -> Int in
            rows.reduce(3 * step.size) { (sum: Int, y: Int) -> Int in
              let differing = columns.count { (x: Int) -> Bool in
                part[x, y] != reference[x + step.dx, y + step.dy]
              }
              return sum + differing
            }
          }
          #expect(search.choice(bx, by) == costs.firstIndex(of: costs.min()!))
        }
      }
    }
  }
}
