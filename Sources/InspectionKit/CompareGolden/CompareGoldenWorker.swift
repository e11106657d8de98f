import VisionCore
import VisionImage

/// One thread's reference and the buffers of every step: of a large picture two, besides it and the
/// reference, where no warp and no shading is asked for.
final class CompareGoldenWorker: ToolWorker {
  private let tool: CompareGolden
  private let runner: OperatorRunner
  private let finder: BlobFinder
  private var golden: (name: String, part: GoldenPart)?
  private var wanted: (name: String, picture: Image<UInt8>)?
  /// The smoothed picture; when that has served, what lies beyond the limits with gaps closed.
  private var scratch: Raster?
  /// The picture over the reference; when that has served, by how much it lies outside what passes.
  private var deviation = Image<UInt8>(width: 1, height: 1, repeating: 0)
  private var even: Raster?
  /// Whether a pixel beyond its limit is brighter than what passes.
  private var bright = Bitmap(width: 1, height: 1, margin: 0)
  private var excess: Raster?
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
    if !deviation.raster.layout.sameShape(as: reference) {
      deviation = Image(uninitializedWidth: reference.width, height: reference.height)
      bright = Bitmap(width: reference.width, height: reference.height, margin: 0)
    }
    failover = nil
    try run(GoldenPart.smoothing, picture, into: &scratch)
    try golden.align(Image<UInt8>(scratch!)!, into: &deviation) { box, view in
      try run(box, view, into: &even)
      return even!
    }
    for band in golden.bands { measure(band, golden, try golden.passing(band, runner)) }
    for band in golden.bands { try link(band, golden) }
    let defects = try findDefects(golden)
    let worst = defects.map(\.score).max()
    return ToolResult(
      score: worst ?? min(0.999, greatestDeviation(golden)), defects: defects,
      failover: failover)
  }

  private func run(
    _ op: some Operator, _ picture: RasterView, into output: inout Raster?
  ) throws {
    let outcome = try runner.run(op, on: OperatorInputs(picture), into: &output)
    failover = failover ?? outcome.failover
  }

  /// In place of every pixel of the rows: how far it lies outside what passes.
  private func measure(_ rows: Range<Int>, _ golden: GoldenPart, _ passing: PassingBand) {
    let width = deviation.width
    passing.withRows { low, high in
      golden.limits.withRows { limits in
        deviation.withMutableView { out in
          for y in rows {
            let row = out.row(y), low = low[y], high = high[y], limit = limits[y]
            let bits = bright.row(y)
            bits.update(repeating: 0, count: bright.words)
            if Self.isBeyond(row, low, high, limit, width) {
              for x in 0..<width where row[x] > high[x] { bits[x / 64] |= 1 << UInt64(x % 64) }
            }
            for x in 0..<width {
              // At most one of the two is not 0.
              let above = row[x] &- min(row[x], high[x]), below = low[x] &- min(low[x], row[x])
              row[x] = above | below
            }
          }
        }
      }
    }
    guard let mask = tool.mask else { return }
    mask.view.withRows { mask in
      deviation.withMutableView { out in
        for y in rows {
          let row = out.row(y), shown = mask[y]
          for x in 0..<width { row[x] &= shown[x] }
        }
      }
    }
  }

  /// Whether any pixel of a row lies outside by more than its limit.
  private static func isBeyond(
    _ row: UnsafeMutablePointer<UInt8>, _ low: UnsafePointer<UInt8>, _ high: UnsafePointer<UInt8>,
    _ limit: UnsafePointer<UInt8>, _ width: Int
  ) -> Bool {
    var most: UInt8 = 0
    for x in 0..<width {
      let above = row[x] &- min(row[x], high[x]), below = low[x] &- min(low[x], row[x])
      most = max(most, (above | below) &- min(above | below, limit[x]))
    }
    return most > 0
  }

  /// Marks the pixels of the rows that lie beyond their limits, and those within small gaps.
  private func link(_ rows: Range<Int>, _ golden: GoldenPart) throws {
    let width = deviation.width
    let first = max(0, rows.lowerBound - tool.link)
    let past = min(deviation.height, rows.upperBound + tool.link)
    let layout = RasterLayout(format: .u8, width: width, height: past - first)
    if excess?.layout.sameShape(as: layout) != true { excess = Raster(uninitialized: layout) }
    deviation.view.withRows { deviations in
      golden.limits.withRows { limits in
        excess!.withMutableView { out in
          for y in first..<past {
            let row = out.row(y - first).assumingMemoryBound(to: UInt8.self)
            let deviation = deviations[y], limit = limits[y]
            for x in 0..<width { row[x] = deviation[x] &- min(deviation[x], limit[x]) }
          }
        }
      }
    }
    let reach = 2 * tool.link + 1
    try run(
      Dilate(StructuringElement(.rect, width: reach, height: reach)), excess!.view, into: &linked)
    linked!.view.withBytes { source in
      scratch!.withMutableView { out in
        for y in rows {
          out.row(y).copyMemory(
            from: source + (y - first) * linked!.layout.rowBytes, byteCount: width)
        }
      }
    }
  }

  /// Connected pixels beyond their limits; small gaps do not part them.
  private func findDefects(_ golden: GoldenPart) throws -> [Defect] {
    guard let seen = scratch?.view else { return [] }
    let parts = try finder.find(in: seen)
    failover = failover ?? parts.failover
    struct Found {
      var box = PixelRect(x: 0, y: 0, width: 0, height: 0)
      var area = 0
      /// The largest deviation by its limit.
      var peak = 0.0
      var brighter = 0
    }
    let found = deviation.view.withRows { deviations in
      golden.limits.withRows { limits in
        parts.regions.map { region in
          var found = Found()
          for run in region.runs {
            let d = deviations[run.y], l = limits[run.y], bits = bright.row(run.y)
            for x in run.start..<run.end where d[x] > l[x] {
              found.area += 1
              found.peak = max(found.peak, Double(d[x]) / Double(l[x]))
              found.brighter += bits[x / 64] >> UInt64(x % 64) & 1 == 1 ? 1 : -1
              found.box = found.box.union(PixelRect(x: x, y: run.y, width: 1, height: 1))
            }
          }
          return found
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
    guard let golden = golden?.part else { return nil }
    return deviation.view.withRows { deviations in
      golden.limits.withRows { limits in
        Image(width: deviation.width, height: deviation.height) { x, y in
          UInt16(min(65_535, Int(deviations[y][x]) * 10_000 / Int(limits[y][x])))
        }
      }
    }
  }

  /// Of no defect: the largest deviation by the least that would be over its limit.
  private func greatestDeviation(_ golden: GoldenPart) -> Double {
    deviation.view.withRows { deviations in
      golden.limits.withRows { limits in
        var greatest = (deviation: UInt32(0), limit: UInt32(1))
        for y in 0..<deviation.height {
          let d = deviations[y], l = limits[y]
          for x in 0..<deviation.width {
            // Products instead of quotients: exact, and no division a pixel.
            let limit = UInt32(l[x]) + 1
            if UInt32(d[x]) * greatest.limit > greatest.deviation * limit {
              greatest = (UInt32(d[x]), limit)
            }
          }
        }
        return Double(greatest.deviation) / Double(greatest.limit)
      }
    }
  }
}
