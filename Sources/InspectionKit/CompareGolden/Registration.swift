import VisionImage

/// How a picture lies over its reference: reference(x, y) = (picture(x + dx, y + dy) - offset) / gain
struct Alignment: Sendable, Equatable {
  var dx = 0.0
  var dy = 0.0
  var gain = 1.0
  var offset = 0.0
}

/// Finds the shift, to fractions of a pixel, and the light between a picture and its reference.
///
/// First a search on quarter-size pictures for the shift with the best correlation, then a least
/// squares fit of shift, gain and offset on the reference's strongest edges, with little weight for
/// what does not fit (flaws).
struct Registration: Sendable {
  private struct Edge {
    let x: Int
    let y: Int
    let level: Double
    let slopeX: Double
    let slopeY: Double
  }

  private static let reduction = 4
  /// Edges that are used at the most; more do not make the fit better, only slower.
  private static let edgeLimit = 5000
  /// Grey values a pixel from which on a slope is an edge.
  private static let leastSlope = 8.0
  /// Grey values at which a residual counts half.
  private static let softness = 12.0

  private let width: Int
  private let height: Int
  private let range: Int
  private let small: Reduced
  private let edges: [Edge]

  /// `range` is the largest shift, in pixels; what is black in the mask is not looked at.
  init(reference: ImageView<UInt8>, range: Int, mask: Image<UInt8>? = nil) {
    width = reference.width
    height = reference.height
    self.range = range
    small = Reduced(reference, by: Self.reduction)
    edges = Self.findEdges(reference, margin: range + 3, mask)
  }

  /// False where nothing in the reference tells where it lies; the picture is then taken as it is.
  var hasStructure: Bool { edges.count >= 50 }

  func align(_ picture: ImageView<UInt8>) -> Alignment {
    let reduced = Reduced(picture, by: Self.reduction)
    guard hasStructure else {
      return Alignment(gain: reduced.gain(over: small))
    }
    let coarse = small.bestShift(of: reduced, range: (range + Self.reduction - 1) / Self.reduction)
    var alignment = Alignment(
      dx: Double(coarse.x * Self.reduction), dy: Double(coarse.y * Self.reduction))
    picture.withRows { rows in
      for _ in 0..<8 where refine(&alignment, rows) > 0.003 {}
    }
    // A fit that ran away says nothing; what the search found does.
    let limit = Double(range + Self.reduction)
    if abs(alignment.dx) > limit || abs(alignment.dy) > limit
      || !(0.3...3).contains(alignment.gain)
    {
      return Alignment(
        dx: Double(coarse.x * Self.reduction), dy: Double(coarse.y * Self.reduction),
        gain: reduced.gain(over: small))
    }
    return alignment
  }

  /// Every so many of the edges that the mask shows, so that there are not many more than the limit.
  private static func findEdges(
    _ image: ImageView<UInt8>, margin: Int, _ mask: Image<UInt8>?
  ) -> [Edge] {
    // Counted first: all of a large picture's edges would take more memory than the picture.
    var count = 0
    forEachEdge(image, margin, mask) { _, _, _, _, _ in count += 1 }
    let step = max(1, count / edgeLimit)
    var edges: [Edge] = []
    edges.reserveCapacity(count / step + 1)
    var number = 0
    forEachEdge(image, margin, mask) { x, y, level, slopeX, slopeY in
      if number % step == 0 {
        edges.append(
          Edge(
            x: x, y: y, level: Double(level), slopeX: Double(slopeX) / 2,
            slopeY: Double(slopeY) / 2))
      }
      number += 1
    }
    return edges
  }

  /// Slopes are differences over two pixels.
  @inline(__always)
  private static func forEachEdge(
    _ image: ImageView<UInt8>, _ margin: Int, _ mask: Image<UInt8>?,
    _ body: (_ x: Int, _ y: Int, _ level: UInt8, _ slopeX: Int32, _ slopeY: Int32) -> Void
  ) {
    guard image.width > 2 * margin + 2, image.height > 2 * margin + 2 else { return }
    let least = Int32(2 * leastSlope)
    image.withRows { rows in
      for y in margin..<image.height - margin {
        let upper = rows[y - 1], row = rows[y], lower = rows[y + 1]
        for x in margin..<image.width - margin {
          let slopeX = Int32(row[x + 1]) - Int32(row[x - 1])
          let slopeY = Int32(lower[x]) - Int32(upper[x])
          guard abs(slopeX) + abs(slopeY) >= least else { continue }
          if let mask, mask.view.withRows({ $0[y][x] == 0 }) { continue }
          body(x, y, row[x], slopeX, slopeY)
        }
      }
    }
  }

  /// One step of the fit; answers how far the shift moved.
  private func refine(_ a: inout Alignment, _ rows: PixelRows<UInt8>) -> Double {
    // picture(x + dx) = gain * reference(x) + offset; moving the shift by (u, v) changes the left
    // side by gain * slope · (u, v). Unknowns: u, v, gain, offset.
    var normal = [Double](repeating: 0, count: 16)
    var right = [Double](repeating: 0, count: 4)
    for edge in edges {
      let x = Double(edge.x) + a.dx, y = Double(edge.y) + a.dy
      let left = Int(x.rounded(.down)), top = Int(y.rounded(.down))
      guard left >= 0, top >= 0, left + 1 < width, top + 1 < height else { continue }
      let fx = x - Double(left), fy = y - Double(top)
      let upper = rows[top], lower = rows[top + 1]
      let p0 = Double(upper[left]) * (1 - fx) + Double(upper[left + 1]) * fx
      let p1 = Double(lower[left]) * (1 - fx) + Double(lower[left + 1]) * fx
      let seen = p0 * (1 - fy) + p1 * fy
      let residual = a.gain * edge.level + a.offset - seen
      let ratio = residual / Self.softness
      let weight = 1 / (1 + ratio * ratio)
      let row = (a.gain * edge.slopeX, a.gain * edge.slopeY, -edge.level, -1.0)
      let terms = [row.0, row.1, row.2, row.3]
      for i in 0..<4 {
        for j in 0..<4 { normal[4 * i + j] += weight * terms[i] * terms[j] }
        right[i] += weight * terms[i] * residual
      }
    }
    guard let step = Self.solve(&normal, &right) else { return 0 }
    a.dx += max(-2, min(2, step[0]))
    a.dy += max(-2, min(2, step[1]))
    a.gain += step[2]
    a.offset += step[3]
    return abs(step[0]) + abs(step[1])
  }

  /// Four equations by elimination with pivots; nil where they do not determine the unknowns.
  private static func solve(_ m: inout [Double], _ b: inout [Double]) -> [Double]? {
    for i in 0..<4 {
      var pivot = i
      for r in i + 1..<4 where abs(m[4 * r + i]) > abs(m[4 * pivot + i]) { pivot = r }
      guard abs(m[4 * pivot + i]) > 1e-9 else { return nil }
      if pivot != i {
        for c in 0..<4 { m.swapAt(4 * i + c, 4 * pivot + c) }
        b.swapAt(i, pivot)
      }
      for r in 0..<4 where r != i {
        let factor = m[4 * r + i] / m[4 * i + i]
        for c in i..<4 { m[4 * r + c] -= factor * m[4 * i + c] }
        b[r] -= factor * b[i]
      }
    }
    return (0..<4).map { b[$0] / m[5 * $0] }
  }
}

/// A picture made smaller by means of blocks.
private struct Reduced: Sendable {
  let width: Int
  let height: Int
  let values: [Float]

  init(_ image: ImageView<UInt8>, by factor: Int) {
    let width = max(1, image.width / factor), height = max(1, image.height / factor)
    var values = [Float](repeating: 0, count: width * height)
    let blockWidth = min(factor, image.width), blockHeight = min(factor, image.height)
    image.withRows { rows in
      for y in 0..<height {
        for dy in 0..<blockHeight {
          let row = rows[y * factor + dy]
          for x in 0..<width {
            var sum: Int32 = 0
            for dx in 0..<blockWidth { sum += Int32(row[x * factor + dx]) }
            values[y * width + x] += Float(sum)
          }
        }
      }
    }
    self.width = width
    self.height = height
    let pixels = Float(blockWidth * blockHeight)
    for i in values.indices { values[i] /= pixels }
    self.values = values
  }

  /// The shift of `other` within the range whose overlap correlates best.
  func bestShift(of other: Reduced, range: Int) -> (x: Int, y: Int) {
    var best = (x: 0, y: 0, score: -Float.infinity)
    for dy in -range...range {
      for dx in -range...range {
        let score = correlation(other, dx, dy) - 1e-4 * Float(dx * dx + dy * dy)
        if score > best.score { best = (dx, dy, score) }
      }
    }
    return (best.x, best.y)
  }

  private func correlation(_ other: Reduced, _ dx: Int, _ dy: Int) -> Float {
    let columns = max(0, -dx)..<min(width, other.width - dx)
    let rows = max(0, -dy)..<min(height, other.height - dy)
    guard columns.count > width / 4, rows.count > height / 4 else { return -1 }
    var sa: Float = 0, sb: Float = 0, saa: Float = 0, sbb: Float = 0, sab: Float = 0
    values.withUnsafeBufferPointer { p in
      other.values.withUnsafeBufferPointer { q in
        for y in rows {
          let a = p.baseAddress! + y * width, b = q.baseAddress! + (y + dy) * other.width + dx
          for x in columns {
            let u = a[x] - 128, v = b[x] - 128
            sa += u
            sb += v
            saa += u * u
            sbb += v * v
            sab += u * v
          }
        }
      }
    }
    let n = Float(columns.count * rows.count)
    let covariance = sab - sa * sb / n
    let spread = (saa - sa * sa / n) * (sbb - sb * sb / n)
    return spread > 0 ? covariance / spread.squareRoot() : 0
  }

  /// How much brighter this is than `reference`, by least squares.
  func gain(over reference: Reduced) -> Double {
    var both = 0.0, square = 0.0
    for (a, b) in zip(reference.values, values) {
      both += Double(a) * Double(b)
      square += Double(a) * Double(a)
    }
    return square > 0 ? both / square : 1
  }
}
