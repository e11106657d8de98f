/// Where the stripes of a ground surface break off. Stripes run down the whole surface; what they look
/// like right above and right below a place differs no more than what they look like further up or
/// down. Along a line across the surface where the grinding ended it does. The best path across
/// through every place sums that up, and what lies beyond it, seen from the middle, is marked.
struct StripeBreaks: Sendable {
  private let mean: Float
  private let deviation: Float

  /// Rows above and below whose mean shows the stripes without the grain, half as many each way.
  private static let reach = 2
  /// Rows of `changes` at the ends of the surface that have nothing above or below.
  private static let margin = 2
  private static let decay: Float = 0.97

  init(learning changes: [FloatPlane]) {
    var sum = 0.0, square = 0.0, count = 0.0
    for plane in changes where plane.height > 2 * Self.margin {
      let inner = plane.values[
        Self.margin * plane.width..<(plane.height - Self.margin) * plane.width]
      for value in inner {
        sum += Double(value)
        square += Double(value) * Double(value)
      }
      count += Double(inner.count)
    }
    let mean = sum / max(1, count)
    self.mean = Float(mean)
    deviation = Float(max(1e-6, square / max(1, count) - mean * mean).squareRoot())
  }

  init(_ reader: inout ModelReader) throws(ModelError) {
    (mean, deviation) = (try reader.float(), try reader.float())
    guard deviation > 0, deviation.isFinite, mean.isFinite else { throw .damaged("its stripes") }
  }

  func write(to writer: inout ModelWriter) {
    writer.float(mean)
    writer.float(deviation)
  }

  /// The logarithm of how much more the stripes change across every place than they do above and
  /// below it.
  static func changes(
    in surface: FloatPlane, pooling: Int, _ engine: PlaneEngine
  ) -> FloatPlane {
    let stripes = surface.zipped(surface.smoothedAcross(sigma: 4, engine)) {
      min(max($0 - $1, -2), 2)
    }.boxedDown(radius: reach, engine)
    let width = surface.width, last = surface.height - 1, reach = reach
    var across = FloatPlane(width: width, height: surface.height), within = across
    stripes.read { stripes in
      across.update { across in
        within.update { within in
          for y in 0...last {
            func row(_ offset: Int) -> UnsafePointer<Float> {
              stripes + min(max(y + offset, 0), last) * width
            }
            let farUp = row(-3 * reach - 2), up = row(-reach - 1)
            let down = row(reach + 1), farDown = row(3 * reach + 2)
            let a = across + y * width, w = within + y * width
            for x in 0..<width {
              let change = (farUp[x] + up[x] - down[x] - farDown[x]) * 0.5
              let above = farUp[x] - up[x], below = down[x] - farDown[x]
              a[x] = change * change
              w[x] = (above * above + below * below) * 0.5
            }
          }
        }
      }
    }
    func broad(_ plane: FloatPlane) -> FloatPlane {
      plane.pooled(by: pooling).boxedAcross(radius: 4)
    }
    return broad(across).zipped(broad(within)) {
      Float(FixedMath.log(Double(max(0, $0)) + 2e-3) - FixedMath.log(Double(max(0, $1)) + 4e-3))
    }
  }

  /// How much speaks for a break between every place and the middle of the surface.
  func beyond(_ changes: FloatPlane, _ engine: PlaneEngine) -> FloatPlane {
    let width = changes.width, height = changes.height, margin = min(Self.margin, height / 2)
    var evidence = FloatPlane(width: width, height: height, repeating: -1.5)
    let count = (height - 2 * margin) * width
    evidence.update { evidence in
      changes.read {
        engine.kernels.rate(
          $0 + margin * width, evidence + margin * width, count, mean, 1 / deviation, 4)
      }
    }
    // Sums along long paths vary with the root of their length.
    let share = 1 / Float(width).squareRoot()
    var beyond = evidence.transposed.pathsDown(decay: Self.decay, engine).transposed
      .map { max(0, $0) * share }
    let middle = height / 2
    beyond.update { rows in
      for y in (0..<middle).reversed().dropFirst() {
        for x in y * width..<(y + 1) * width { rows[x] = max(rows[x], rows[x + width]) }
      }
      for y in middle + 1..<max(middle + 1, height) {
        for x in y * width..<(y + 1) * width { rows[x] = max(rows[x], rows[x - width]) }
      }
    }
    return beyond
  }
}
