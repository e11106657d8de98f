import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Saddle points of one picture joined to a grid of known size.
struct SaddleGrid {
  enum Finding {
    case grid([PixelPoint])
    case partial(columns: Int, rows: Int, corners: Int)
    case larger(columns: Int, rows: Int, corners: Int)
    case nothing(points: Int)

    var corners: Int {
      switch self {
      case .grid(let corners): corners.count
      case .partial(_, _, let corners), .larger(_, _, let corners): corners
      case .nothing: 0
      }
    }
    var words: String {
      switch self {
      case .grid(let corners): "\(corners.count) corners"
      case .partial(let columns, let rows, let corners):
        "only \(corners) corners of it are seen, within \(columns)x\(rows)"
      case .larger(let columns, let rows, let corners):
        "the board has more, \(corners) corners within \(columns)x\(rows)"
      case .nothing(let points): "\(points) corner-like places and no grid among them"
      }
    }
  }

  private struct Cell: Hashable {
    var i: Int
    var j: Int
    /// To the right, down, to the left, up.
    func neighbour(_ direction: Int) -> Cell {
      switch direction {
      case 0: Cell(i: i + 1, j: j)
      case 1: Cell(i: i, j: j + 1)
      case 2: Cell(i: i - 1, j: j)
      default: Cell(i: i, j: j - 1)
      }
    }
  }

  private let plane: GreyPlane
  private let columns: Int
  private let rows: Int
  private let points: [SaddlePoint]

  init(plane: GreyPlane, columns: Int, rows: Int) {
    self.plane = plane
    self.columns = columns
    self.rows = rows
    points = SaddlePoint.all(in: plane, limit: 20 * columns * rows + 500)
  }

  func find() -> Finding {
    var taken = Set<Int>()
    var best = Finding.nothing(points: points.count)
    for seed in points.indices where !taken.contains(seed) {
      let grown = grow(from: seed)
      guard grown.count >= 4 else { continue }
      taken.formUnion(grown.values)
      var positions = grown.mapValues { points[$0].position }
      trim(&positions)
      complete(&positions)
      let finding = judge(positions)
      if case .grid = finding { return finding }
      if finding.corners > best.corners { best = finding }
    }
    return best
  }

  /// From one point along the edges to the next ones, and on from there.
  private func grow(from seed: Int) -> [Cell: Int] {
    var cells = [Cell(i: 0, j: 0): seed]
    // The edge of each point that runs to the right in the grid.
    var rightEdge = [seed: 0]
    var queue = [Cell(i: 0, j: 0)]
    var used: Set<Int> = [seed]
    var next = 0
    while next < queue.count {
      let cell = queue[next]
      next += 1
      guard let own = cells[cell], let right = rightEdge[own] else { continue }
      for direction in 0..<4 {
        let target = cell.neighbour(direction)
        guard cells[target] == nil else { continue }
        let expected = step(from: cell, direction, cells)
        guard
          let (found, back) = neighbour(of: own, along: (right + direction) % 4, expected: expected),
          !used.contains(found)
        else { continue }
        cells[target] = found
        used.insert(found)
        // Going on in the same direction from there is opposite to the edge that leads back.
        rightEdge[found] = (back + 2 - direction + 4) % 4
        queue.append(target)
      }
    }
    return cells
  }

  /// How far it should be to the next corner: as far as from the one before, or as beside.
  private func step(from cell: Cell, _ direction: Int, _ cells: [Cell: Int]) -> (x: Double, y: Double)? {
    func difference(_ a: Cell, _ b: Cell) -> (x: Double, y: Double)? {
      guard let p = cells[a], let q = cells[b] else { return nil }
      let (from, to) = (points[p].position, points[q].position)
      return (to.x - from.x, to.y - from.y)
    }
    let steps = [
      difference(cell.neighbour((direction + 2) % 4), cell),
      difference(cell.neighbour((direction + 1) % 4), cell.neighbour((direction + 1) % 4).neighbour(direction)),
      difference(cell.neighbour((direction + 3) % 4), cell.neighbour((direction + 3) % 4).neighbour(direction)),
    ].compactMap { $0 }
    guard !steps.isEmpty else { return nil }
    let n = Double(steps.count)
    return (steps.reduce(0) { $0 + $1.x } / n, steps.reduce(0) { $0 + $1.y } / n)
  }

  /// The nearest point along an edge that has the same fields beside that edge.
  private func neighbour(
    of own: Int, along edge: Int, expected: (x: Double, y: Double)?
  ) -> (point: Int, back: Int)? {
    let p = points[own], direction = p.edges[edge]
    var best: (point: Int, back: Int, distance: Double)?
    for (index, q) in points.enumerated() where index != own {
      let dx = q.position.x - p.position.x, dy = q.position.y - p.position.y
      let distance = hypot(dx, dy)
      if distance < 4 || distance >= best?.distance ?? .infinity { continue }
      // Perspective changes a step by less than this from one square to the next.
      if let expected,
        hypot(dx - expected.x, dy - expected.y) > 0.4 * hypot(expected.x, expected.y)
      { continue }
      let heading = atan2(dy, dx)
      guard SaddlePoint.difference(heading, direction) < 0.35,
        q.contrast < 3 * p.contrast, p.contrast < 3 * q.contrast,
        let back = q.edge(towards: heading + .pi),
        q.brightAfter[(back + 3) % 4] == p.brightAfter[edge],
        isEdge(from: p, to: q.position, bright: p.brightAfter[edge])
      else { continue }
      best = (index, back, distance)
    }
    return best.map { ($0.point, $0.back) }
  }

  /// Whether the fields on both sides differ all the way: corners of a code inside a square, or of
  /// something behind the board, are not joined to the board's by an edge.
  private func isEdge(from p: SaddlePoint, to end: PixelPoint, bright: Bool) -> Bool {
    let dx = end.x - p.position.x, dy = end.y - p.position.y, distance = hypot(dx, dy)
    let aside = min(3, 0.2 * distance) / distance
    return [0.25, 0.5, 0.75].allSatisfy { t in
      let x = p.position.x + t * dx, y = p.position.y + t * dy
      let step = plane.sample(x - aside * dy, y + aside * dx)
        - plane.sample(x + aside * dy, y - aside * dx)
      return (bright ? step : -step) > 0.2 * p.contrast
    }
  }

  private func extent(_ cells: [Cell: PixelPoint]) -> (i: ClosedRange<Int>, j: ClosedRange<Int>) {
    let i = cells.keys.map(\.i), j = cells.keys.map(\.j)
    return ((i.min() ?? 0)...(i.max() ?? 0), (j.min() ?? 0)...(j.max() ?? 0))
  }

  private func fits(_ i: ClosedRange<Int>, _ j: ClosedRange<Int>) -> Bool {
    (i.count <= columns && j.count <= rows) || (i.count <= rows && j.count <= columns)
  }

  /// A few corners beside a board belong to something else: a code in a square, or what lies behind.
  private func trim(_ cells: inout [Cell: PixelPoint]) {
    let (i, j) = extent(cells)
    guard !fits(i, j), cells.count > columns * rows / 2 else { return }
    var best: (inside: [Cell: PixelPoint], count: Int) = ([:], 0)
    for (w, h) in columns == rows ? [(columns, rows)] : [(columns, rows), (rows, columns)] {
      for top in j.lowerBound...max(j.lowerBound, j.upperBound - h + 1) {
        for left in i.lowerBound...max(i.lowerBound, i.upperBound - w + 1) {
          let inside = cells.filter {
            $0.key.i >= left && $0.key.i < left + w && $0.key.j >= top && $0.key.j < top + h
          }
          if inside.count > best.count { best = (inside, inside.count) }
        }
      }
    }
    // Half a row of a larger board is no accident.
    if 2 * (cells.count - best.count) < min(columns, rows) { cells = best.inside }
  }

  /// Corners that were too weak to be found alone are looked for where the others say they are.
  private func complete(_ cells: inout [Cell: PixelPoint]) {
    guard cells.count >= columns * rows / 2, cells.count < columns * rows else { return }
    var changed = true
    while changed && cells.count < columns * rows {
      changed = false
      let open = Set(cells.keys.flatMap { cell in (0..<4).map { cell.neighbour($0) } })
        .subtracting(cells.keys).sorted { ($0.j, $0.i) < ($1.j, $1.i) }
      for cell in open {
        let (i, j) = extent(cells)
        let wider = (min(i.lowerBound, cell.i)...max(i.upperBound, cell.i))
        let taller = (min(j.lowerBound, cell.j)...max(j.upperBound, cell.j))
        guard fits(wider, taller), let (place, spacing) = prediction(cell, cells),
          let refined = SaddlePoint.refined(plane, place),
          hypot(refined.x - place.x, refined.y - place.y) < 0.25 * spacing,
          SaddlePoint(plane, at: refined, strength: 0, radius: min(4.5, 0.5 * spacing)) != nil
        else { continue }
        cells[cell] = refined
        changed = true
      }
    }
  }

  /// Where a corner must be for its neighbours' sake: as far beyond one as that is from the next.
  private func prediction(
    _ cell: Cell, _ cells: [Cell: PixelPoint]
  ) -> (PixelPoint, spacing: Double)? {
    var sum = (x: 0.0, y: 0.0), spacing = 0.0, count = 0.0
    for direction in 0..<4 {
      let near = cell.neighbour(direction)
      guard let a = cells[near], let b = cells[near.neighbour(direction)] else { continue }
      sum.x += 2 * a.x - b.x
      sum.y += 2 * a.y - b.y
      spacing += hypot(a.x - b.x, a.y - b.y)
      count += 1
    }
    guard count > 0 else { return nil }
    return (PixelPoint(x: sum.x / count, y: sum.y / count), spacing / count)
  }

  private func judge(_ cells: [Cell: PixelPoint]) -> Finding {
    let (i, j) = extent(cells)
    if fits(i, j), cells.count == columns * rows, isFlat(rowByRow(cells, i, j)) { return .grid(rowByRow(cells, i, j)) }
    let whole = windows(cells, i, j).filter { isFlat(rowByRow(cells, $0.0, $0.1)) }
    if whole.count == 1, let (wi, wj) = whole.first { return .grid(rowByRow(cells, wi, wj)) }
    let isTurned = (i.count > j.count) != (columns > rows)
    let (width, height) = isTurned ? (j.count, i.count) : (i.count, j.count)
    return whole.isEmpty
      ? .partial(columns: width, rows: height, corners: cells.count)
      : .larger(columns: width, rows: height, corners: cells.count)
  }

  /// Whether corners lie as those of a flat board seen through a lens do: no farther from their
  /// places under a projective map than a fraction of a square.
  private func isFlat(_ grid: [PixelPoint]) -> Bool {
    let ideal = grid.indices.map { (x: Double($0 % columns), y: Double($0 / columns)) }
    guard let map = Homography(from: grid.map { ($0.x, $0.y) }, to: ideal) else { return false }
    return zip(grid, ideal).allSatisfy { p, q in
      let back = map.map(p.x, p.y)
      return hypot(back.x - q.x, back.y - q.y) < 0.35
    }
  }

  /// Every place where a whole grid of the right size lies in a larger one.
  private func windows(
    _ cells: [Cell: PixelPoint], _ i: ClosedRange<Int>, _ j: ClosedRange<Int>
  ) -> [(ClosedRange<Int>, ClosedRange<Int>)] {
    var found: [(ClosedRange<Int>, ClosedRange<Int>)] = []
    for (w, h) in columns == rows ? [(columns, rows)] : [(columns, rows), (rows, columns)]
    where i.count >= w && j.count >= h {
      for top in j.lowerBound...j.upperBound - h + 1 {
        for left in i.lowerBound...i.upperBound - w + 1 {
          let wi = left...left + w - 1, wj = top...top + h - 1
          let isWhole = wj.allSatisfy { y in wi.allSatisfy { cells[Cell(i: $0, j: y)] != nil } }
          if isWhole { found.append((wi, wj)) }
        }
      }
    }
    return found
  }

  /// In rows of `columns`; directions turn the same way as x to y, so nothing is mirrored.
  private func rowByRow(
    _ cells: [Cell: PixelPoint], _ i: ClosedRange<Int>, _ j: ClosedRange<Int>
  ) -> [PixelPoint] {
    if i.count == columns {
      return j.flatMap { y in i.compactMap { cells[Cell(i: $0, j: y)] } }
    }
    return i.reversed().flatMap { x in j.compactMap { cells[Cell(i: x, j: $0)] } }
  }
}
