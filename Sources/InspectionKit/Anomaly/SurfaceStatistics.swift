import VisionImage

/// An uneven surface without a reference, looked at twice: closely, for what a small filter bank
/// answers at every place; and broadly, for bands where the texture is another than in the rest of
/// the same columns. Both are held against what good surfaces show in the same region.
struct SurfaceStatistics: AnomalyMethod {
  static let topShare = 0.001
  static let leastPictures = 10

  private let close: RegionStatistics
  private let broad: RegionStatistics
  /// Distances that good surfaces hardly reach: they make the two comparable.
  private let closeLimit: Float
  private let broadLimit: Float

  init(learning pictures: [Image<UInt8>]) throws(ToolError) {
    var filters: [SurfaceFilters] = []
    for picture in pictures { filters.append(try SurfaceFilters(picture.view)) }
    let close = RegionStatistics(count: SurfaceFilters.closeCount, learning: filters.map(\.close))
    let broad = RegionStatistics(count: SurfaceFilters.broadCount, learning: filters.map(\.broad))
    func limit(_ maps: [FloatPlane]) -> Float {
      let scores = maps.map { $0.topMean(share: Self.topShare) }.sorted()
      return max(1e-3, scores[scores.count * 9 / 10])
    }
    closeLimit = limit(filters.map { Self.closeMap($0, close) })
    broadLimit = limit(filters.map { broad.distance(of: $0.broad) })
    self.close = close
    self.broad = broad
  }

  init(_ reader: inout ModelReader) throws(ModelError) {
    closeLimit = try reader.float()
    broadLimit = try reader.float()
    guard closeLimit > 0, broadLimit > 0 else { throw .damaged("its limits") }
    close = try RegionStatistics(count: SurfaceFilters.closeCount, &reader)
    broad = try RegionStatistics(count: SurfaceFilters.broadCount, &reader)
  }

  func write(to writer: inout ModelWriter) {
    writer.float(closeLimit)
    writer.float(broadLimit)
    close.write(to: &writer)
    broad.write(to: &writer)
  }

  func map(of picture: ImageView<UInt8>) throws(ToolError) -> AnomalyMap {
    let filters = try SurfaceFilters(picture)
    var map = Self.closeMap(filters, close)
    let broad = broad.distance(of: filters.broad)
    let step = Float(SurfaceFilters.pooling), half = (step - 1) / 2
    for y in 0..<map.height {
      for x in 0..<map.width {
        let wide = broad.interpolated((Float(x) - half) / step, (Float(y) - half) / step)
        map[x, y] = max(map[x, y] / closeLimit, wide / broadLimit)
      }
    }
    return AnomalyMap(plane: map, reduction: SurfaceFilters.reduction)
  }

  private static func closeMap(_ filters: SurfaceFilters, _ close: RegionStatistics) -> FloatPlane {
    close.distance(of: filters.close).smoothed(sigma: 1.5)
  }
}

/// What is measured at every place of a surface.
struct SurfaceFilters {
  /// Pixels of the picture to one of the close planes; of those to one of the broad planes.
  static let reduction = 2
  static let pooling = 4
  static let closeCount = 3 * scales.count + 2
  static let broadCount = 3 * scales.count + 1
  private static let scales: [Int] = [1, 2, 4]

  /// At several scales how bright a place is against its surroundings, and how that bends across and
  /// along, where grinding stripes are taken out; and the shading.
  let close: [FloatPlane]
  /// How much the bands of those scales move in a broad window, the stripes left in, against the same
  /// columns elsewhere; and the shading.
  let broad: [FloatPlane]

  init(_ picture: ImageView<UInt8>) throws(ToolError) {
    guard picture.width >= 96, picture.height >= 96 else {
      throw ToolError("pictures of \(picture.width)x\(picture.height) are too small for a surface")
    }
    let contrast = SurfaceContrast(picture, reduction: Self.reduction)
    let local = contrast.local
    // A stripe is what a column shows over sixty pixels up and down.
    let plain = local.zipped(local.boxedDown(radius: 30), -)
    let (bands, smooth) = Self.bands(plain)
    close = bands + [smooth, contrast.wide]
    let energies = Self.bands(local).bands.map { band in
      band.map { $0 * $0 }.pooled(by: Self.pooling).map { Float(FixedMath.log(Double($0) + 1e-3)) }
    }
    broad = (energies + [contrast.wide.pooled(by: Self.pooling)]).map { plane in
      plane.smoothed(sigma: 10, down: 1).againstItsColumns
    }
  }

  /// Nine planes from fine to coarse, and what is left.
  private static func bands(_ plane: FloatPlane) -> (bands: [FloatPlane], rest: FloatPlane) {
    var bands: [FloatPlane] = []
    var finer = plane
    for scale in scales {
      let smooth = plane.smoothed(sigma: Float(scale))
      bands.append(finer.zipped(smooth, -))
      bands.append(smooth.bend(dx: 2 * scale, dy: 0))
      bands.append(smooth.bend(dx: 0, dy: 2 * scale))
      finer = smooth
    }
    return (bands, finer)
  }
}

extension FloatPlane {
  /// Twice a place less what lies at the same distance on either side.
  fileprivate func bend(dx: Int, dy: Int) -> FloatPlane {
    let margin = max(dx, dy), around = padded(by: margin), stride = around.width
    var out = FloatPlane(width: width, height: height)
    let width = width, height = height, offset = dy * stride + dx
    out.update { out in
      around.read { around in
        for y in 0..<height {
          let row = around + (y + margin) * stride + margin, target = out + y * width
          for x in 0..<width { target[x] = 2 * row[x] - row[x + offset] - row[x - offset] }
        }
      }
    }
    return out
  }

  /// Means of squares of `factor` values.
  fileprivate func pooled(by factor: Int) -> FloatPlane {
    var out = FloatPlane(width: width / factor, height: height / factor)
    let share = 1 / Float(factor * factor)
    for y in 0..<out.height {
      for x in 0..<out.width {
        var sum: Float = 0
        for v in 0..<factor {
          for u in 0..<factor { sum += values[(y * factor + v) * width + x * factor + u] }
        }
        out[x, y] = sum * share
      }
    }
    return out
  }

  /// Every value less the median of its column.
  fileprivate var againstItsColumns: FloatPlane {
    var out = self
    for x in 0..<width {
      let median = (0..<height).map { self[x, $0] }.sorted()[height / 2]
      for y in 0..<height { out[x, y] -= median }
    }
    return out
  }
}
