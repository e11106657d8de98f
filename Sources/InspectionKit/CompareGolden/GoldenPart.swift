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

  static let smoothing = Gaussian(size: 3, border: .replicate)
  private static let keptPixels = 16 << 20
  private static let bandPixels = 2 << 20

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
    keptBand =
      try picture.raster.layout.pixelCount <= Self.keptPixels
      ? PassingBand(smooth, firstRow: 0, tool.edgeBand, runner) : nil
    self.limits = GoldenLimits(limits, width: picture.width, tolerance: tool.tolerance)
    registration = Registration(reference: view, range: tool.search, mask: tool.mask)
    warp = tool.warp > 0 ? LocalWarp(reference: Image(copying: view), reach: tool.warp) : nil
    shading =
      tool.shading > 0 ? Box(width: tool.shading, height: tool.shading, border: .replicate) : nil
    light = shading == nil ? nil : smooth
  }

  /// Rows whose passing grey values are asked for together.
  var bands: [Range<Int>] {
    let height = picture.height
    guard keptBand == nil else { return [0..<height] }
    let rows = max(64, Self.bandPixels / picture.width)
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
    var alignment = registration.align(picture.view)
    if shading != nil {
      // The window evens the light; light that grows across the part would pass for contrast here.
      alignment.gain = 1
      alignment.offset = 0
    }
    let shown = move(picture, alignment, into: &aligned)
    if let warp { aligned = warp.warped(aligned) }
    if let shading, let light, shown.width > 0, shown.height > 0 {
      // Without what the reference stands in for: that has the right light already.
      let seen = try run(shading, aligned.view.raster.cropped(to: shown))
      let wanted = try run(shading, light.view.cropped(to: shown))
      even(&aligned, in: shown, from: seen, to: wanted)
    }
  }

  /// Answers what of the reference the picture shows.
  private func move(
    _ picture: Image<UInt8>, _ a: Alignment, into aligned: inout Image<UInt8>
  ) -> PixelRect {
    let left = a.dx.rounded(.down), top = a.dy.rounded(.down)
    let fx = Float(a.dx - left), fy = Float(a.dy - top)
    let dx = Int(left), dy = Int(top)
    let w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy
    let scale = Float(1 / a.gain), shift = Float(0.5 - a.offset / a.gain)
    let width = picture.width, height = picture.height
    let columns = max(0, -dx)..<max(max(0, -dx), min(width, width - 1 - dx))
    self.picture.view.withRows { reference in
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
    let rows = max(0, -dy)..<max(0, -dy, min(height, height - 1 - dy))
    return PixelRect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
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
