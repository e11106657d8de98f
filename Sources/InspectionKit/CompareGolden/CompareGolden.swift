import Configuration
import VisionCore
import VisionImage

/// Compares a part with a reference picture: what differs by more than a tolerance is a defect.
///
/// The picture is brought over the reference first (shift, gain, offset). At edges of the pattern
/// the tolerance is wider: a pixel must lie outside everything that the reference shows within
/// `edge_band` pixels, so that half a pixel of shift or blur never alarms.
struct CompareGolden: Tool {
  static let kind = ToolKind(
    name: "compare_golden", summary: "difference to a reference picture beyond a tolerance",
    parameters: [
      Parameter(
        "reference", .picture,
        "the picture of a perfect part; scene:NAME for a rendered one; { replace: [A, B] } in the part's path"),
      Parameter("tolerance", .whole(1...255), default: 30, strictness: .looserWhenLarger, "grey values that a good part may differ"),
      Parameter("min-area", .whole(1...1_000_000), default: 9, strictness: .looserWhenLarger, "pixels of the smallest defect"),
      Parameter("edge-band", .odd(1...31), default: 3, strictness: .looserWhenLarger, "window at edges within which all levels pass"),
      Parameter("search", .whole(0...64), default: 8, strictness: .looserWhenLarger, "largest shift of the part in pixels"),
      Parameter("link", .whole(0...20), default: 2, "gap in pixels that still belongs to one defect"),
    ],
    make: { try CompareGolden($0) })

  let reference: ReferencePicture
  let tolerance: Int
  let leastArea: Int
  let edgeBand: Int
  let search: Int
  let link: Int

  init(_ settings: ToolSettings) throws {
    reference = try ReferencePicture(settings)
    tolerance = settings.values.whole("tolerance")
    leastArea = settings.values.whole("min-area")
    edgeBand = settings.values.whole("edge-band")
    search = settings.values.whole("search")
    link = settings.values.whole("link")
  }

  func worker(_ runner: OperatorRunner) throws -> any ToolWorker {
    try CompareGoldenWorker(self, runner)
  }
}

/// The reference made ready: what passes, and what the part is brought over.
private struct Golden {
  let name: String
  let picture: Image<UInt8>
  /// The darkest and the brightest that passes, before the tolerance.
  let low: Raster
  let high: Raster
  let registration: Registration
}

/// One thread's reference and the buffers of every step.
private final class CompareGoldenWorker: ToolWorker {
  private let tool: CompareGolden
  private let runner: OperatorRunner
  private let finder: BlobFinder
  private var golden: Golden?
  private var smooth: Raster?
  private var aligned: Image<UInt8>
  private var above: Raster?
  private var below: Raster?
  private var deviation: Raster?
  private var mask: Raster?
  private var linked: Raster?
  private var failover: String?

  private static let smoothing = Gaussian(size: 3, border: .replicate)

  init(_ tool: CompareGolden, _ runner: OperatorRunner) throws {
    self.tool = tool
    self.runner = runner
    finder = BlobFinder(BlobSearch(.threshold(0)), runner)
    aligned = Image(width: 1, height: 1, repeating: 0)
    if case .picture(let picture) = tool.reference {
      golden = try prepare(picture, "")
      aligned = picture
    }
  }

  private func prepare(_ picture: Image<UInt8>, _ name: String) throws -> Golden {
    let band = StructuringElement(.rect, width: tool.edgeBand, height: tool.edgeBand)
    let smooth = try runner.apply(Self.smoothing, to: picture.view.raster).image!
    return Golden(
      name: name, picture: picture, low: try runner.apply(Erode(band), to: smooth.view).image!,
      high: try runner.apply(Dilate(band), to: smooth.view).image!,
      registration: Registration(reference: Image<UInt8>(smooth)!.view, range: tool.search))
  }

  /// The reference of this part.
  private func golden(of part: PartContext) throws -> Golden {
    let wanted = try tool.reference.picture(of: part)
    if let golden, golden.name == wanted.name { return golden }
    let made = try prepare(wanted.picture, wanted.name)
    golden = made
    aligned = made.picture
    return made
  }

  func inspect(_ picture: RasterView, of part: PartContext) throws -> ToolResult {
    let golden = try golden(of: part)
    let reference = golden.picture.raster.layout
    guard picture.format == .u8 else {
      throw ToolError("compare_golden works on u8 pictures, not \(picture.format.rawValue)")
    }
    guard picture.width == reference.width, picture.height == reference.height else {
      throw ToolError(
        "the picture has \(picture.width)x\(picture.height) pixels, the reference "
          + "\(reference.width)x\(reference.height)")
    }
    failover = nil
    try run(Self.smoothing, picture, into: &smooth)
    align(Image<UInt8>(smooth!)!, golden)
    try run(Subtract(), aligned.view.raster, golden.high.view, into: &above)
    try run(Subtract(), golden.low.view, aligned.view.raster, into: &below)
    try run(Maximum(), above!.view, below!.view, into: &deviation)
    let threshold = Threshold(value: Double(tool.tolerance), maximum: 255, kind: .binary)
    try run(threshold, deviation!.view, into: &mask)
    let reach = 2 * tool.link + 1
    try run(
      Dilate(StructuringElement(.rect, width: reach, height: reach)), mask!.view, into: &linked)
    let defects = try findDefects()
    let worst = defects.map(\.score).max()
    return ToolResult(
      score: worst ?? min(0.999, Double(greatestDeviation()) / Double(tool.tolerance + 1)),
      defects: defects, failover: failover)
  }

  private func run(
    _ op: some Operator, _ first: RasterView, _ second: RasterView? = nil, into output: inout Raster?
  ) throws {
    let outcome = try runner.run(op, on: OperatorInputs(first, second), into: &output)
    failover = failover ?? outcome.failover
  }

  /// The picture as it would be had the part lain where the reference shows it, under the same
  /// light. What the picture does not show is taken from the reference.
  private func align(_ picture: Image<UInt8>, _ golden: Golden) {
    let a = golden.registration.align(picture.view)
    let left = a.dx.rounded(.down), top = a.dy.rounded(.down)
    let fx = Float(a.dx - left), fy = Float(a.dy - top)
    let dx = Int(left), dy = Int(top)
    let w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy
    let scale = Float(1 / a.gain), shift = Float(0.5 - a.offset / a.gain)
    let width = picture.width, height = picture.height
    let columns = max(0, -dx)..<max(max(0, -dx), min(width, width - 1 - dx))
    golden.picture.view.withRows { reference in
      picture.view.withRows { rows in
        aligned.withMutableView { out in
          for y in 0..<height {
            let row = out.row(y)
            guard y + dy >= 0, y + dy + 1 < height else {
              row.update(from: reference[y], count: width)
              continue
            }
            row.update(from: reference[y], count: columns.lowerBound)
            (row + columns.upperBound).update(
              from: reference[y] + columns.upperBound, count: width - columns.upperBound)
            let p = rows[y + dy] + dx, q = rows[y + dy + 1] + dx
            for x in columns {
              let upper = w00 * Float(p[x]) + w01 * Float(p[x + 1])
              let seen = upper + w10 * Float(q[x]) + w11 * Float(q[x + 1])
              row[x] = UInt8(truncatingIfNeeded: Int32(max(0, min(255, seen * scale + shift))))
            }
          }
        }
      }
    }
  }

  /// Connected pixels beyond the tolerance; small gaps do not part them.
  private func findDefects() throws -> [Defect] {
    guard let mask = Image<UInt8>(mask!), let deviation = Image<UInt8>(deviation!),
      let above = Image<UInt8>(above!)
    else { return [] }
    let parts = try finder.find(in: linked!.view)
    failover = failover ?? parts.failover
    struct Found {
      var box = PixelRect(x: 0, y: 0, width: 0, height: 0)
      var area = 0
      var peak = 0
      var brighter = 0
    }
    let found = mask.view.withRows { masks in
      deviation.view.withRows { deviations in
        above.view.withRows { brights in
          parts.regions.map { region in
            var found = Found()
            for run in region.runs {
              let m = masks[run.y], d = deviations[run.y], b = brights[run.y]
              for x in run.start..<run.end where m[x] != 0 {
                found.area += 1
                found.peak = max(found.peak, Int(d[x]))
                found.brighter += b[x] > 0 ? 1 : -1
                found.box = found.box.union(PixelRect(x: x, y: run.y, width: 1, height: 1))
              }
            }
            return found
          }
        }
      }
    }
    return found.filter { $0.area >= tool.leastArea }.map {
      Defect(
        box: $0.box, area: $0.area, score: Double($0.peak) / Double(tool.tolerance),
        kind: $0.brighter > 0 ? "bright" : "dark")
    }
  }

  func map() -> Image<UInt16>? {
    guard let deviation = deviation.flatMap({ Image<UInt8>($0) }) else { return nil }
    let levels = (0..<256).map { UInt16(min(65535, $0 * 10000 / tool.tolerance)) }
    return deviation.view.withRows { rows in
      Image(width: deviation.width, height: deviation.height) { x, y in levels[Int(rows[y][x])] }
    }
  }

  private func greatestDeviation() -> UInt8 {
    guard let deviation = Image<UInt8>(deviation!) else { return 0 }
    return deviation.view.withRows { rows in
      var greatest: UInt8 = 0
      for y in 0..<deviation.height {
        let row = rows[y]
        for x in 0..<deviation.width { greatest = max(greatest, row[x]) }
      }
      return greatest
    }
  }
}
