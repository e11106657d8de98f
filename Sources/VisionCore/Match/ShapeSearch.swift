import VisionImage
import VisionKernelsABI

/// The exhaustive part of a search by edges. For each of 16 directions there is a picture that says
/// how well an edge of this direction fits at every place, spread by a pixel; a pose's score at a
/// place is the sum over the outline's points.
struct ShapeSearch: Sendable {
  private struct Pose: Sendable {
    let turn: Int
    let degrees: Double
    let scale: Double
    let points: [(x: Int, y: Int, bin: Int)]
  }

  static let bins = 16
  /// Four a point, so that sums of so many fit in 8 bits.
  static let mostPoints = 63
  /// Turns as far apart as that do not lead to each other.
  private static let sectors = 24

  let grid: PoseGrid
  private let poses: [Pose]
  private let turns: Int
  /// The outline's middle from the template's centre: turned about this, a small outline that lies
  /// off the centre needs few angles.
  private let middle: (x: Double, y: Double)
  private let reach: Int
  private let leastSlope: Double

  init(_ outline: ShapePoints, _ range: MatchRange) {
    let points = ShapePoints.thinned(outline.points, Self.mostPoints)
    let middle = outline.middle, extent = Int((2 * outline.extent).rounded(.up))
    let grid = PoseGrid(range, width: extent, height: extent, pixels: 1.2)
    self.grid = grid
    self.middle = middle
    turns = grid.angles.count
    let poses = grid.angles.enumerated().flatMap { turn, degrees in
      grid.scales.map { scale in
        let pose = Similarity(x: 0, y: 0, degrees: degrees, scale: scale)
        return Pose(
          turn: turn, degrees: degrees, scale: scale,
          points: points.map { point in
            let at = pose(point.x - middle.x, point.y - middle.y)
            let n = Similarity(x: 0, y: 0, degrees: degrees, scale: 1)(point.nx, point.ny)
            return (Int(at.x.rounded()), Int(at.y.rounded()), Self.bin(n.x, n.y))
          })
      }
    }
    self.poses = poses
    reach = poses.flatMap(\.points).reduce(0) { max($0, abs($1.x), abs($1.y)) }
    leastSlope = outline.leastSlope
  }

  /// The direction in sixteenths of a turn.
  private static func bin(_ x: Double, _ y: Double) -> Int {
    Int((Trigonometry.degrees(y: y, x: x) / (360 / Double(bins))).rounded() + Double(bins)) % bins
  }

  /// How well directions fit that lie so many sixteenths apart.
  private static let fits: [UInt8] = [4, 3, 1, 0, 0, 0, 0, 0, 0]

  func candidates(
    in picture: ImageView<UInt8>, _ query: MatchQuery, atLeast: Double, limit: Int,
    on machine: Machine
  ) -> [CorrelationSearch.Candidate] {
    let polarity = query.polarity
    let margin = reach + 2
    let width = picture.width + 2 * margin, height = picture.height + 2 * margin
    let stride = width + 64, plane = stride * height
    let maps = responses(picture, margin, stride, plane, polarity)
    let columns = picture.width, rows = picture.height
    var map = PeakMap(columns: columns, rows: rows, turns: turns, sectors: Self.sectors)
    let across = map.stride
    var sums = [UInt8](repeating: 0, count: (columns + 127) / 64 * 64)
    let signs = polarity == .any ? [0, Self.bins / 2] : [0]
    for (index, pose) in poses.enumerated() where !query.isOver {
      let full = Float(4 * pose.points.count)
      let least = Int(max(1, (Float(atLeast) * full).rounded(.up)))
      for sign in signs {
        let offsets = pose.points.map {
          Int32(($0.bin + sign) % Self.bins * plane + $0.y * stride + $0.x)
        }
        map.withSector(of: pose.turn) { best, winners in
          for y in 0..<rows {
            let at = (y + margin) * stride + margin
            let most = maps.withUnsafeBufferPointer { maps in
              machine.kernels.correlate.sums8(
                maps.baseAddress! + at, offsets, offsets.count, &sums, columns)
            }
            guard most >= least else { continue }
            for x in 0..<columns where Int(sums[x]) >= least {
              let score = Float(sums[x]) / full
              guard score > best[y * across + x] else { continue }
              best[y * across + x] = score
              winners[y * across + x] = Int32(index)
            }
          }
        }
      }
    }
    return map.peaks(atLeast: Float(atLeast), limit: limit).map { peak in
      let found = poses[peak.pose]
      var pose = Similarity(
        x: Double(peak.x), y: Double(peak.y), degrees: found.degrees, scale: found.scale)
      (pose.x, pose.y) = pose(-middle.x, -middle.y)
      return CorrelationSearch.Candidate(pose: pose, score: Double(peak.score))
    }
  }

  private func responses(
    _ picture: ImageView<UInt8>, _ margin: Int, _ stride: Int, _ plane: Int,
    _ polarity: MatchPolarity
  ) -> [UInt8] {
    let width = picture.width, height = picture.height
    var bins = [UInt8](repeating: 255, count: width * height)
    picture.withRows { rows in
      let profile = EdgeProfile(rows, width: width, height: height)
      for y in 1..<max(1, height - 1) {
        for x in 1..<max(1, width - 1) {
          guard let g = profile.gradient(x, y), g.x * g.x + g.y * g.y >= leastSlope * leastSlope
          else { continue }
          bins[y * width + x] = UInt8(Self.bin(g.x, g.y))
        }
      }
    }
    var maps = [UInt8](repeating: 0, count: Self.bins * plane + 256)
    maps.withUnsafeMutableBufferPointer { maps in
      for y in 0..<height {
        for x in 0..<width where bins[y * width + x] != 255 {
          let seen = Int(bins[y * width + x])
          for bin in 0..<Self.bins {
            let apart = abs(bin - seen), turn = min(apart, Self.bins - apart)
            let fit = Self.fits[polarity == .ignored ? min(turn, Self.bins / 2 - turn) : turn]
            guard fit > 0 else { continue }
            for j in -1...1 {
              let at = bin * plane + (y + j + margin) * stride + x + margin
              for i in -1...1 where maps[at + i] < fit { maps[at + i] = fit }
            }
          }
        }
      }
    }
    return maps
  }
}
