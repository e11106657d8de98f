import VisionImage

/// An uneven surface without a reference: how much the texture of every scale moves in a small window
/// around each place, all scales together, held against what good surfaces show in the same region.
struct SurfaceStatistics: AnomalyMethod {
  static let topShare = 0.02
  static let leastPictures = 10

  private let regions: RegionStatistics

  init(learning pictures: [Image<UInt8>]) throws(ToolError) {
    var textures: [[FloatPlane]] = []
    for picture in pictures { textures.append(try SurfaceTexture(picture.view).planes) }
    regions = RegionStatistics(count: SurfaceTexture.count, learning: textures)
  }

  init(_ reader: inout ModelReader) throws(ModelError) {
    regions = try RegionStatistics(count: SurfaceTexture.count, &reader)
  }

  func write(to writer: inout ModelWriter) { regions.write(to: &writer) }

  func map(of picture: ImageView<UInt8>) throws(ToolError) -> AnomalyMap {
    let distance = regions.distance(of: try SurfaceTexture(picture).planes).smoothed(sigma: 0.8)
    // A place counts for more where its surroundings are unusual, too.
    let map = distance.zipped(distance.smoothed(sigma: 3)) { ($0 * $1).squareRoot() }
    return AnomalyMap(plane: map, reduction: SurfaceTexture.reduction * SurfaceTexture.pooling)
  }
}

/// How much a surface moves, scale by scale.
struct SurfaceTexture {
  /// Pixels of the picture to one that is filtered; of those to one of the planes.
  static let reduction = 2
  static let pooling = 4
  private static let scales: [Int] = [1, 2, 4]
  static let count = 3 * scales.count

  /// The logarithm of the strength of each band over about fifty pixels.
  let planes: [FloatPlane]

  init(_ picture: ImageView<UInt8>) throws(ToolError) {
    guard picture.width >= 96, picture.height >= 96 else {
      throw ToolError("pictures of \(picture.width)x\(picture.height) are too small for a surface")
    }
    let local = SurfaceContrast(picture, reduction: Self.reduction).local
    // A grinding stripe is what a column shows over sixty pixels up and down.
    let plain = local.zipped(local.boxedDown(radius: 30), -)
    planes = Self.bands(plain).map { band in
      band.map { $0 * $0 }.pooled(by: Self.pooling).smoothed(sigma: 1.4)
        .map { 0.5 * Float(FixedMath.log(Double($0) + 1e-3)) }
    }
  }

  /// For every scale what is finer than it, and how that bends across and along.
  private static func bands(_ plane: FloatPlane) -> [FloatPlane] {
    var bands: [FloatPlane] = []
    var finer = plane
    for scale in scales {
      let smooth = plane.smoothed(sigma: Float(scale))
      bands.append(finer.zipped(smooth, -))
      bands.append(smooth.bend(dx: 2 * scale, dy: 0))
      bands.append(smooth.bend(dx: 0, dy: 2 * scale))
      finer = smooth
    }
    return bands
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
}
