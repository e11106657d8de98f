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

  init(learning pictures: [Image<UInt8>]) {
    let responses = pictures.map { Self.responses($0.view) }
    var sums = [(sum: Double, square: Double, count: Double)](repeating: (0, 0, 0), count: 4)
    for picture in responses {
      for (i, response) in picture.enumerated() {
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
    let found = responses.map { paths(through: $0) }
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

  func map(of picture: ImageView<UInt8>) throws(ToolError) -> AnomalyMap {
    guard picture.width >= 64, picture.height >= 64 else {
      throw ToolError("pictures of \(picture.width)x\(picture.height) are too small for lines")
    }
    let paths = paths(through: Self.responses(picture))
    let map = paths.down.zipped(paths.across) { max($0 / limits.down, $1 / limits.across) }
    return AnomalyMap(plane: map, reduction: Self.reduction)
  }

  /// What speaks for a line through every pixel: the best path down, and the best across.
  private func paths(through responses: [FloatPlane]) -> (down: FloatPlane, across: FloatPlane) {
    // Of each direction the wide and the thin line, whichever is more unusual.
    func evidence(_ direction: Int) -> FloatPlane {
      var best = FloatPlane(width: responses[0].width, height: responses[0].height, repeating: -1.5)
      for i in stride(from: direction, to: responses.count, by: 2) {
        let level = levels[i], scale = 1 / level.deviation
        best.update { best in
          responses[i].read { response in
            for k in 0..<responses[i].values.count {
              let z = (response[k] - level.mean) * scale - 1
              best[k] = max(best[k], min(z, 4))
            }
          }
        }
      }
      return best
    }
    return (Self.paths(evidence(0)), Self.paths(evidence(1).transposed).transposed)
  }

  // MARK: Lines

  /// For every width the answer of near-vertical and of near-horizontal dark lines.
  private static func responses(_ picture: ImageView<UInt8>) -> [FloatPlane] {
    let contrast = SurfaceContrast(picture, reduction: reduction).local
    return lines.flatMap { line in
      let smooth = contrast.smoothed(sigma: line.width / 2).padded(by: margin)
      let fans = LineFan(length: line.length, width: line.width)
      return [
        fans.strongest(of: fans.steep, in: smooth, width: contrast.width, height: contrast.height),
        fans.strongest(of: fans.flat, in: smooth, width: contrast.width, height: contrast.height),
      ]
    }
  }

  /// Half a line and its flank.
  static let margin = 12

  // MARK: Paths

  /// The sum of the evidence along the best path down through every pixel, fading along the way.
  private static func paths(_ evidence: FloatPlane) -> FloatPlane {
    let width = evidence.width, height = evidence.height
    var sum = FloatPlane(width: width, height: height)
    // One column more on either side, so that every pixel has three ahead of it.
    var ahead = [Float](repeating: 0, count: width + 2)
    ahead.withUnsafeMutableBufferPointer { ahead in
      let ahead = ahead.baseAddress! + 1
      sum.update { sum in
        evidence.read { evidence in
          func pass(_ rows: some Sequence<Int>, _ take: (Int, Float, Float) -> Void) {
            for x in -1...width { ahead[x] = 0 }
            for y in rows {
              let here = evidence + y * width
              var left: Float = 0
              for x in 0..<width {
                let middle = ahead[x]
                let best = max(max(left, middle), ahead[x + 1])
                left = middle
                let path = max(0, here[x] + decay * best)
                ahead[x] = path
                take(y * width + x, path, here[x])
              }
            }
          }
          pass(0..<height) { i, path, _ in sum[i] = path }
          pass((0..<height).reversed()) { i, path, here in sum[i] += path - here }
        }
      }
    }
    return sum
  }
}

/// Dark lines through a pixel in twelve directions: the mean along the line against those of its
/// flanks.
private struct LineFan {
  /// Steps from the pixel: along the line, and to a flank.
  struct Line {
    let along: [(x: Int, y: Int, weight: Float)]
    let flank: (x: Int, y: Int)
  }
  let steep: [Line]
  let flat: [Line]

  init(length: Int, width: Float) {
    // The tangent of the angle to the axis, -37.5 to 37.5 degrees in steps of 15.
    let slopes: [Float] = [-0.767327, -0.414214, -0.131652, 0.131652, 0.414214, 0.767327]
    let half = length / 2
    func lines(_ place: (Int, Int) -> (Int, Int)) -> [Line] {
      slopes.map { slope in
        let norm = (1 + slope * slope).squareRoot()
        let reach = Float(half) / norm
        let count = Int(reach.rounded(.up))
        var along = (-count...count).map { t in
          let (x, y) = place(Int((Float(t) * slope).rounded()), t)
          // The ends fade.
          return (x: x, y: y, weight: 1 - 0.5 * Float(abs(t)) / Float(count))
        }
        let sum = along.reduce(Float(0)) { $0 + $1.weight }
        for i in along.indices { along[i].weight /= sum }
        let distance = max(2, 1.8 * width)
        let (fx, fy) = place(
          Int((distance / norm).rounded()), Int((-distance * slope / norm).rounded()))
        return Line(along: along, flank: (fx, fy))
      }
    }
    steep = lines { ($0, $1) }
    flat = lines { ($1, $0) }
  }

  /// The answer of the line that is darkest against its flanks. The picture has a margin all around.
  func strongest(of lines: [Line], in padded: FloatPlane, width: Int, height: Int) -> FloatPlane {
    let stride = padded.width, margin = DarkPaths.margin
    var best = FloatPlane(width: width, height: height, repeating: -100)
    var profile = [Float](repeating: 0, count: stride * padded.height)
    profile.withUnsafeMutableBufferPointer { profile in
      let profile = profile.baseAddress!
      best.update { best in
        padded.read { picture in
          for line in lines {
            let flank = line.flank.y * stride + line.flank.x
            let reach = margin - 4
            for y in margin - reach..<margin + height + reach {
              let row = picture + y * stride, out = profile + y * stride
              for x in margin - reach..<margin + width + reach {
                out[x] = 0.5 * (row[x + flank] + row[x - flank]) - row[x]
              }
            }
            let steps = line.along.map { (offset: $0.y * stride + $0.x, weight: $0.weight) }
            for y in 0..<height {
              let middle = profile + (y + margin) * stride + margin, row = best + y * width
              for x in Swift.stride(from: 0, to: width, by: 16) {
                // The last sixteen overlap those before, which changes nothing.
                let x = min(x, width - 16)
                var low = SIMD8<Float>(), high = low
                for step in steps {
                  let place = middle + (x + step.offset)
                  low += step.weight * Self.load(place)
                  high += step.weight * Self.load(place + 8)
                }
                Self.raise(row + x, to: low)
                Self.raise(row + x + 8, to: high)
              }
            }
          }
        }
      }
    }
    return best
  }
  @inline(__always)
  private static func load(_ address: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(address).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func raise(_ address: UnsafeMutablePointer<Float>, to values: SIMD8<Float>) {
    let old = load(address)
    UnsafeMutableRawPointer(address).storeBytes(
      of: old.replacing(with: values, where: values .> old), as: SIMD8<Float>.self)
  }
}
