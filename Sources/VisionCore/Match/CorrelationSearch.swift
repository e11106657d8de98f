import VisionImage
import VisionKernelsABI

/// The exhaustive part of a search by correlation: every turn and growth at every place of the
/// coarsest level.
struct CorrelationSearch: Sendable {
  let grid: PoseGrid
  private let poses: [(angle: Int, degrees: Double, scale: Double, template: TurnedTemplate)]
  /// How far the largest of them reaches from its centre, and how far the smallest must be inside.
  private let reach: Int
  private let inside: Int

  init(_ template: TemplateLevel, _ range: MatchRange) {
    grid = PoseGrid(range, width: template.width, height: template.height)
    var poses: [(Int, Double, Double, TurnedTemplate)] = []
    for (i, degrees) in grid.angles.enumerated() {
      for scale in grid.scales {
        if let turned = TurnedTemplate(template, degrees: degrees, scale: scale) {
          poses.append((i, degrees, scale, turned))
        }
      }
    }
    self.poses = poses
    reach = poses.map { max($0.3.halfWidth, $0.3.halfHeight) }.max() ?? 0
    let least = Double(min(template.width, template.height)) * range.scales.lowerBound
    inside = Int(least * 0.3)
  }

  private static let sectors = 8

  struct Candidate {
    var pose: Similarity
    var score: Double
  }

  /// The `limit` best places, each the best among its neighbours, best first.
  func candidates(
    in picture: ImageView<UInt8>, _ query: MatchQuery, atLeast: Double, limit: Int,
    on machine: Machine
  ) -> [Candidate] {
    let columns = picture.width - 2 * inside, rows = picture.height - 2 * inside
    guard columns > 0, rows > 0, !poses.isEmpty else { return [] }
    var map = PeakMap(columns: columns, rows: rows, turns: grid.angles.count, sectors: Self.sectors)
    let padding = Padded(
      picture, margin: reach + 2, rowsMixed: poses[0].template.rowStep, machine.kernels.correlate)
    let stride = map.stride
    let either = query.polarity != .same
    for (index, pose) in poses.enumerated() where !query.isOver {
      map.withSector(of: pose.angle) { best, winners in
        rate(
          pose.template, Int32(index), padding, either: either, columns: columns, rows: rows,
          best: best, winners: winners, padded: stride, machine)
      }
    }
    return map.peaks(atLeast: Float(atLeast), limit: limit).map { peak in
      let pose = poses[peak.pose]
      return Candidate(
        pose: Similarity(
          x: Double(peak.x + inside), y: Double(peak.y + inside), degrees: pose.degrees,
          scale: pose.scale),
        score: Double(peak.score))
    }
  }

  /// Rates one turned template at every place.
  private func rate(
    _ template: TurnedTemplate, _ index: Int32, _ picture: Padded, either: Bool, columns: Int,
    rows: Int, best: UnsafeMutablePointer<Float>, winners: UnsafeMutablePointer<Int32>,
    padded: Int, _ machine: Machine
  ) {
    let kernels = machine.kernels.correlate
    let offsets = template.places.map { Int32($0.y * picture.stride + $0.x) }
    let starts = template.runs.map { Int32($0.y * picture.stride + $0.start) }
    let ends = template.runs.map { Int32($0.y * picture.stride + $0.end) }
    let weights = [
      Float(template.pixelCount), Float(template.mean), Float(template.strength),
      Float(Alignment.leastVariance),
    ]
    machine.inParts(1) { _, _, workspace in
      let dots = workspace.take(padded + 64, of: Int32.self)
      let sums = workspace.take(padded + 64, of: UInt32.self)
      let squares = workspace.take(padded + 64, of: UInt32.self)
      picture.withRows { quads, running, runningSquares in
        for y in 0..<rows {
          let at = (y + inside + picture.margin) * picture.stride + inside + picture.margin
          kernels.dots8(quads + at, offsets, template.words, offsets.count, dots, columns)
          kernels.spans(running + at, starts, ends, starts.count, sums, columns)
          kernels.spans(runningSquares + at, starts, ends, starts.count, squares, columns)
          sums.withMemoryRebound(to: Int32.self, capacity: padded) { sums in
            squares.withMemoryRebound(to: Int32.self, capacity: padded) { squares in
              kernels.rate(
                dots, sums, squares, weights, either ? 1 : 0, index, best + y * padded,
                winners + y * padded, columns)
            }
          }
        }
      }
    }
  }
}

/// A coarse picture with its edge pixels going on all round, each row mixed with the next where turned
/// templates are, as words of four neighbours and as running sums along the rows.
private struct Padded {
  let margin: Int
  let stride: Int
  private let quads: [UInt32]
  private let running: [UInt32]
  private let squares: [UInt32]

  /// Kernels read whole registers past the last place.
  private static let slack = 4 * 64

  init(
    _ picture: ImageView<UInt8>, margin: Int, rowsMixed: Int, _ kernels: correlate_kernels
  ) {
    self.margin = margin
    let width = picture.width + 2 * margin, height = picture.height + 2 * margin
    let stride = width + 8
    self.stride = stride
    var line = [UInt8](repeating: 0, count: stride + Self.slack)
    let count = stride * height + Self.slack
    var quads = [UInt32](repeating: 0, count: count), running = quads, squares = quads
    picture.withRows { rows in
      for y in 0..<height {
        func row(_ y: Int) -> UnsafePointer<UInt8> { rows[max(0, min(picture.height - 1, y - margin))] }
        let here = row(y), next = row(y + rowsMixed - 1)
        for x in 0..<width {
          let at = max(0, min(picture.width - 1, x - margin))
          line[x] = UInt8((UInt16(here[at]) + UInt16(next[at]) + 1) >> 1)
        }
        let at = y * stride
        quads.withUnsafeMutableBufferPointer { kernels.quads8(line, $0.baseAddress! + at, stride) }
        running.withUnsafeMutableBufferPointer { running in
          squares.withUnsafeMutableBufferPointer { squares in
            kernels.running8(line, running.baseAddress! + at, squares.baseAddress! + at, stride)
          }
        }
      }
    }
    self.quads = quads
    self.running = running
    self.squares = squares
  }

  func withRows(
    _ body: (UnsafePointer<UInt32>, UnsafePointer<UInt32>, UnsafePointer<UInt32>) -> Void
  ) {
    quads.withUnsafeBufferPointer { quads in
      running.withUnsafeBufferPointer { running in
        squares.withUnsafeBufferPointer { squares in
          body(quads.baseAddress!, running.baseAddress!, squares.baseAddress!)
        }
      }
    }
  }
}
