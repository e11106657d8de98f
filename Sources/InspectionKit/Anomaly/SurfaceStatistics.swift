import VisionImage

/// An uneven surface without a reference, judged by two things. How much the texture of every scale
/// moves in a small window around each place is held against what good surfaces show in the same
/// region; and the stripes of grinding must go through: where they break off across the surface,
/// what lies beyond was ground otherwise.
struct SurfaceStatistics: AnomalyMethod {
  static let topShare = 0.02
  static let leastPictures = 10

  private let regions: RegionStatistics
  private let breaks: StripeBreaks
  private let textureScale: TailScale
  private let breakScale: TailScale

  init(learning pictures: [Image<UInt8>], _ engine: PlaneEngine) {
    var textures: [[FloatPlane]] = []
    var changes: [FloatPlane] = []
    for picture in pictures {
      let surface = SurfaceTexture(picture.view, engine)
      textures.append(surface.planes)
      changes.append(surface.stripeChanges)
    }
    regions = RegionStatistics(count: SurfaceTexture.count, learning: textures)
    breaks = StripeBreaks(learning: changes)
    // What good surfaces show to those that did not learn from them.
    let folds = 5
    var held: [Float] = []
    for fold in 0..<folds {
      let others = RegionStatistics(
        count: SurfaceTexture.count,
        learning: textures.indices.filter { $0 % folds != fold }.map { textures[$0] })
      for i in textures.indices where i % folds == fold {
        held += Self.unusual(textures[i], others, engine).values
      }
    }
    textureScale = TailScale(held)
    let breaks = breaks
    breakScale = TailScale(changes.flatMap { breaks.beyond($0, engine).values })
  }

  init(_ reader: inout ModelReader) throws(ModelError) {
    regions = try RegionStatistics(count: SurfaceTexture.count, &reader)
    breaks = try StripeBreaks(&reader)
    textureScale = try TailScale(&reader)
    breakScale = try TailScale(&reader)
  }

  func write(to writer: inout ModelWriter) {
    regions.write(to: &writer)
    breaks.write(to: &writer)
    textureScale.write(to: &writer)
    breakScale.write(to: &writer)
  }

  static func check(_ picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError) {
    guard picture.width >= 96, picture.height >= 96 else {
      throw ToolError("pictures of \(picture.width)x\(picture.height) are too small for a surface")
    }
  }

  func map(of picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError) -> AnomalyMap {
    try Self.check(picture, engine)
    let surface = SurfaceTexture(picture, engine)
    let texture = Self.unusual(surface.planes, regions, engine)
    let beyond = breaks.beyond(surface.stripeChanges, engine)
    let map = texture.zipped(beyond) { textureScale.surprise($0) + breakScale.surprise($1) }
    return AnomalyMap(plane: map, reduction: SurfaceTexture.reduction * SurfaceTexture.pooling)
  }

  /// How far from good the texture is; a place counts for more where its surroundings are unusual,
  /// too.
  private static func unusual(
    _ planes: [FloatPlane], _ regions: RegionStatistics, _ engine: PlaneEngine
  ) -> FloatPlane {
    let distance = regions.distance(of: planes).smoothed(sigma: 0.6, engine)
    return distance.zipped(distance.smoothed(sigma: 1.5, engine)) { ($0 * $1).squareRoot() }
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

  /// How much the stripes change from above to below every place.
  let stripeChanges: FloatPlane

  init(_ picture: ImageView<UInt8>, _ engine: PlaneEngine) {
    let local = SurfaceContrast(picture, reduction: Self.reduction, engine).local
    // A grinding stripe is what a column shows over sixty pixels up and down.
    let plain = local.zipped(local.boxedDown(radius: 30, engine), -)
    planes = Self.bands(plain, engine).map { band in
      band.map { $0 * $0 }.pooled(by: Self.pooling).smoothed(sigma: 1.4, engine)
        .map { 0.5 * Float(FixedMath.log(Double($0) + 1e-3)) }
    }
    stripeChanges = StripeBreaks.changes(in: local, pooling: Self.pooling, engine)
  }

  /// For every scale what is finer than it, and how that bends across and along.
  private static func bands(_ plane: FloatPlane, _ engine: PlaneEngine) -> [FloatPlane] {
    var bands: [FloatPlane] = []
    var finer = plane
    for scale in scales {
      let smooth = plane.smoothed(sigma: Float(scale), engine)
      bands.append(finer.zipped(smooth, -))
      // Twice a place less what lies at the same distance on either side.
      for (dx, dy) in [(2 * scale, 0), (0, 2 * scale)] {
        bands.append(
          smooth.weighed(
            [
              PlaneTap(x: 0, y: 0, weight: 2), PlaneTap(x: dx, y: dy, weight: -1),
              PlaneTap(x: -dx, y: -dy, weight: -1),
            ], engine))
      }
      finer = smooth
    }
    return bands
  }
}
