import VisionImage

/// Cracks and scratches on a textured surface: what is a little darker along a line than beside it,
/// and goes on being so, is found however weak it is at each place.
///
/// The light is taken out first; oriented line filters tell how dark a line passes here, held
/// against what good surfaces show; then the best path through every pixel sums that up.
struct DarkPaths: AnomalyMethod {
  /// What good surfaces answer to the filters: for near-vertical and near-horizontal lines of each
  /// width.
  struct Level: Equatable {
    var mean: Float
    var deviation: Float
  }
  private var levels: [Level]
  /// Sums along paths down and across that good surfaces hardly reach: grinding stripes make the one
  /// large, and must not hide what is unusual in the other.
  private var limits: (down: Float, across: Float)

  /// Pixels of the picture to one of the map.
  static let reduction = 2
  static let topShare = 0.0003
  static let leastPictures = 5

  /// Length and width of the lines, in pixels of the map.
  private static let lines: [(length: Int, width: Float)] = [(9, 1.2), (11, 2)]
  private static let decay: Float = 0.97
  /// What speaks against a line where there is nothing of it.
  private static let against: Float = -1.5

  init(learning pictures: [Image<UInt8>], _ engine: PlaneEngine) {
    let answers = pictures.map { Answers($0.view, engine) }
    var sums = [(sum: Double, square: Double, count: Double)](repeating: (0, 0, 0), count: 4)
    for picture in answers {
      for (i, response) in picture.planes.enumerated() {
        var sum = 0.0, square = 0.0
        for value in response.values {
          sum += Double(value)
          square += Double(value) * Double(value)
        }
        sums[i].sum += sum
        sums[i].square += square
        sums[i].count += Double(response.values.count)
      }
    }
    levels = sums.map { s in
      let mean = s.sum / s.count
      return Level(
        mean: Float(mean),
        deviation: Float(max(1e-6, s.square / s.count - mean * mean).squareRoot()))
    }
    limits = (1, 1)
    let found = answers.map { paths(through: $0, engine) }
    func limit(_ maps: [FloatPlane]) -> Float {
      let tops = maps.map { $0.topMean(share: Self.topShare) }.sorted()
      return max(1, tops[tops.count * 3 / 4])
    }
    limits = (limit(found.map(\.down)), limit(found.map(\.across)))
  }

  init(_ reader: inout ModelReader) throws(ModelError) {
    let numbers = try reader.floats()
    limits = (try reader.float(), try reader.float())
    guard numbers.count == 4 * Self.lines.count, limits.down > 0, limits.across > 0 else {
      throw ModelError.damaged("line levels")
    }
    levels = stride(from: 0, to: numbers.count, by: 2).map {
      Level(mean: numbers[$0], deviation: numbers[$0 + 1])
    }
  }

  func write(to writer: inout ModelWriter) {
    writer.floats(levels.flatMap { [$0.mean, $0.deviation] })
    writer.float(limits.down)
    writer.float(limits.across)
  }

  static func check(_ picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError) {
    guard picture.width >= 64, picture.height >= 64 else {
      throw ToolError("pictures of \(picture.width)x\(picture.height) are too small for lines")
    }
  }

  func map(
    of picture: ImageView<UInt8>, _ engine: PlaneEngine
  ) throws(ToolError) -> AnomalyMap {
    try Self.check(picture, engine)
    let paths = paths(through: Answers(picture, engine), engine)
    let map = paths.down.zipped(paths.across) { max($0 / limits.down, $1 / limits.across) }
    return AnomalyMap(plane: map, reduction: Self.reduction)
  }

  /// What speaks for a line through every pixel: the best path down, and the best across.
  private func paths(
    through answers: Answers, _ engine: PlaneEngine
  ) -> (down: FloatPlane, across: FloatPlane) {
    // Of each direction the wide and the thin line, whichever is more unusual.
    func evidence(_ direction: Int) -> FloatPlane {
      let responses = answers.planes
      var best = FloatPlane(
        width: responses[0].width, height: responses[0].height, repeating: Self.against)
      for i in stride(from: direction, to: responses.count, by: 2) {
        let level = levels[i], count = best.values.count
        best.update { best in
          responses[i].read {
            engine.kernels.rate($0, best, count, level.mean, 1 / level.deviation, 4)
          }
        }
      }
      answers.glare.overwrite(&best, with: Self.against)
      return best
    }
    return (
      evidence(0).pathsDown(decay: Self.decay, engine),
      evidence(1).transposed.pathsDown(decay: Self.decay, engine).transposed
    )
  }

  // MARK: Lines

  /// What a picture answers to the filters.
  private struct Answers {
    /// For every width that of near-vertical and of near-horizontal dark lines.
    let planes: [FloatPlane]
    let glare: Glare

    init(_ picture: ImageView<UInt8>, _ engine: PlaneEngine) {
      let surface = SurfaceContrast(picture, reduction: reduction, engine), contrast = surface.local
      glare = surface.glare
      planes = lines.flatMap { line in
        let smooth = contrast.smoothed(sigma: line.width / 2, engine).padded(by: LineFan.margin)
        let fans = LineFan(length: line.length, width: line.width)
        return [fans.steep, fans.flat].map {
          LineFan.strongest(
            of: $0, in: smooth, width: contrast.width, height: contrast.height, engine)
        }
      }
    }
  }
}
