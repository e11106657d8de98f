import VisionCore
import VisionImage

/// One thread's reference and the buffers of every step.
final class CompareGoldenWorker: ToolWorker {
  private let tool: CompareGolden
  private let runner: OperatorRunner
  private let finder: BlobFinder
  private var golden: (name: String, part: GoldenPart)?
  private var wanted: (name: String, picture: Image<UInt8>)?
  private var smooth: Raster?
  private var aligned = Image<UInt8>(width: 1, height: 1, repeating: 0)
  private var even: Raster?
  private var above: Raster?
  private var below: Raster?
  private var deviation: Raster?
  private var masked: Raster?
  private var excess: Raster?
  private var mask: Raster?
  private var linked: Raster?
  private var failover: String?

  init(_ tool: CompareGolden, _ runner: OperatorRunner) throws {
    self.tool = tool
    self.runner = runner
    finder = BlobFinder(BlobSearch(.threshold(0)), runner)
    if let model = tool.learned {
      let limits = model.limits(tolerance: tool.tolerance, variation: tool.variation)
      set(
        try GoldenPart(
          picture: model.middle, isSmooth: true, limits: limits, tool: tool, runner: runner), "")
    } else if case .picture(let picture)? = tool.reference {
      set(try GoldenPart(picture: picture, tool: tool, runner: runner), "")
    }
  }

  private func set(_ part: GoldenPart, _ name: String) {
    golden = (name, part)
    aligned = part.picture
  }

  func prepare(for part: PartContext) throws {
    wanted = try tool.reference?.picture(of: part)
  }

  /// The reference of this part.
  private func golden(of part: PartContext) throws -> GoldenPart {
    if let wanted, golden?.name != wanted.name {
      set(try GoldenPart(picture: wanted.picture, tool: tool, runner: runner), wanted.name)
    }
    guard let golden else { throw ToolError("the reference was not read") }
    return golden.part
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
    try run(GoldenPart.smoothing, picture, into: &smooth)
    try golden.align(Image<UInt8>(smooth!)!, into: &aligned) { box, view in
      try run(box, view, into: &even)
      return even!
    }
    try run(Subtract(), aligned.view.raster, golden.high.view, into: &above)
    try run(Subtract(), golden.low.view, aligned.view.raster, into: &below)
    try run(Maximum(), above!.view, below!.view, into: &deviation)
    if let mask = tool.mask {
      try run(BitAnd(), deviation!.view, mask.view.raster, into: &masked)
      swap(&masked, &deviation)
    }
    try run(Subtract(), deviation!.view, golden.limits.view, into: &excess)
    try run(Threshold(value: 0, maximum: 255, kind: .binary), excess!.view, into: &mask)
    let reach = 2 * tool.link + 1
    try run(
      Dilate(StructuringElement(.rect, width: reach, height: reach)), mask!.view, into: &linked)
    let defects = try findDefects(golden)
    let worst = defects.map(\.score).max()
    return ToolResult(
      score: worst ?? min(0.999, greatestDeviation(golden)), defects: defects,
      failover: failover)
  }

  private func run(
    _ op: some Operator, _ first: RasterView, _ second: RasterView? = nil, into output: inout Raster?
  ) throws {
    let outcome = try runner.run(op, on: OperatorInputs(first, second), into: &output)
    failover = failover ?? outcome.failover
  }

  /// Connected pixels beyond the tolerance; small gaps do not part them.
  private func findDefects(_ golden: GoldenPart) throws -> [Defect] {
    guard let mask = Image<UInt8>(mask!), let deviation = Image<UInt8>(deviation!),
      let above = Image<UInt8>(above!), let limits = Image<UInt8>(golden.limits)
    else { return [] }
    let parts = try finder.find(in: linked!.view)
    failover = failover ?? parts.failover
    struct Found {
      var box = PixelRect(x: 0, y: 0, width: 0, height: 0)
      var area = 0
      /// The largest deviation by its limit.
      var peak = 0.0
      var brighter = 0
    }
    let found = mask.view.withRows { masks in
      deviation.view.withRows { deviations in
        above.view.withRows { brights in
          limits.view.withRows { limits in
          parts.regions.map { region in
            var found = Found()
            for run in region.runs {
              let m = masks[run.y], d = deviations[run.y], b = brights[run.y], l = limits[run.y]
              for x in run.start..<run.end where m[x] != 0 {
                found.area += 1
                found.peak = max(found.peak, Double(d[x]) / Double(l[x]))
                found.brighter += b[x] > 0 ? 1 : -1
                found.box = found.box.union(PixelRect(x: x, y: run.y, width: 1, height: 1))
              }
            }
            return found
          }
          }
        }
      }
    }
    return found.filter { $0.area >= tool.leastArea }.map {
      Defect(
        box: $0.box, area: $0.area, score: $0.peak,
        kind: $0.brighter > 0 ? "bright" : "dark")
    }
  }

  func map() -> Image<UInt16>? {
    guard let deviation = deviation.flatMap({ Image<UInt8>($0) }),
      let limits = (golden?.part.limits).flatMap({ Image<UInt8>($0) })
    else { return nil }
    return deviation.view.withRows { deviations in
      limits.view.withRows { limits in
        Image(width: deviation.width, height: deviation.height) { x, y in
          UInt16(min(65_535, Int(deviations[y][x]) * 10_000 / Int(limits[y][x])))
        }
      }
    }
  }

  /// Of no defect: the largest deviation by the least that would be over its limit.
  private func greatestDeviation(_ golden: GoldenPart) -> Double {
    guard let deviation = Image<UInt8>(deviation!), let limits = Image<UInt8>(golden.limits) else {
      return 0
    }
    return deviation.view.withRows { deviations in
      limits.view.withRows { limits in
        var greatest: UInt32 = 0
        for y in 0..<deviation.height {
          let d = deviations[y], l = limits[y]
          // In 65536ths, rounded down.
          for x in 0..<deviation.width {
            greatest = max(greatest, UInt32(d[x]) << 16 / (UInt32(l[x]) + 1))
          }
        }
        return Double(greatest) / 65_536
      }
    }
  }
}
