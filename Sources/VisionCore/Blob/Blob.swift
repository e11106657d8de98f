import VisionImage

/// A region and all that can be measured of it. Each figure is reckoned when it is first asked for,
/// and what several of them need is reckoned once.
public final class Blob {
  public let region: Region
  /// The picture that the region was found in.
  public let picture: RasterView
  public let connectivity: Connectivity

  public init(_ region: Region, in picture: RasterView, _ connectivity: Connectivity) {
    precondition(!region.isEmpty, "a blob of no pixels")
    self.region = region
    self.picture = picture
    self.connectivity = connectivity
  }

  public private(set) lazy var box = region.box
  public private(set) lazy var moments = RegionMoments(region)
  public private(set) lazy var perimeter = region.perimeter
  public private(set) lazy var leastRectangle = region.leastRectangle
  public private(set) lazy var holes = 1 - region.eulerNumber(connectivity)
  public private(set) lazy var hull = region.convexHull
  public private(set) lazy var ferets = hull.feretsOfConvex
  public private(set) lazy var innerCircle = region.innerCircle
  public private(set) lazy var borderGradient = region.borderGradient(in: picture)
  private lazy var levels = GreyStatistics(of: picture, under: region)

  /// The pixels outside within three of the blob, along rows, columns or both.
  private lazy var surroundings = GreyStatistics(
    of: picture, under: region.dilated(width: 7, height: 7).subtracting(region))

  public var area: Int { moments.area }
  public var mean: Double { levels?.mean ?? 0 }
  public var deviation: Double { levels?.deviation ?? 0 }
  public var least: Double { levels?.least ?? 0 }
  public var greatest: Double { levels?.greatest ?? 0 }

  /// The mean of the blob less that of its surroundings; 0 where there are none.
  public var contrast: Double { surroundings.map { mean - $0.mean } ?? 0 }

  /// 1 for a disc, less for everything else; of few pixels it may be more.
  public var circularity: Double {
    perimeter == 0 ? 0 : 4 * .pi * Double(area) / (perimeter * perimeter)
  }

  /// The share of the convex hull that the blob fills.
  public var convexity: Double { Double(area) / Double(hull.area) }

  /// The share of the least rectangle that the blob fills.
  public var rectangularity: Double {
    Double(area) / ((leastRectangle.width + 1) * (leastRectangle.height + 1))
  }
}

/// A number that tells blobs apart, as recipes and tables name it.
public struct BlobFeature: Sendable {
  /// In kebab-case.
  public let name: String
  public let summary: String
  public let value: @Sendable (Blob) -> Double

  public static let all: [BlobFeature] = [
    BlobFeature("area", "pixels") { Double($0.area) },
    BlobFeature("x", "column of the centroid") { $0.moments.centroid.x },
    BlobFeature("y", "row of the centroid") { $0.moments.centroid.y },
    BlobFeature("width", "columns of the box") { Double($0.box.width) },
    BlobFeature("height", "rows of the box") { Double($0.box.height) },
    BlobFeature("holes", "enclosed pieces of ground") { Double($0.holes) },
    BlobFeature("perimeter", "length of all outlines, in pixels") { $0.perimeter },
    BlobFeature("circularity", "4 pi area / perimeter^2, 1 for a disc") { $0.circularity },
    BlobFeature("orientation", "direction of the major axis, degrees") {
      $0.moments.orientation.degrees
    },
    BlobFeature("major", "long axis of the ellipse of the same moments") { $0.moments.major },
    BlobFeature("minor", "short axis of it") { $0.moments.minor },
    BlobFeature("eccentricity", "of that ellipse: 0 for a circle, 1 for a line") {
      $0.moments.eccentricity
    },
    BlobFeature("convexity", "share of the convex hull that is filled") { $0.convexity },
    BlobFeature("rectangularity", "share of the least rectangle that is filled") {
      $0.rectangularity
    },
    BlobFeature("feret-max", "largest diameter, in pixels") { $0.ferets.max },
    BlobFeature("feret-min", "smallest diameter, in pixels") { $0.ferets.min },
    BlobFeature("inner-radius", "radius of the largest circle inside, in pixels") {
      $0.innerCircle?.radius ?? 0
    },
    BlobFeature("mean", "mean grey level") { $0.mean },
    BlobFeature("deviation", "deviation of the grey levels") { $0.deviation },
    BlobFeature("min-grey", "least grey level") { $0.least },
    BlobFeature("max-grey", "greatest grey level") { $0.greatest },
    BlobFeature("contrast", "mean level less that of a ring of 3 pixels around") { $0.contrast },
    BlobFeature("border-gradient", "mean change of level a pixel along the outline") {
      $0.borderGradient
    },
  ]

  private init(_ name: String, _ summary: String, _ value: @escaping @Sendable (Blob) -> Double) {
    self.name = name
    self.summary = summary
    self.value = value
  }
}
