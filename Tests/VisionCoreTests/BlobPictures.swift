import Testing
import VisionCore
import VisionImage

/// Flat pictures that labelling finds hard, the same on every machine.
enum BlobPicture: String, CaseIterable, CustomTestStringConvertible {
  case black, white, onePixel, oneRow, oneColumn, sparse, noise, dense, spiral, comb, rings, steps
  case discs, deep

  var testDescription: String { rawValue }

  /// 255 on black.
  var mask: Image<UInt8> {
    switch self {
    case .black: Image(width: 70, height: 5, repeating: 0)
    case .white: Image(width: 130, height: 9, repeating: 255)
    case .onePixel: Image(width: 1, height: 1, repeating: 255)
    case .oneRow: Image(width: 131, height: 1) { x, _ in x % 3 == 0 || x > 120 ? 255 : 0 }
    case .oneColumn: Image(width: 1, height: 67) { _, y in y % 5 < 2 ? 255 : 0 }
    case .sparse: random(share: 1, width: 150, height: 90)
    case .noise: random(share: 30, width: 129, height: 80)
    case .dense: random(share: 60, width: 64, height: 64)
    case .spiral: Image(width: 65, height: 65) { x, y in Self.isSpiral(x, y, 65) ? 255 : 0 }
    case .comb: Image(width: 99, height: 40) { x, y in x % 2 == 0 || y == 39 ? 255 : 0 }
    case .rings:
      Image(width: 80, height: 75) { x, y in max(abs(x - 40), abs(y - 37)) % 4 < 2 ? 255 : 0 }
    case .steps: Image(width: 66, height: 66) { x, y in (x + y) % 7 == 0 ? 255 : 0 }
    case .discs:
      Image(width: 200, height: 120) { x, y in
        let dx = x % 25 - 12, dy = y % 30 - 15
        return dx * dx + dy * dy < 20 + x ? 255 : 0
      }
    case .deep: random(share: 45, width: 300, height: 7)
    }
  }

  private func random(share: UInt64, width: Int, height: Int) -> Image<UInt8> {
    var random = SeededRandom(seed: share)
    return Image(width: width, height: height) { _, _ in random.next() % 100 < share ? 255 : 0 }
  }

  /// A path of one pixel with one pixel between its turns.
  private static func isSpiral(_ x: Int, _ y: Int, _ size: Int) -> Bool {
    let ring = min(min(x, y), min(size - 1 - x, size - 1 - y))
    // Each ring is open where the path goes on to the next one.
    if x == ring && y == ring + 1 { return ring % 2 == 1 }
    return ring % 2 == 0
  }
}

/// Blobs as sets of pixels: what the runs must come to, found the slow way.
struct PixelSet: Equatable {
  struct Place: Hashable {
    var x: Int
    var y: Int
  }
  var places: Set<Place> = []

  init(_ places: Set<Place>) { self.places = places }

  init(_ region: Region) {
    for run in region.runs {
      for x in run.start..<run.end { places.insert(Place(x: x, y: run.y)) }
    }
  }

  init(_ mask: Image<UInt8>) {
    for y in 0..<mask.height {
      for x in 0..<mask.width where mask[x, y] != 0 { places.insert(Place(x: x, y: y)) }
    }
  }

  /// In raster order.
  var sorted: [Place] { places.sorted { ($0.y, $0.x) < ($1.y, $1.x) } }

  func components(_ connectivity: Connectivity) -> [PixelSet] {
    var left = places
    return sorted.compactMap { first in
      guard left.remove(first) != nil else { return nil }
      var part: Set = [first]
      var open = [first]
      while let place = open.popLast() {
        for dy in -1...1 {
          for dx in -1...1 where connectivity == .eight || dx == 0 || dy == 0 {
            let next = Place(x: place.x + dx, y: place.y + dy)
            if left.remove(next) != nil {
              part.insert(next)
              open.append(next)
            }
          }
        }
      }
      return PixelSet(part)
    }
  }

  /// Pieces of ground that do not reach the outside.
  func holes(_ connectivity: Connectivity) -> [PixelSet] {
    guard let first = sorted.first else { return [] }
    let xs = places.map(\.x), last = sorted.last!
    var ground: Set<Place> = []
    for y in first.y - 1...last.y + 1 {
      for x in xs.min()! - 1...xs.max()! + 1 where !places.contains(Place(x: x, y: y)) {
        ground.insert(Place(x: x, y: y))
      }
    }
    return Array(PixelSet(ground).components(connectivity.complementary).dropFirst())
  }
}
