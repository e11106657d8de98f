import VisionImage

/// An outline of a region from border pixel to border pixel.
public struct PixelChain: Sendable, Hashable {
  /// The first pixel of it in raster order, for a hole the one left of it.
  public let start: GridPoint
  /// The way from pixel to pixel and back to the first: eighths of a turn anticlockwise from the x
  /// axis, as seen on the screen (Freeman's code). Empty for a single pixel.
  public let steps: [UInt8]
  /// Whether it runs around enclosed ground; such a chain goes clockwise, an outer one
  /// anticlockwise.
  public let isHole: Bool

  /// Each pixel as often as the outline passes it.
  public var pixels: [GridPoint] {
    var here = start, pixels = [start]
    for step in steps.dropLast() {
      here = here + Self.offsets[Int(step)]
      pixels.append(here)
    }
    return pixels
  }

  /// Steps of 1 and √2.
  public var length: Double {
    steps.reduce(0.0) { $0 + ($1 % 2 == 0 ? 1 : 2.0.squareRoot()) }
  }

  /// Right, up right, up, …: anticlockwise on the screen.
  static let offsets = [
    (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1),
  ].map { GridPoint(x: $0.0, y: $0.1) }
}

extension Region {
  /// All outlines, in the raster order in which they are met: border following after Suzuki and Abe
  /// (1985). `connectivity` is that of the region's pixels.
  public func chains(_ connectivity: Connectivity) -> [PixelChain] {
    guard !isEmpty else { return [] }
    let box = box
    let width = box.width + 2, height = box.height + 2
    // 0 ground, 1 region, 2 border seen, 3 border seen whose right side is ground that was passed.
    var marks = [UInt8](repeating: 0, count: width * height)
    for run in runs {
      let row = (run.y - box.y + 1) * width - box.x + 1
      for x in run.start..<run.end { marks[row + x] = 1 }
    }
    let stride = connectivity == .eight ? 1 : 2
    let jumps = PixelChain.offsets.map { $0.y * width + $0.x }

    func follow(from first: Int, ground: Int, isHole: Bool) -> PixelChain {
      let start = GridPoint(x: first % width + box.x - 1, y: first / width + box.y - 1)
      // Clockwise from the ground that was met: the pixel before the first.
      var before = -1
      for turn in 1...8 where before < 0 && turn % stride == 0 {
        let way = (ground - turn + 16) % 8
        if marks[first + jumps[way]] != 0 { before = way }
      }
      guard before >= 0 else {
        marks[first] = 3
        return PixelChain(start: start, steps: [], isHole: isHole)
      }
      let last = first + jumps[before]
      var steps: [UInt8] = []
      var here = first, from = before
      while true {
        var passedRight = false
        var way = from
        repeat {
          way = (way + stride) % 8
          if way == 0 && marks[here + 1] == 0 { passedRight = true }
        } while marks[here + jumps[way]] == 0
        if passedRight {
          marks[here] = 3
        } else if marks[here] == 1 {
          marks[here] = 2
        }
        let next = here + jumps[way]
        steps.append(UInt8(way))
        if next == first && here == last { break }
        here = next
        from = (way + 4) % 8
      }
      return PixelChain(start: start, steps: steps, isHole: isHole)
    }

    var chains: [PixelChain] = []
    for y in 1..<height - 1 {
      for x in 1..<width - 1 {
        let place = y * width + x
        guard marks[place] != 0 else { continue }
        if marks[place] == 1 && marks[place - 1] == 0 {
          chains.append(follow(from: place, ground: 4, isHole: false))
        } else if marks[place] != 3 && marks[place + 1] == 0 {
          chains.append(follow(from: place, ground: 0, isHole: true))
        }
      }
    }
    return chains
  }
}
