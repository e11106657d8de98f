/// Dark lines through a pixel in twelve directions: the mean along the line against those of its
/// flanks.
struct LineFan {
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

  /// Half a line and its flank.
  static let margin = 12
  /// How far along a line goes.
  private static let reach = 6
  /// Rows that are done at a time, so that they stay in the cache for all lines.
  private static let band = 40

  /// The answer of the line that is darkest against its flanks. The picture has a margin all around.
  static func strongest(
    of lines: [Line], in padded: FloatPlane, width: Int, height: Int, _ engine: PlaneEngine
  ) -> FloatPlane {
    let stride = padded.width, middle = margin * stride + margin
    var best = FloatPlane(width: width, height: height, repeating: -100)
    let profileWidth = width + 2 * reach
    var profile = [Float](repeating: 0, count: profileWidth * (band + 2 * reach))
    let weights: [Float] = [0.5, 0.5, -1]
    let plans = lines.map { line in
      (
        flanks: [line.flank.y * stride + line.flank.x, -line.flank.y * stride - line.flank.x, 0],
        steps: line.along.map { $0.y * profileWidth + $0.x }, weights: line.along.map(\.weight)
      )
    }
    profile.withUnsafeMutableBufferPointer { profile in
      let profile = profile.baseAddress!
      best.update { best in
        padded.read { picture in
          for top in Swift.stride(from: 0, to: height, by: band) {
            let rows = min(band, height - top)
            for plan in plans {
              for y in 0..<rows + 2 * reach {
                engine.kernels.weigh(
                  picture + (middle + (top + y - reach) * stride - reach), plan.flanks, weights, 3,
                  profile + y * profileWidth, profileWidth)
              }
              for y in 0..<rows {
                engine.kernels.raise(
                  profile + ((y + reach) * profileWidth + reach), plan.steps, plan.weights,
                  plan.steps.count, best + (top + y) * width, width)
              }
            }
          }
        }
      }
    }
    return best
  }
}
