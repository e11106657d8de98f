import VisionCore
import VisionImage

/// What hangs together in a picture of two levels, and how deep it is.
extension Bitmap {
  var isEmpty: Bool {
    for y in 0..<height {
      let row = row(y)
      for i in 0..<words where row[i] != 0 { return false }
    }
    return true
  }

  var population: Int { count(in: PixelRect(x: 0, y: 0, width: width, height: height)) }

  /// Pixels that are set within the box.
  func count(in box: PixelRect) -> Int {
    let box = box.intersection(PixelRect(x: 0, y: 0, width: width, height: height))
    var sum = 0
    for y in box.y..<box.maxY {
      for x in Swift.stride(from: box.x, to: box.maxX, by: 64) {
        let left = box.maxX - x
        let mask: UInt64 = left >= 64 ? .max : (1 << UInt64(left)) - 1
        sum += (Self.word(row(y), 0, shift: x) & mask).nonzeroBitCount
      }
    }
    return sum
  }

  func intersects(_ other: Bitmap) -> Bool {
    for y in 0..<height {
      let a = row(y), b = other.row(y)
      for i in 0..<words where a[i] & b[i] != 0 { return true }
    }
    return false
  }

  /// The smallest box around what is set; nil where nothing is.
  var box: PixelRect? {
    var columns = [UInt64](repeating: 0, count: words)
    var top = height, bottom = 0
    for y in 0..<height {
      let row = row(y)
      var any: UInt64 = 0
      for i in 0..<words {
        columns[i] |= row[i]
        any |= row[i]
      }
      guard any != 0 else { continue }
      top = min(top, y)
      bottom = y + 1
    }
    guard let first = columns.firstIndex(where: { $0 != 0 }),
      let last = columns.lastIndex(where: { $0 != 0 })
    else { return nil }
    let left = first * 64 + columns[first].trailingZeroBitCount
    let right = last * 64 + 64 - columns[last].leadingZeroBitCount
    return PixelRect(x: left, y: top, width: right - left, height: bottom - top)
  }

  var runs: [Run] {
    var runs: [Run] = []
    for y in 0..<height {
      let row = row(y)
      for i in 0..<words where row[i] != 0 {
        var rest = row[i]
        while rest != 0 {
          let start = rest.trailingZeroBitCount
          let end = start + (~(rest >> UInt64(start))).trailingZeroBitCount
          runs.append(Run(y: y, start: i * 64 + start, end: i * 64 + end))
          rest = end == 64 ? 0 : rest & (.max << UInt64(end))
        }
      }
    }
    return runs
  }

  // MARK: What hangs together

  /// What is set here and hangs together with what is also set in the seed.
  func reached(from seed: Bitmap, throughCorners: Bool = true) -> Bitmap {
    let out = and(seed)
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for y in 0..<height where spread(y, from: y - 1, of: out, throughCorners) { isGrowing = true }
      for y in (0..<height).reversed() where spread(y, from: y + 1, of: out, throughCorners) {
        isGrowing = true
      }
    }
    return out
  }

  /// Lets a row of `out` take in what touches its neighbour and lies in one run with it; whether it
  /// grew.
  private func spread(_ y: Int, from other: Int, of out: Bitmap, _ throughCorners: Bool) -> Bool {
    let mask = row(y), near = out.row(other), target = out.row(y)
    var grew = false
    var carry: UInt64 = 0
    for i in 0..<words {
      var bits = target[i] | near[i] | carry
      if throughCorners { bits |= Self.word(near, i, shift: 1) | Self.word(near, i, shift: -1) }
      bits &= mask[i]
      var open = mask[i]
      for step in [1, 2, 4, 8, 16, 32] as [UInt64] {
        bits |= open & bits << step
        open &= open << step
      }
      carry = bits >> 63
      if bits != target[i] {
        target[i] = bits
        grew = true
      }
    }
    carry = 0
    for i in (0..<words).reversed() {
      var bits = target[i] | (carry << 63 & mask[i])
      var open = mask[i]
      for step in [1, 2, 4, 8, 16, 32] as [UInt64] {
        bits |= open & bits >> step
        open &= open >> step
      }
      carry = bits & 1
      if bits != target[i] {
        target[i] = bits
        grew = true
      }
    }
    return grew
  }

  /// The pieces with at least so many pixels.
  func components(least: Int, throughCorners: Bool = true) -> [Bitmap] {
    var rest = self
    var components: [Bitmap] = []
    for y in 0..<height {
      for i in 0..<words {
        while rest.row(y)[i] != 0 {
          let seed = Bitmap(width: width, height: height)
          seed.row(y)[i] = rest.row(y)[i] & (0 &- rest.row(y)[i])
          let piece = rest.reached(from: seed, throughCorners: throughCorners)
          rest = rest.without(piece)
          if piece.population >= least { components.append(piece) }
        }
      }
    }
    return components
  }

  // MARK: Depth

  /// Steps away from a pixel, in rings of equal distance.
  private static let rings: [(square: Int, steps: [(x: Int, y: Int)])] = {
    var rings: [Int: [(x: Int, y: Int)]] = [:]
    for y in -4...4 {
      for x in -4...4 where 1...16 ~= x * x + y * y { rings[x * x + y * y, default: []].append((x, y)) }
    }
    return rings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }()

  /// How far the pixel that lies deepest is from the nearest one set in `outside`; at most `limit`,
  /// which is at most 4.
  func depth(from outside: Bitmap, limit: Double) -> Double {
    let left = without(outside)
    for ring in Self.rings {
      let distance = Double(ring.square).squareRoot()
      guard distance < limit else { break }
      for step in ring.steps {
        for y in 0..<height {
          let v = y + step.y
          guard v >= 0, v < height else { continue }
          let row = left.row(y), other = outside.row(v)
          for i in 0..<words { row[i] &= ~Self.word(other, i, shift: step.x) }
        }
      }
      if left.isEmpty { return distance }
    }
    return limit
  }

  /// The convex hull of what is set.
  var hull: Bitmap {
    let out = Bitmap(width: width, height: height)
    guard let box else { return out }
    var points: [(x: Int, y: Int)] = []
    for x in box.x..<box.maxX {
      for y in box.y..<box.maxY where isSet(x, y) { points.append((x, y)) }
    }
    // Andrew's monotone chain, the corners in order around the hull.
    func half(_ points: some Sequence<(x: Int, y: Int)>) -> [(x: Int, y: Int)] {
      var chain: [(x: Int, y: Int)] = []
      for p in points {
        while chain.count >= 2 {
          let a = chain[chain.count - 2], b = chain[chain.count - 1]
          if (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0 { break }
          chain.removeLast()
        }
        chain.append(p)
      }
      return chain.dropLast()
    }
    let corners = half(points) + half(points.reversed())
    for y in box.y..<box.maxY {
      for x in box.x..<box.maxX {
        let isInside = corners.indices.allSatisfy { i in
          let a = corners[i], b = corners[(i + 1) % corners.count]
          return (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) >= 0
        }
        if isInside { out.row(y)[x >> 6] |= 1 << UInt64(x & 63) }
      }
    }
    return out
  }
}
