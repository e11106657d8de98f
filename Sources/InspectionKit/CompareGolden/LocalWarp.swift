import VisionImage

/// Follows what lies a little elsewhere in each place of a part: foils, cloth, rubber, prints that the
/// paper drew. A shift is fitted around every node of a grid, nodes without edges follow their
/// neighbours, and between nodes the shift is linear.
struct LocalWarp: Sendable {
  /// Pixels from one node to the next, and from a node to the side of its window.
  private static let spacing = 32
  private static let window = 28
  /// Grey values a pixel from which on a slope is an edge.
  private static let leastSlope = 6
  /// Edge points of a window that are used at the most, and that tell something at the least.
  private static let most = 240
  private static let least = 16
  /// Grey values at which a residual counts half.
  private static let softness: Float = 12
  /// How often a node is blended with its neighbours.
  private static let blends = 2

  private struct Edge {
    let x: Int32
    let y: Int32
    let level: Float
    let slopeX: Float
    let slopeY: Float
  }

  private struct Node {
    var dx: Float = 0
    var dy: Float = 0
    /// How much the window says about its shift.
    var weight: Float = 0
  }

  private let reach: Int
  private let width: Int
  private let height: Int
  private let columns: Int
  private let rows: Int
  /// The edge points of every node's window.
  private let edges: [[Edge]]

  /// `reach` is the largest shift that is followed, in pixels.
  init(reference: Image<UInt8>, reach: Int) {
    self.reach = reach
    width = reference.width
    height = reference.height
    let columns = (width - 1) / Self.spacing + 2, rows = (height - 1) / Self.spacing + 2
    self.columns = columns
    self.rows = rows
    edges = reference.view.withRows { pixels in
      (0..<rows * columns).map { i in
        Self.edges(
          pixels, around: (i % columns * Self.spacing, i / columns * Self.spacing),
          size: (reference.width, reference.height))
      }
    }
  }

  private static func edges(
    _ pixels: PixelRows<UInt8>, around centre: (x: Int, y: Int), size: (width: Int, height: Int)
  ) -> [Edge] {
    var edges: [Edge] = []
    let columns = max(1, centre.x - window)..<max(1, min(size.width - 1, centre.x + window + 1))
    let rows = max(1, centre.y - window)..<max(1, min(size.height - 1, centre.y + window + 1))
    for y in rows {
      let row = pixels[y], above = pixels[y - 1], below = pixels[y + 1]
      for x in columns {
        let u = Int(row[x + 1]) - Int(row[x - 1]), v = Int(below[x]) - Int(above[x])
        guard abs(u) + abs(v) >= 2 * leastSlope else { continue }
        edges.append(
          Edge(
            x: Int32(x), y: Int32(y), level: Float(row[x]), slopeX: Float(u) / 2,
            slopeY: Float(v) / 2))
      }
    }
    let step = max(1, (edges.count + most - 1) / most)
    return stride(from: 0, to: edges.count, by: step).map { edges[$0] }
  }

  /// The picture as it would be had every place lain where the reference shows it.
  func warped(_ picture: Image<UInt8>) -> Image<UInt8> {
    let nodes = smoothed(picture.view.withRows { rows in edges.map { node($0, rows) } })
    var out = Image<UInt8>(uninitializedWidth: width, height: height)
    picture.view.withRows { rows in
      out.withMutableView { out in
        for y in 0..<height {
          let row = out.row(y)
          let upper = y / Self.spacing * columns
          let v = Float(y % Self.spacing) / Float(Self.spacing)
          for x in 0..<width {
            let i = upper + x / Self.spacing
            let u = Float(x % Self.spacing) / Float(Self.spacing)
            let (a, b) = (nodes[i], nodes[i + 1])
            let (c, d) = (nodes[i + columns], nodes[i + columns + 1])
            let dx = (1 - v) * ((1 - u) * a.dx + u * b.dx) + v * ((1 - u) * c.dx + u * d.dx)
            let dy = (1 - v) * ((1 - u) * a.dy + u * b.dy) + v * ((1 - u) * c.dy + u * d.dy)
            row[x] = UInt8(level(rows, Float(x) + dx, Float(y) + dy) + 0.5)
          }
        }
      }
    }
    return out
  }

  /// The level between four pixels; beyond the edges the outermost go on.
  @inline(__always)
  private func level(_ rows: PixelRows<UInt8>, _ x: Float, _ y: Float) -> Float {
    let x = max(0, min(Float(width - 1), x)), y = max(0, min(Float(height - 1), y))
    let left = Int(x), top = Int(y)
    let right = min(left + 1, width - 1), bottom = min(top + 1, height - 1)
    let fx = x - Float(left), fy = y - Float(top)
    let upper = Float(rows[top][left]) * (1 - fx) + Float(rows[top][right]) * fx
    let lower = Float(rows[bottom][left]) * (1 - fx) + Float(rows[bottom][right]) * fx
    return upper * (1 - fy) + lower * fy
  }

  /// The shift of one window: the best whole one, then by least squares on its edges, with little
  /// weight for what does not fit.
  private func node(_ edges: [Edge], _ rows: PixelRows<UInt8>) -> Node {
    guard edges.count >= Self.least else { return Node() }
    var node = start(edges, rows)
    for _ in 0..<6 {
      // A little resistance keeps still what no edge holds.
      let resistance = Float(edges.count)
      var xx = resistance, xy: Float = 0, yy = resistance, bx: Float = 0, by: Float = 0
      for edge in edges {
        let seen = level(rows, Float(edge.x) + node.dx, Float(edge.y) + node.dy)
        let residual = edge.level - seen
        let ratio = residual / Self.softness
        let weight = 1 / (1 + ratio * ratio)
        xx += weight * edge.slopeX * edge.slopeX
        xy += weight * edge.slopeX * edge.slopeY
        yy += weight * edge.slopeY * edge.slopeY
        bx += weight * edge.slopeX * residual
        by += weight * edge.slopeY * residual
      }
      let determinant = xx * yy - xy * xy
      let dx = (yy * bx - xy * by) / determinant, dy = (xx * by - xy * bx) / determinant
      let limit = Float(reach)
      node.dx = max(-limit, min(limit, node.dx + max(-1, min(1, dx))))
      node.dy = max(-limit, min(limit, node.dy + max(-1, min(1, dy))))
      node.weight = determinant / (xx + yy)
      if abs(dx) + abs(dy) < 0.01 { break }
    }
    return node
  }

  private func start(_ edges: [Edge], _ rows: PixelRows<UInt8>) -> Node {
    var best = Node()
    var least = Float.infinity
    for dy in -reach...reach {
      for dx in -reach...reach {
        var sum = Float(edges.count * (abs(dx) + abs(dy))) * 0.5
        for edge in edges {
          let x = max(0, min(width - 1, Int(edge.x) + dx))
          let y = max(0, min(height - 1, Int(edge.y) + dy))
          sum += min(60, abs(edge.level - Float(rows[y][x])))
        }
        if sum < least {
          least = sum
          best = Node(dx: Float(dx), dy: Float(dy))
        }
      }
    }
    return best
  }

  /// Every node between itself and its neighbours, by what their windows say; those that say nothing
  /// take their neighbours' over, from near to far.
  private func smoothed(_ nodes: [Node]) -> [Node] {
    var nodes = nodes
    for pass in 0..<max(Self.blends, min(columns, rows) / 2) {
      let old = nodes
      for y in 0..<rows {
        for x in 0..<columns {
          let own = old[y * columns + x]
          guard pass < Self.blends || own.weight == 0 else { continue }
          // What is sure of itself stays.
          var dx = 4 * own.weight * own.dx, dy = 4 * own.weight * own.dy, sum = 4 * own.weight
          for (u, v) in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
          where u >= 0 && v >= 0 && u < columns && v < rows {
            let near = old[v * columns + u]
            dx += near.weight * near.dx
            dy += near.weight * near.dy
            sum += near.weight
          }
          guard sum > 0 else { continue }
          nodes[y * columns + x].dx = dx / sum
          nodes[y * columns + x].dy = dy / sum
          // A weight that came from neighbours counts little against one that was seen.
          nodes[y * columns + x].weight = max(own.weight, sum * 0.01)
        }
      }
    }
    return nodes
  }
}
