import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Points joined to a lattice, and the lattice to the rows of a plate of discs.
struct LatticeGrid {
  let target: CalibrationTarget
  let points: [PixelPoint]

  private struct Cell: Hashable {
    let i: Int
    let j: Int
  }

  /// Indices of the points in the plate's order; nil where they are not just such a plate.
  func find(from seed: Int) -> [Int]? {
    guard let cells = grow(from: seed), cells.count >= target.count else { return nil }
    // A plate of staggered rows has its lattice along the diagonals.
    let isStaggered = target.pattern == .asymmetricCircles
    let places = isStaggered
      ? Dictionary(uniqueKeysWithValues: cells.map { (Cell(i: $0.i - $0.j, j: $0.i + $0.j), $1) })
      : cells
    // Quarter turns only: a lattice that turns from x to y as the plate does is never mirrored.
    for turn in 0..<4 {
      var turned: [Cell: Int] = [:]
      for (cell, index) in places {
        var (i, j) = (cell.i, cell.j)
        for _ in 0..<turn { (i, j) = (-j, i) }
        turned[Cell(i: i, j: j)] = index
      }
      guard let left = turned.keys.map(\.i).min(), let top = turned.keys.map(\.j).min() else { continue }
      let wanted = (0..<target.count).map { index in
        let row = index / target.columns, column = index % target.columns
        return Cell(i: left + (isStaggered ? 2 * column + row % 2 : column), j: top + row)
      }
      let found = wanted.compactMap { turned[$0] }
      if found.count == target.count, cells.count == target.count { return upright(found) }
    }
    return nil
  }

  /// The same points as a mirror shows them.
  var mirrored: LatticeGrid {
    LatticeGrid(target: target, points: points.map { PixelPoint(x: -$0.x, y: $0.y) })
  }

  /// A plate that looks the same turned by half starts at the upper left.
  private func upright(_ grid: [Int]) -> [Int] {
    // An odd number of staggered rows tells its ends apart, an even one does not.
    let isSymmetric = target.pattern == .circles || target.rows % 2 == 0
    guard isSymmetric, let first = grid.first, let last = grid.last else { return grid }
    return (points[first].y, points[first].x) <= (points[last].y, points[last].x)
      ? grid : Array(grid.reversed())
  }

  private func grow(from seed: Int) -> [Cell: Int]? {
    let origin = points[seed]
    let near = points.indices.filter { $0 != seed }.sorted {
      distance(points[$0], origin) < distance(points[$1], origin)
    }
    guard let first = near.first else { return nil }
    let a = difference(points[first], origin)
    // The second axis: the nearest that is not along the first, on the side to which x turns to y.
    guard
      let second = near.prefix(8).first(where: {
        let b = difference(points[$0], origin)
        return a.x * b.y - a.y * b.x > 0.5 * hypot(a.x, a.y) * hypot(b.x, b.y)
      })
    else { return nil }
    let b = difference(points[second], origin)
    var cells = [Cell(i: 0, j: 0): seed]
    var axes = [seed: (a, b)]
    var used: Set<Int> = [seed], queue = [Cell(i: 0, j: 0)], next = 0
    while next < queue.count {
      let cell = queue[next]
      next += 1
      guard let own = cells[cell], let (a, b) = axes[own] else { continue }
      for (di, dj) in [(1, 0), (0, 1), (-1, 0), (0, -1)] {
        let step = di != 0 ? a : b, sign = Double(di + dj)
        let target = Cell(i: cell.i + di, j: cell.j + dj)
        guard cells[target] == nil else { continue }
        let place = PixelPoint(x: points[own].x + sign * step.x, y: points[own].y + sign * step.y)
        guard
          let found = points.indices.filter({ !used.contains($0) })
            .min(by: { distance(points[$0], place) < distance(points[$1], place) }),
          distance(points[found], place) < 0.3 * hypot(step.x, step.y)
        else { continue }
        let seen = difference(points[found], points[own])
        let renewed = (x: sign * seen.x, y: sign * seen.y)
        cells[target] = found
        used.insert(found)
        axes[found] = di != 0 ? (renewed, b) : (a, renewed)
        queue.append(target)
      }
    }
    return cells
  }

  private func difference(_ p: PixelPoint, _ q: PixelPoint) -> (x: Double, y: Double) {
    (p.x - q.x, p.y - q.y)
  }
  private func distance(_ p: PixelPoint, _ q: PixelPoint) -> Double { hypot(p.x - q.x, p.y - q.y) }
}
