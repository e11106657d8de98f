import Configuration
import VisionCore
import VisionImage

/// Follows a bead, a strip or a gap along a path: how wide it is at every place, and how far beside the
/// path it runs.
struct Bead: Tool {
  static let kind = ToolKind(
    name: "bead", summary: "a bead or strip along a path: gaps, too narrow, too wide, beside its path",
    parameters: [
      Parameter("path", .numbers(4...4000), "x and y of every corner of its middle line"),
      Parameter("closed", .flag, "the path goes back to where it starts"),
      Parameter("bead", .choice(["bright", "dark"]), default: "bright", "what the bead is before its ground"),
      Parameter(
        "low", .real(0...10_000), strictness: .tighterWhenLarger,
        "pixels of the least width that is right"),
      Parameter("high", .real(0...10_000), strictness: .looserWhenLarger, "pixels of the largest"),
      Parameter(
        "offset", .real(0.5...10_000), optional: true, strictness: .looserWhenLarger,
        "pixels that its middle may be off the path"),
      Parameter("search", .real(4...5000), default: .real(40), "pixels across the path in which it is looked for"),
      Parameter("spacing", .real(1...100), default: .real(2), "pixels of the path from one place to the next"),
      Parameter(
        "length", .real(1...10_000), default: .real(6), strictness: .looserWhenLarger,
        "pixels along the path over which it must be wrong"),
      Parameter("contrast", .real(0.5...255), default: .real(15), "grey levels of the smallest step that is an edge"),
    ],
    takesRegion: false,
    make: { try Bead($0) })

  private let name: String
  private let stations: [Station]
  private let isClosed: Bool
  private let limits: ClosedRange<Double>
  private let offset: Double?
  private let spacing: Double
  private let length: Int
  private let contrast: Double
  private let isDark: Bool

  /// A place of the path and the line across it.
  private struct Station {
    let middle: PixelPoint
    let from: PixelPoint
    let to: PixelPoint
  }

  /// What was seen at a station: pixels, and left of the path is negative; nil where there is no bead.
  private struct Seen {
    let width: Double
    let offset: Double
  }

  private init(_ settings: ToolSettings) throws {
    let values = settings.values
    name = settings.name
    let low = values.real("low"), high = values.real("high")
    guard low < high else { throw ToolError("low is not below high") }
    limits = low...high
    offset = values.has("offset") ? values.real("offset") : nil
    spacing = values.real("spacing")
    length = max(1, Int((values.real("length") / spacing).rounded()))
    contrast = values.real("contrast")
    isDark = values.text("bead") == "dark"
    isClosed = values.flag("closed")
    let numbers = values.numbers("path")
    guard numbers.count % 2 == 0 else { throw ToolError("the path has an x without a y") }
    let corners = stride(from: 0, to: numbers.count, by: 2).map {
      PixelPoint(x: numbers[$0], y: numbers[$0 + 1])
    }
    stations = Self.stations(
      isClosed ? corners + [corners[0]] : corners, spacing: spacing, reach: values.real("search") / 2)
    guard stations.count >= 2 else { throw ToolError("the path is shorter than \(2 * spacing) pixels") }
  }

  private static func stations(
    _ corners: [PixelPoint], spacing: Double, reach: Double
  ) -> [Station] {
    var stations: [Station] = []
    // Pixels of the path before the next station.
    var ahead = spacing / 2
    for (a, b) in zip(corners, corners.dropFirst()) {
      let dx = b.x - a.x, dy = b.y - a.y, length = (dx * dx + dy * dy).squareRoot()
      while ahead < length {
        let t = ahead / length
        let middle = PixelPoint(x: a.x + t * dx, y: a.y + t * dy)
        let across = (x: dy / length * reach, y: -dx / length * reach)
        stations.append(
          Station(
            middle: middle, from: PixelPoint(x: middle.x + across.x, y: middle.y + across.y),
            to: PixelPoint(x: middle.x - across.x, y: middle.y - across.y)))
        ahead += spacing
      }
      ahead -= length
    }
    return stations
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker {
    PictureMeasurer { picture, _ in judge(stations.map { seen(at: $0, in: picture) }, picture) }
  }

  private func seen(at station: Station, in picture: RasterView) -> Seen? {
    let edges = Caliper(
      from: station.from, to: station.to, width: max(2, spacing), contrast: contrast
    ).edges(in: picture)
    func enters(_ edge: Caliper.Edge) -> Bool { (edge.step > 0) != isDark }
    guard let first = edges.first(where: enters),
      let last = edges.last(where: { $0.position > first.position && !enters($0) })
    else { return nil }
    let dx = station.to.x - station.from.x, dy = station.to.y - station.from.y
    let middle = (dx * dx + dy * dy).squareRoot() / 2
    return Seen(
      width: last.position - first.position,
      offset: (first.position + last.position) / 2 - middle)
  }

  private func judge(_ seen: [Seen?], _ picture: RasterView) -> ToolResult {
    let middle = (limits.lowerBound + limits.upperBound) / 2
    let half = (limits.upperBound - limits.lowerBound) / 2
    let widths = seen.map { $0.map { abs($0.width - middle) / half } ?? Self.gap }
    let offsets = seen.map { seen in offset.flatMap { limit in seen.map { abs($0.offset) / limit } } ?? 0 }
    var result = ToolResult(score: 0, defects: [])
    for (values, isOffset) in [(widths, false), (offsets, true)] {
      let sustained = SustainedRuns(values, length: length, isClosed: isClosed)
      result.score = max(result.score, sustained.values.max() ?? 0)
      result.defects += sustained.runs.map { run in
        let worst = run.max { values[$0] < values[$1] } ?? run.lowerBound
        let kind =
          seen[worst].map { isOffset ? "off" : $0.width < middle ? "narrow" : "wide" } ?? "gap"
        return Defect(
          box: box(run, in: picture), area: run.count,
          score: run.map { sustained.values[$0] }.max() ?? 1, kind: kind)
      }
    }
    // As wide as it is over the length that counts: a single place says nothing.
    let found = seen.map { $0?.width ?? 0 }
    let widest = SustainedRuns(found, length: length, isClosed: isClosed).values.max()
    let narrowest = SustainedRuns(found.map { -$0 }, length: length, isClosed: isClosed).values.max()
    for (what, value) in [("narrowest", narrowest.map { -$0 }), ("widest", widest)] {
      result.measurements.append(
        Measurement(
          name: "\(name).\(what)", value: value, unit: "px", low: limits.lowerBound,
          high: limits.upperBound, points: stations.map(\.middle)))
    }
    return result
  }

  /// What the lack of a bead scores.
  private static let gap = 4.0

  private func box(_ run: Range<Int>, in picture: RasterView) -> PixelRect {
    let reach = limits.upperBound / 2
    var box: PixelRect?
    for i in run {
      let p = stations[i].middle
      let here = PixelRect(
        x: Int(p.x - reach), y: Int(p.y - reach), width: Int(2 * reach) + 1,
        height: Int(2 * reach) + 1)
      box = box?.union(here) ?? here
    }
    return (box ?? picture.layout.bounds).intersection(picture.layout.bounds)
  }
}
