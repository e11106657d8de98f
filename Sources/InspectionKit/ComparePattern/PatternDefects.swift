import VisionCore
import VisionImage

/// What a difference between a part and its reference is, by what it does to the nets.
enum PatternFlaw: String, Sendable {
  /// A net is parted.
  case open
  /// Two nets are joined.
  case short
  /// A hole within a net.
  case pinHole = "pin-hole"
  /// A piece that belongs to no net.
  case copper
  /// A bite out of an edge.
  case mouseBite = "mousebite"
  /// A tooth on an edge.
  case spur
}

/// Finds and names the places where the part's pattern is not that of its reference.
struct PatternDefects {
  let part: Bitmap
  let reference: Bitmap
  let known: Bitmap
  let leastArea: Int
  /// Pixels around the changed ones that the box takes in.
  let margin: Int
  let machine: Machine

  func find() -> [Defect] {
    let missing = reference.without(part).and(known)
    let extra = part.without(reference).and(known)
    let parts = part.inverted, references = reference.inverted
    return find(in: missing, part: part, reference: reference, isMissing: true)
      + find(in: extra, part: parts, reference: references, isMissing: false)
  }

  /// `part` and `reference` are told so that something is missing: inverted where it is too much.
  private func find(
    in changed: Bitmap, part: Bitmap, reference: Bitmap, isMissing: Bool
  ) -> [Defect] {
    // Strips along edges that are thinner than a small cross come from the picture, not the part.
    let seeds = changed.opened(square: false).or(changed.opened(square: true))
    let near = seeds.grown(square: true).grown(square: true)
    let kept = changed.openedByTwo.and(near)
    // What lies within eight pixels of each other is one flaw.
    var linked = kept
    for i in 0..<4 { linked = linked.grown(square: i % 2 == 0) }
    return Region(of: linked.mask.view.raster, on: machine).components(.eight).compactMap { region in
      var box = PixelRect(x: 0, y: 0, width: 0, height: 0)
      var area = 0
      for run in region.runs {
        for x in run.start..<run.end where kept.isSet(x, run.y) {
          area += 1
          box = box.union(PixelRect(x: x, y: run.y, width: 1, height: 1))
        }
      }
      guard area >= leastArea else { return nil }
      return defect(box, area, kept, part, reference, isMissing: isMissing)
    }
  }

  private func defect(
    _ box: PixelRect, _ area: Int, _ kept: Bitmap, _ part: Bitmap, _ reference: Bitmap,
    isMissing: Bool
  ) -> Defect? {
    let window = box.grown(by: 10).intersection(
      PixelRect(x: 0, y: 0, width: part.width, height: part.height))
    let topology = NetTopology(
      part: part, reference: reference, flaw: kept, box: box, window: window)
    let depth = topology.depth
    let flaw: PatternFlaw =
      if topology.parts {
        isMissing ? .open : .short
      } else if !topology.reachesOutside {
        isMissing ? .pinHole : .copper
      } else {
        isMissing ? .mouseBite : .spur
      }
    // At the picture's edge nothing tells a flaw from a line that was cut there, but its size.
    let touchesEdge =
      box.x <= 3 || box.y <= 3 || box.maxX >= part.width - 3 || box.maxY >= part.height - 3
    let isStrip = flaw == .mouseBite || flaw == .spur || flaw == .short
    if touchesEdge && depth < (isStrip ? 3 : 2) { return nil }
    let grown = PixelRect(
      x: box.x - margin, y: box.y - margin, width: box.width + 2 * margin - 1,
      height: box.height + 2 * margin - 1)
    return Defect(
      box: grown.intersection(PixelRect(x: 0, y: 0, width: part.width, height: part.height)),
      area: area, score: score(area, depth, flaw), kind: flaw.rawValue)
  }

  /// 1 for a bite of 25 pixels that is three pixels deep; a parted or joined net counts more than
  /// its size.
  private func score(_ area: Int, _ depth: Int, _ flaw: PatternFlaw) -> Double {
    let weight: Double =
      switch flaw {
      case .open, .short: 2
      case .copper, .pinHole: 1.5
      case .mouseBite, .spur: 1
      }
    let size = (Double(area) / Double(leastArea)).squareRoot()
    return 0.3 * size * weight * Double(depth + 1)
  }
}

/// What the loss of some pixels does to the nets around it, in a small window.
private struct NetTopology {
  /// A net is parted, or two gaps between nets are joined.
  let parts: Bool
  /// The gap between nets is reached from the flaw.
  let reachesOutside: Bool
  /// How far inside the flaw its innermost pixel lies.
  let depth: Int

  init(part: Bitmap, reference: Bitmap, flaw: Bitmap, box: PixelRect, window: PixelRect) {
    func grid(_ bitmap: Bitmap) -> Grid {
      Grid(window.width, window.height) { bitmap.isSet(window.x + $0, window.y + $1) }
    }
    let nets = grid(part), wanted = grid(reference)
    let inside = PixelRect(
      x: box.x - window.x, y: box.y - window.y, width: box.width, height: box.height)
    let changed = Grid(window.width, window.height) { x, y in
      inside.contains(x: x, y: y) && flaw.isSet(window.x + x, window.y + y)
    }
    depth = changed.depth
    // The gap that the flaw belongs to now, and which of the wanted gaps it reaches.
    let gap = nets.inverted.reached(from: changed)
    let gaps = wanted.inverted.components(least: 12)
    let reached = gaps.filter { $0.intersects(gap) }
    reachesOutside = !reached.isEmpty
    if reached.count >= 2 {
      parts = true
      return
    }
    // Pieces of a net that was one: those of some size beside the flaw, not enclosed by it. What
    // touches at a corner only is parted: the gap passes there.
    let touched = wanted.components(least: 1).filter { $0.intersects(changed) }
    // A bite like a C leaves an island that the hull takes in; a cut leaves a piece beside it.
    let hull = changed.hull
    var pieces = 0
    for net in touched {
      let left = net.intersection(nets).components(least: 15, throughCorners: false).filter { piece in
        piece.count(outside: hull) >= 15
      }
      pieces += max(0, left.count - 1)
    }
    parts = pieces >= 1
  }
}

/// A few hundred pixels of two levels, one byte each.
private struct Grid {
  let width: Int
  let height: Int
  private var cells: [Bool]

  init(_ width: Int, _ height: Int, _ isSet: (Int, Int) -> Bool) {
    self.width = width
    self.height = height
    cells = []
    cells.reserveCapacity(width * height)
    for y in 0..<height { for x in 0..<width { cells.append(isSet(x, y)) } }
  }

  private init(_ width: Int, _ height: Int, _ cells: [Bool]) {
    self.width = width
    self.height = height
    self.cells = cells
  }

  var inverted: Grid { Grid(width, height, cells.map { !$0 }) }
  func intersects(_ other: Grid) -> Bool { zip(cells, other.cells).contains { $0 && $1 } }
  func intersection(_ other: Grid) -> Grid {
    Grid(width, height, zip(cells, other.cells).map { $0 && $1 })
  }
  /// Cells that lie outside a convex polygon, its corners in order.
  func count(outside hull: [(x: Int, y: Int)]) -> Int {
    var count = 0
    for y in 0..<height {
      for x in 0..<width where cells[y * width + x] {
        let isOutside = hull.indices.contains { i in
          let a = hull[i], b = hull[(i + 1) % hull.count]
          return (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) < 0
        }
        if isOutside { count += 1 }
      }
    }
    return count
  }

  /// The corners of the convex hull of the cells that are set (Andrew's monotone chain).
  var hull: [(x: Int, y: Int)] {
    let points = (0..<width).flatMap { x in
      (0..<height).filter { cells[$0 * width + x] }.map { (x: x, y: $0) }
    }
    guard points.count > 2 else { return points }
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
    return half(points) + half(points.reversed())
  }

  /// The cells here that hang together (8 neighbours) with those of the seed that are set here.
  func reached(from seed: Grid) -> Grid {
    var found = [Bool](repeating: false, count: cells.count)
    var open = cells.indices.filter { cells[$0] && seed.cells[$0] }
    for i in open { found[i] = true }
    flood(&open, &found)
    return Grid(width, height, found)
  }

  /// Those with at least so many cells.
  func components(least: Int, throughCorners: Bool = true) -> [Grid] {
    var seen = [Bool](repeating: false, count: cells.count)
    var components: [Grid] = []
    for i in cells.indices where cells[i] && !seen[i] {
      var found = [Bool](repeating: false, count: cells.count)
      var open = [i]
      found[i] = true
      let size = flood(&open, &found, throughCorners: throughCorners)
      for j in found.indices where found[j] { seen[j] = true }
      if size >= least { components.append(Grid(width, height, found)) }
    }
    return components
  }

  @discardableResult
  private func flood(
    _ open: inout [Int], _ found: inout [Bool], throughCorners: Bool = true
  ) -> Int {
    var size = open.count
    while let i = open.popLast() {
      let x = i % width, y = i / width
      for v in max(0, y - 1)...min(height - 1, y + 1) {
        for u in max(0, x - 1)...min(width - 1, x + 1) {
          if !throughCorners && u != x && v != y { continue }
          let j = v * width + u
          if cells[j] && !found[j] {
            found[j] = true
            size += 1
            open.append(j)
          }
        }
      }
    }
    return size
  }

  /// How often it can be shrunk by a pixel all around before nothing is left.
  var depth: Int {
    var left = cells
    var depth = 0
    while true {
      var next = left
      var any = false
      for y in 0..<height {
        for x in 0..<width where left[y * width + x] {
          let isInner =
            x > 0 && y > 0 && x < width - 1 && y < height - 1 && left[y * width + x - 1]
            && left[y * width + x + 1] && left[(y - 1) * width + x] && left[(y + 1) * width + x]
          next[y * width + x] = isInner
          any = any || isInner
        }
      }
      if !any { return depth }
      depth += 1
      left = next
    }
  }
}
