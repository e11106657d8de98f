import VisionCore
import VisionImage

/// The perfect part made ready: what passes, and what a picture is brought over.
struct GoldenPart {
  let picture: Image<UInt8>
  /// Grey values by which a pixel may lie outside of what passes, 1 to 255.
  let limits: GoldenLimits
  /// The reference as light is evened to; nil where it is not.
  private let light: Raster?
  private let registration: Registration
  private let warp: LocalWarp?
  private let shading: Box?

  private let isSmooth: Bool
  private let edgeBand: Int
  /// Nil where it would take too much memory: twice that of the picture.
  private let keptBand: PassingBand?

  private let bandPixels: Int

  static let smoothing = Gaussian(size: 3, border: .replicate)

  /// `isSmooth`: the picture was learned from smooth ones.
  init(
    picture: Image<UInt8>, isSmooth: Bool = false, limits: Image<UInt8>? = nil, tool: CompareGolden,
    runner: OperatorRunner = OperatorRunner(.native)
  ) throws {
    let smooth =
      try isSmooth ? picture.raster : runner.apply(Self.smoothing, to: picture.view.raster).image!
    let view = Image<UInt8>(smooth)!.view
    if let mask = tool.mask, mask.width != picture.width || mask.height != picture.height {
      throw ToolError(
        "the mask has \(mask.width)x\(mask.height) pixels, the reference "
          + "\(picture.width)x\(picture.height)")
    }
    self.picture = picture
    self.isSmooth = isSmooth
    edgeBand = tool.edgeBand
    bandPixels = tool.bandPixels
    keptBand =
      try picture.raster.layout.pixelCount <= tool.keptPixels
      ? PassingBand(smooth, firstRow: 0, tool.edgeBand, runner) : nil
    self.limits = GoldenLimits(limits, width: picture.width, tolerance: tool.tolerance)
    registration = Registration(reference: view, range: tool.search, mask: tool.mask)
    warp = tool.warp > 0 ? LocalWarp(reference: Image(copying: view), reach: tool.warp) : nil
    shading =
      tool.shading > 0 ? Box(width: tool.shading, height: tool.shading, border: .replicate) : nil
    light = shading == nil || (keptBand == nil && warp == nil) ? nil : smooth
  }

  /// Rows whose passing grey values are asked for together.
  var bands: [Range<Int>] {
    let height = picture.height
    guard keptBand == nil else { return [0..<height] }
    let rows = max(16, bandPixels / picture.width)
    return stride(from: 0, to: height, by: rows).map { $0..<min(height, $0 + rows) }
  }

  func passing(_ rows: Range<Int>, _ runner: OperatorRunner) throws -> PassingBand {
    if let keptBand { return keptBand }
    // As far as smoothing and window look beyond the rows.
    let reach = 1 + edgeBand / 2
    let first = max(0, rows.lowerBound - reach)
    let last = min(picture.height, rows.upperBound + reach)
    let seen = picture.view.raster.cropped(
      to: PixelRect(x: 0, y: first, width: picture.width, height: last - first))
    let smooth =
      try isSmooth ? Raster(copying: seen) : runner.apply(Self.smoothing, to: seen).image!
    return try PassingBand(smooth, firstRow: first, edgeBand, runner)
  }

  /// Whether a picture is brought over the reference band by band, so that it is never there twice:
  /// large ones, unless every place is sought by itself.
  var isInBands: Bool { keptBand == nil && warp == nil }

  /// How a smooth picture lies over the reference.
  func alignment(of smooth: ImageView<UInt8>) -> Alignment {
    var alignment = registration.align(smooth)
    if shading != nil {
      // The window evens the light; light that grows across the part would pass for contrast here.
      alignment.gain = 1
      alignment.offset = 0
    }
    return alignment
  }

  /// A picture as it would be had the part lain where the reference shows it, under the same light.
  func aligned(_ picture: Image<UInt8>) throws -> Image<UInt8> {
    let runner = OperatorRunner(.native)
    let smooth = try runner.apply(Self.smoothing, to: picture.view.raster).image!
    var aligned = self.picture
    try align(Image<UInt8>(smooth)!, into: &aligned) { try runner.apply($0, to: $1).image! }
    return aligned
  }

  /// `picture` is smooth. What it does not show is taken from the reference.
  func align(
    _ picture: Image<UInt8>, into aligned: inout Image<UInt8>,
    run: (Box, RasterView) throws -> Raster
  ) throws {
    let alignment = alignment(of: picture.view)
    let whole = 0..<picture.height
    picture.view.withRows { rows in
      move(
        NumberedRows(base: rows.base, rowBytes: rows.rowBytes, firstRow: 0), alignment, whole,
        into: &aligned)
    }
    if let warp { aligned = warp.warped(aligned) }
    let shown = shown(alignment)
    if let shading, let light, shown.width > 0, shown.height > 0 {
      // Without what the reference stands in for: that has the right light already.
      let seen = try run(shading, aligned.view.raster.cropped(to: shown))
      let wanted = try run(shading, light.view.cropped(to: shown))
      even(&aligned, in: shown, from: seen, to: wanted)
    }
  }

  /// Brings rows of a picture that is not smooth yet over those of the reference, under the same
  /// light. `smooth` does the smoothing.
  func align(
    _ picture: RasterView, _ alignment: Alignment, _ rows: Range<Int>, into band: inout Image<UInt8>,
    smooth: (RasterView) throws -> RasterView, run: (Box, RasterView) throws -> Raster
  ) throws {
    guard let shading else {
      return try move(picture, alignment, rows, into: &band, smooth: smooth)
    }
    // Every row with all that lies in its window.
    let wide = max(0, rows.lowerBound - shading.height)..<min(picture.height, rows.upperBound + shading.height)
    var aligned = Image<UInt8>(uninitializedWidth: picture.width, height: wide.count)
    try move(picture, alignment, wide, into: &aligned, smooth: smooth)
    var shown = shown(alignment).intersection(
      PixelRect(x: 0, y: wide.lowerBound, width: picture.width, height: wide.count))
    shown.y -= wide.lowerBound
    if shown.width > 0, shown.height > 0 {
      let light = try smoothRows(wide, smooth)
      let seen = try run(shading, aligned.view.raster.cropped(to: shown))
      let wanted = try run(shading, light.cropped(to: shown))
      even(&aligned, in: shown, from: seen, to: wanted)
    }
    aligned.view.withRows { aligned in
      band.withMutableView { out in
        for y in rows {
          out.row(y - rows.lowerBound).update(from: aligned[y - wide.lowerBound], count: out.width)
        }
      }
    }
  }

  /// Rows of the smooth reference.
  private func smoothRows(
    _ rows: Range<Int>, _ smooth: (RasterView) throws -> RasterView
  ) throws -> RasterView {
    let first = isSmooth ? rows.lowerBound : max(0, rows.lowerBound - 1)
    let past = isSmooth ? rows.upperBound : min(picture.height, rows.upperBound + 1)
    let seen = picture.view.raster.cropped(
      to: PixelRect(x: 0, y: first, width: picture.width, height: past - first))
    return try (isSmooth ? seen : smooth(seen)).cropped(
      to: PixelRect(x: 0, y: rows.lowerBound - first, width: picture.width, height: rows.count))
  }

  private func move(
    _ picture: RasterView, _ alignment: Alignment, _ rows: Range<Int>, into band: inout Image<UInt8>,
    smooth: (RasterView) throws -> RasterView
  ) throws {
    let dy = Int(alignment.dy.rounded(.down)), height = picture.height
    // The rows that are looked at, two for each, and the neighbours that smoothing asks for.
    let first = max(0, min(height - 1, rows.lowerBound + dy - 1))
    let past = max(first + 1, min(height, rows.upperBound + dy + 2))
    let seen = try smooth(
      picture.cropped(to: PixelRect(x: 0, y: first, width: picture.width, height: past - first)))
    seen.withBytes { base in
      move(
        NumberedRows(base: base, rowBytes: seen.layout.rowBytes, firstRow: first), alignment, rows,
        into: &band)
    }
  }

  /// What of the reference a picture shows.
  private func shown(_ a: Alignment) -> PixelRect {
    let dx = Int(a.dx.rounded(.down)), dy = Int(a.dy.rounded(.down))
    func span(_ shift: Int, _ length: Int) -> Range<Int> {
      max(0, -shift)..<max(0, -shift, min(length, length - 1 - shift))
    }
    let columns = span(dx, picture.width), rows = span(dy, picture.height)
    return PixelRect(
      x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Writes the reference's `rows` as the smooth picture shows them, the first to the first of `band`.
  private func move(
    _ smooth: NumberedRows, _ a: Alignment, _ rows: Range<Int>, into band: inout Image<UInt8>
  ) {
    let left = a.dx.rounded(.down), top = a.dy.rounded(.down)
    let fx = Float(a.dx - left), fy = Float(a.dy - top)
    let dx = Int(left), dy = Int(top)
    let w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy
    let scale = Float(1 / a.gain), shift = Float(0.5 - a.offset / a.gain)
    let width = picture.width, shown = shown(a)
    picture.view.withRows { reference in
      band.withMutableView { out in
        for y in rows {
          let row = out.row(y - rows.lowerBound)
          guard y >= shown.y, y < shown.maxY else {
            row.update(from: reference[y], count: width)
            continue
          }
          row.update(from: reference[y], count: shown.x)
          (row + shown.maxX).update(from: reference[y] + shown.maxX, count: width - shown.maxX)
          let p = smooth[y + dy] + dx, q = smooth[y + dy + 1] + dx
          for x in shown.x..<shown.maxX {
            let upper = w00 * Float(p[x]) + w01 * Float(p[x + 1])
            let seen = upper + w10 * Float(q[x]) + w11 * Float(q[x + 1])
            row[x] = UInt8(truncatingIfNeeded: Int32(max(0, min(255, seen * scale + shift))))
          }
        }
      }
    }
  }

  /// Adds what the picture's mean over a window lacks to the reference's; both of the shown part only.
  private func even(
    _ picture: inout Image<UInt8>, in shown: PixelRect, from seen: Raster, to wanted: Raster
  ) {
    guard let seen = Image<UInt8>(seen), let wanted = Image<UInt8>(wanted) else { return }
    seen.view.withRows { seen in
      wanted.view.withRows { wanted in
        picture.withMutableView { out in
          for y in 0..<shown.height {
            let row = out.row(shown.y + y) + shown.x, s = seen[y], w = wanted[y]
            for x in 0..<shown.width {
              let level = Int16(row[x]) + Int16(w[x]) - Int16(s[x])
              row[x] = UInt8(truncatingIfNeeded: max(0, min(255, level)))
            }
          }
        }
      }
    }
  }

  /// The share of pixels that lie outside what the reference shows by more than twice their limit.
  func strangeShare(of aligned: Image<UInt8>) throws -> Double {
    let runner = OperatorRunner(.native)
    var strange = 0
    for band in bands {
      try passing(band, runner).withRows { low, high in
        limits.withRows { limits in
          aligned.view.withRows { seen in
            for y in band {
              for x in 0..<aligned.width {
                let level = Int(seen[y][x]), allowed = 2 * Int(limits[y][x])
                if level > Int(high[y][x]) + allowed || level < Int(low[y][x]) - allowed {
                  strange += 1
                }
              }
            }
          }
        }
      }
    }
    return Double(strange) / Double(aligned.width * aligned.height)
  }
}
