import VisionImage

/// How far every place of a picture is from what good parts show there.
struct AnomalyMap: Sendable {
  let plane: FloatPlane
  /// Pixels of the picture to one of the plane, where the plane lies straight on it.
  var reduction = 1
  /// Where the plane lies otherwise: from the picture's pixels to the plane's.
  var placement: PartPose?
}

/// A way to learn what good parts look like.
protocol AnomalyMethod: Sendable {
  /// Learns from good pictures, of which there are at least `leastPictures`.
  init(learning pictures: [Image<UInt8>], _ engine: PlaneEngine) throws(ToolError)
  init(_ reader: inout ModelReader) throws(ModelError)
  func write(to writer: inout ModelWriter)
  /// Refuses a picture that nothing can be said about.
  static func check(_ picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError)
  func map(of picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError) -> AnomalyMap
  /// The share of a map, its largest values, whose mean is the picture's score.
  static var topShare: Double { get }
  static var leastPictures: Int { get }
  /// For every picture the number of the part that it shows: several may show one.
  static func partNumbers(of pictures: [Image<UInt8>], _ engine: PlaneEngine) -> [Int]
}

extension AnomalyMethod {
  func score(of picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError) -> Double {
    Double(try map(of: picture, engine).plane.topMean(share: Self.topShare))
  }

  static func partNumbers(of pictures: [Image<UInt8>], _ engine: PlaneEngine) -> [Int] {
    SamePart.numbers(of: pictures, engine)
  }
}

/// The methods by their names in recipes.
enum AnomalyMethods {
  static let all: [(name: String, type: any AnomalyMethod.Type)] = [
    ("lines", DarkPaths.self), ("surface", SurfaceStatistics.self), ("part", PartComparison.self)
  ]

  static func find(_ name: String) -> (any AnomalyMethod.Type)? {
    all.first { $0.name == name }?.type
  }
}
