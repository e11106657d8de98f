import VisionCore
import VisionImage

/// One thread's reference and the buffers of every step. Of a large picture there is one, besides it
/// and the reference, where no warp is asked for: what else there is are bands.
final class CompareGoldenWorker: ToolWorker {
  private let tool: CompareGolden
  private let runner: OperatorRunner
  private let finder: BlobFinder
  private var golden: (name: String, part: GoldenPart)?
  private var wanted: (name: String, picture: Image<UInt8>)?
  /// The smoothed picture; when that has served, what lies beyond the limits with gaps closed: the
  /// deviation of such a pixel, 1 of one in a gap, 0 elsewhere.
  private var scratch: Raster?
  /// A smoothed band.
  private var strip: Raster?
  /// The picture over the reference; when that has served, by how much it lies outside what passes.
  /// All of it or a band, which begins in row `top`.
  private var deviation = Image<UInt8>(width: 1, height: 1, repeating: 0)
  private var top = 0
  private var even: Raster?
  /// Whether a pixel beyond its limit is brighter than what passes.
  private var bright = Bitmap(width: 1, height: 1, margin: 0)
  private var excess: Raster?
  private var linked: Raster?
  private var anomalies: Image<UInt16>?
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
    if bright.width != reference.width || bright.height != reference.height {
      bright = Bitmap(width: reference.width, height: reference.height, margin: 0)
    }
    failover = nil
    try run(GoldenPart.smoothing, picture, into: &scratch)
    let alignment = golden.isInBands ? golden.alignment(of: ImageView(scratch!.view)!) : nil
    var greatest = GreatestDeviation()
    if let alignment {
      for band in golden.bands {
        try show(around(band), of: picture, alignment, golden)
        greatest.add(deviation, top, band, golden.limits)
        try link(band, golden)
      }
    } else {
      resizeDeviation(rows: 0..<reference.height)
      try golden.align(Image<UInt8>(scratch!)!, into: &deviation) { box, view in
        try run(box, view, into: &even)
        return even!
      }
      for band in golden.bands { measure(band, golden, try golden.passing(band, runner)) }
      for band in golden.bands { try link(band, golden) }
    }
    let defects = try findDefects(golden)
    let worst = defects.map(\.score).max()
    if alignment == nil, worst == nil { greatest.add(deviation, 0, 0..<reference.height, golden.limits) }
    if alignment != nil { scratch = nil }
    anomalies = nil
    if part.wantsMap { try map(picture, alignment, golden) }
    return ToolResult(
      score: worst ?? min(0.999, greatest.share), defects: defects, failover: failover)
  }

  /// The rows of a band and those that linking looks at besides.
  private func around(_ band: Range<Int>) -> Range<Int> {
    max(0, band.lowerBound - tool.link)..<min(bright.height, band.upperBound + tool.link)
  }

  private func resizeDeviation(rows: Range<Int>) {
    top = rows.lowerBound
    let layout = RasterLayout(format: .u8, width: bright.width, height: rows.count)
    if deviation.raster.layout.sameShape(as: layout) { return }
    deviation = Image(uninitializedWidth: layout.width, height: layout.height)
  }

  /// Fills `deviation` with rows of a large picture.
  private func show(
    _ rows: Range<Int>, of picture: RasterView, _ alignment: Alignment, _ golden: GoldenPart
  ) throws {
    resizeDeviation(rows: rows)
    try golden.align(
      picture, alignment, rows, into: &deviation,
      smooth: { seen in
        try run(GoldenPart.smoothing, seen, into: &strip)
        return strip!.view
      },
      run: { box, view in
        try run(box, view, into: &even)
        return even!
      })
    measure(rows, golden, try golden.passing(rows, runner))
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
            let row = out.row(y - top), low = low[y], high = high[y], limit = limits[y]
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
          let row = out.row(y - top), shown = mask[y]
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
    let around = around(rows), first = around.lowerBound
    let layout = RasterLayout(format: .u8, width: width, height: around.count)
    if excess?.layout.sameShape(as: layout) != true { excess = Raster(uninitialized: layout) }
    deviation.view.withRows { deviations in
      golden.limits.withRows { limits in
        excess!.withMutableView { out in
          for y in around {
            let row = out.row(y - first).assumingMemoryBound(to: UInt8.self)
            let deviation = deviations[y - top], limit = limits[y]
            for x in 0..<width { row[x] = deviation[x] &- min(deviation[x], limit[x]) }
          }
        }
      }
    }
    let reach = 2 * tool.link + 1
    try run(
      Dilate(StructuringElement(.rect, width: reach, height: reach)), excess!.view, into: &linked)
    ImageView<UInt8>(excess!.view)!.withRows { excess in
      ImageView<UInt8>(linked!.view)!.withRows { linked in
        deviation.view.withRows { deviations in
          scratch!.withMutableView { out in
            for y in rows {
              let row = out.row(y).assumingMemoryBound(to: UInt8.self)
              let near = linked[y - first], beyond = excess[y - first], value = deviations[y - top]
              // Limits are 1 and more, so a deviation beyond one is never taken for a gap.
              for x in 0..<width { row[x] = beyond[x] > 0 ? value[x] : min(near[x], 1) }
            }
          }
        }
      }
    }
  }

  /// Connected pixels beyond their limits; small gaps do not part them.
  private func findDefects(_ golden: GoldenPart) throws -> [Defect] {
    guard let scratch = scratch.flatMap({ Image<UInt8>($0) }) else { return [] }
    let parts = try finder.find(in: scratch.view.raster)
    failover = failover ?? parts.failover
    struct Found {
      var box = PixelRect(x: 0, y: 0, width: 0, height: 0)
      var area = 0
      /// The largest deviation by its limit.
      var peak = 0.0
      var brighter = 0
    }
    let found = scratch.view.withRows { deviations in
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

  /// Handed over, not kept: it is as large as two pictures.
  func map() -> Image<UInt16>? {
    defer { anomalies = nil }
    return anomalies
  }

  private func map(_ picture: RasterView, _ alignment: Alignment?, _ golden: GoldenPart) throws {
    var map = Image<UInt16>(uninitializedWidth: bright.width, height: bright.height)
    for band in golden.bands {
      if let alignment { try show(band, of: picture, alignment, golden) }
      deviation.view.withRows { deviations in
        golden.limits.withRows { limits in
          map.withMutableView { out in
            for y in band {
              let row = out.row(y), deviation = deviations[y - top], limit = limits[y]
              for x in 0..<out.width {
                row[x] = UInt16(min(65_535, Int(deviation[x]) * 10_000 / Int(limit[x])))
              }
            }
          }
        }
      }
    }
    anomalies = map
  }
}

/// The largest deviation by the least that would be over its limit.
private struct GreatestDeviation {
  private var deviation: UInt32 = 0
  private var limit: UInt32 = 1

  var share: Double { Double(deviation) / Double(limit) }

  /// `deviations` begin in row `top`.
  mutating func add(
    _ deviations: Image<UInt8>, _ top: Int, _ rows: Range<Int>, _ limits: GoldenLimits
  ) {
    // In registers for the length of the loop.
    var deviation = deviation, limit = limit
    let width = deviations.width
    deviations.view.withRows { deviations in
      limits.withRows { limits in
        for y in rows {
          let d = deviations[y - top], l = limits[y]
          for x in 0..<width {
            // Products instead of quotients: exact, and no division a pixel.
            let least = UInt32(l[x]) + 1
            if UInt32(d[x]) * limit > deviation * least { (deviation, limit) = (UInt32(d[x]), least) }
          }
        }
      }
    }
    self.deviation = deviation
    self.limit = limit
  }
}
