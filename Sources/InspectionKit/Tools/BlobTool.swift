import Configuration
import VisionCore
import VisionImage

/// Counts connected bright or dark areas whose features lie within limits, and decides by their
/// number.
struct BlobTool: Tool {
  static let kind = ToolKind(
    name: "blob", summary: "connected bright or dark areas, judged by their number",
    parameters: [
      Parameter("threshold", .real(0...255), optional: true, "grey value; Otsu's where left out"),
      Parameter(
        "adaptive", .numbers(2...2), optional: true,
        "window size and constant of a threshold at the local mean, instead"),
      Parameter(
        "hysteresis", .numbers(2...2), optional: true,
        "a weak and a strong threshold, instead: beyond the weak, and connected with a pixel beyond the strong"),
      Parameter("polarity", .choice(["bright", "dark"]), default: "bright", "which side is the object"),
      Parameter("connectivity", .choice(["4", "8"]), default: "8", "neighbours of a pixel"),
      Parameter("fill-holes", .flag, "enclosed ground belongs to the area"),
      Parameter("min-area", .whole(1...Int.max), default: 20, "pixels of the smallest that counts"),
      Parameter("max-area", .whole(1...Int.max), default: .whole(.max), "pixels of the largest that counts"),
      Parameter("min-count", .whole(0...Int.max), default: 0, strictness: .tighterWhenLarger, "fewer are NG"),
      Parameter("max-count", .whole(0...Int.max), default: .whole(.max), strictness: .looserWhenLarger, "more are NG"),
    ] + limited.map {
      Parameter($0.name, .numbers(2...2), optional: true, "least and most: \($0.summary)")
    },
    outputs: [
      ToolOutput("count", "how many areas lie within the limits"),
      ToolOutput("area", "their pixels together"),
    ],
    make: { try BlobTool($0.values) })

  /// Area has limits of its own, which need no measuring.
  private static let limited = BlobFeature.all.filter { $0.name != "area" }

  struct Limit {
    let feature: BlobFeature
    let range: ClosedRange<Double>
  }

  let search: BlobSearch
  let limits: [Limit]
  let counts: ClosedRange<Int>

  init(_ values: ParameterValues) throws {
    func range<Bound: Comparable>(_ low: Bound, _ high: Bound, _ what: String) throws
      -> ClosedRange<Bound>
    {
      guard low <= high else { throw ToolError("\(what): \(low) is larger than \(high)") }
      return low...high
    }
    counts = try range(
      values.whole("min-count"), values.whole("max-count"), "min_count and max_count")
    search = BlobSearch(
      try Self.segmentation(values), isDark: values.text("polarity") == "dark",
      connectivity: values.text("connectivity") == "4" ? .four : .eight,
      fillsHoles: values.flag("fill-holes"),
      areas: try range(values.whole("min-area"), values.whole("max-area"), "min_area and max_area"))
    limits = try Self.limited.filter { values.has($0.name) }.map {
      let ends = values.numbers($0.name)
      return Limit(feature: $0, range: try range(ends[0], ends[1], $0.name))
    }
  }

  private static func segmentation(_ values: ParameterValues) throws -> Segmentation {
    let given = ["threshold", "adaptive", "hysteresis"].filter { values.has($0) }
    guard given.count < 2 else { throw ToolError("either \(given[0]) or \(given[1])") }
    switch given.first {
    case "threshold": return .threshold(values.real("threshold"))
    case "adaptive":
      let numbers = values.numbers("adaptive")
      guard let size = Int(exactly: numbers[0]), size % 2 == 1, (3...255).contains(size) else {
        throw ToolError("adaptive: the window size is odd, from 3 to 255")
      }
      return .adaptive(size: size, constant: numbers[1])
    case "hysteresis":
      let numbers = values.numbers("hysteresis"), isDark = values.text("polarity") == "dark"
      guard isDark ? numbers[0] >= numbers[1] : numbers[0] <= numbers[1] else {
        throw ToolError("hysteresis: the strong threshold lies farther from the ground than the weak one")
      }
      return .hysteresis(weak: numbers[0], strong: numbers[1])
    default: return .otsu
    }
  }

  func worker(_ runner: OperatorRunner) -> any ToolWorker { BlobWorker(self, runner) }
}

private final class BlobWorker: ToolWorker {
  private let tool: BlobTool
  private let finder: BlobFinder

  init(_ tool: BlobTool, _ runner: OperatorRunner) {
    self.tool = tool
    finder = BlobFinder(tool.search, runner)
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    guard picture.format == .u8 else {
      throw ToolError("blob works on u8 pictures, not \(picture.format.rawValue)")
    }
    let (blobs, failover) = try find(in: picture)
    var result = judge(blobs, failover)
    result.outputs = [
      "count": Double(blobs.count), "area": Double(blobs.reduce(0) { $0 + $1.area }),
    ]
    return result
  }

  private func find(
    in picture: RasterView
  ) throws -> (extents: [BlobFinder.Extent], failover: String?) {
    guard !tool.limits.isEmpty else { return try finder.extents(in: picture) }
    let finding = try finder.find(in: picture)
    let blobs = finding.regions.filter { region in
      let blob = Blob(region, in: picture, tool.search.connectivity)
      return tool.limits.allSatisfy { $0.range.contains($0.feature.value(blob)) }
    }
    return (blobs.map { BlobFinder.Extent(box: $0.box, area: $0.area) }, finding.failover)
  }

  private func judge(_ blobs: [BlobFinder.Extent], _ failover: String?) -> ToolResult {
    let least = tool.counts.lowerBound, most = tool.counts.upperBound
    if blobs.count < least {
      let missing = Double(least - blobs.count) / Double(least)
      return ToolResult(score: 1 + missing, defects: [], failover: failover)
    }
    let score = Double(blobs.count) / (Double(most) + 1)
    guard blobs.count > most else {
      return ToolResult(score: score, defects: [], failover: failover)
    }
    let each = Double(blobs.count) / Double(max(1, most))
    let defects = blobs.map { Defect(box: $0.box, area: $0.area, score: each, kind: "blob") }
    return ToolResult(score: score, defects: defects, failover: failover)
  }
}
