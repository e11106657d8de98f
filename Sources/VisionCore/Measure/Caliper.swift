import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds edges across a line: the pixels of a strip along it are looked at where they are, nothing is
/// interpolated.
public struct Caliper: Sendable {
  public enum Polarity: String, Sendable, CaseIterable {
    case any
    /// Brighter further on.
    case rising
    case falling
  }

  public var from: PixelPoint
  public var to: PixelPoint
  /// Pixels across the line that take part; the wider, the less noise.
  public var width: Double
  public var polarity: Polarity
  /// Grey levels of the smallest step that is an edge.
  public var contrast: Double

  public struct Edge: Sendable, Equatable {
    public let place: PixelPoint
    /// Pixels from the start of the line.
    public let position: Double
    /// Grey levels; negative where it gets darker along the line.
    public let step: Double
    public let blur: Double
    /// Standard deviation of the position in pixels.
    public let sigma: Double
  }

  public init(
    from: PixelPoint, to: PixelPoint, width: Double, polarity: Polarity = .any, contrast: Double = 15
  ) {
    precondition(width > 0 && from != to, "a strip of \(width) pixels from \(from) to \(to)")
    self.from = from
    self.to = to
    self.width = width
    self.polarity = polarity
    self.contrast = contrast
  }

  /// Every edge along the line, in its order. `picture` is grey.
  public func edges(in picture: RasterView) -> [Edge] {
    if let view = ImageView<UInt8>(picture) { return edges(view) }
    if let view = ImageView<UInt16>(picture) { return edges(view) }
    preconditionFailure("\(picture.format.rawValue) pixels are not grey levels")
  }

  /// Smoothing of the profile in which edges are looked for; the fit sees the pixels as they are.
  private static let smoothing = 1.0
  /// How far a fit looks beyond the edge at the most: several blurs of a usual lens.
  private static let reach = 10.0

  private func edges<P: GreyPixel>(_ picture: ImageView<P>) -> [Edge] {
    let length = hypot(to.x - from.x, to.y - from.y)
    let along = (x: (to.x - from.x) / length, y: (to.y - from.y) / length)
    let samples = self.samples(picture, along, length)
    let found = steps(profile(samples, length))
    return found.enumerated().compactMap { i, start in
      // The window is the same on both sides, and ends half way to the next edge.
      var reach = min(Self.reach, start, length - start)
      if i > 0 { reach = min(reach, (start - found[i - 1]) / 2) }
      if i + 1 < found.count { reach = min(reach, (found[i + 1] - start) / 2) }
      reach = max(reach, 2)
      guard var edge = fit(samples, around: start, reach) else { return nil }
      if abs(edge.position - start) > 0.25, let again = fit(samples, around: edge.position, reach) {
        edge = again
      }
      guard abs(edge.half) * 2 >= contrast, abs(edge.position - start) < 3 else { return nil }
      switch polarity {
      case .rising where edge.half < 0, .falling where edge.half > 0: return nil
      default: break
      }
      return Edge(
        place: PixelPoint(
          x: from.x + edge.position * along.x, y: from.y + edge.position * along.y),
        position: edge.position, step: 2 * edge.half, blur: edge.blur, sigma: edge.sigma)
    }
  }

  private func fit(
    _ samples: [BlurredEdge.Sample], around place: Double, _ reach: Double
  ) -> BlurredEdge? {
    BlurredEdge.fit(samples.filter { abs($0.s - place) <= reach }, near: place)
  }

  /// The pixels whose centres lie in the strip, by their place along it.
  private func samples<P: GreyPixel>(
    _ picture: ImageView<P>, _ along: (x: Double, y: Double), _ length: Double
  ) -> [BlurredEdge.Sample] {
    let half = max(width, 1) / 2
    let reachX = abs(along.y) * half, reachY = abs(along.x) * half
    let left = max(0, Int((min(from.x, to.x) - reachX).rounded(.down)))
    let right = min(picture.width - 1, Int((max(from.x, to.x) + reachX).rounded(.up)))
    let top = max(0, Int((min(from.y, to.y) - reachY).rounded(.down)))
    let bottom = min(picture.height - 1, Int((max(from.y, to.y) + reachY).rounded(.up)))
    guard left <= right, top <= bottom else { return [] }
    let scale = P.format == .u16 ? 1.0 / 257 : 1
    var samples: [BlurredEdge.Sample] = []
    picture.withRows { rows in
      for y in top...bottom {
        let row = rows[y], dy = Double(y) - from.y
        for x in left...right {
          let dx = Double(x) - from.x
          let s = dx * along.x + dy * along.y, t = dy * along.x - dx * along.y
          // Half open: neither strip of two that touch has a pixel twice.
          guard s >= 0, s <= length, t >= -half, t < half else { continue }
          samples.append(BlurredEdge.Sample(s: s, level: row[x].real * scale))
        }
      }
    }
    return samples
  }

  /// Smoothed grey levels at every half pixel of the line.
  private func profile(_ samples: [BlurredEdge.Sample], _ length: Double) -> [Double] {
    let count = Int(2 * length) + 1, reach = 5
    var sums = [Double](repeating: 0, count: count), weights = sums
    for sample in samples {
      let middle = Int((2 * sample.s).rounded())
      for i in max(0, middle - reach)...max(max(0, middle - reach), min(count - 1, middle + reach))
      where i < count {
        let d = (Double(i) / 2 - sample.s) / Self.smoothing
        let weight = exp(-d * d / 2)
        sums[i] += weight * sample.level
        weights[i] += weight
      }
    }
    return sums.indices.map { weights[$0] > 0 ? sums[$0] / weights[$0] : .nan }
  }

  /// Places of the steepest slopes, in pixels along the line.
  private func steps(_ profile: [Double]) -> [Double] {
    guard profile.count >= 9 else { return [] }
    let slopes = profile.indices.map { i in
      i >= 2 && i + 2 < profile.count ? (profile[i + 2] - profile[i - 2]) / 2 : 0
    }
    // A step of this contrast under the smoothing and a blur of about 3 pixels is this steep.
    let least = contrast * 0.4 / (Self.smoothing + 2.5)
    return slopes.indices.filter { i in
      guard i > 0, i + 1 < slopes.count, abs(slopes[i]) >= least else { return false }
      let neighbourhood = slopes[max(0, i - 3)...min(slopes.count - 1, i + 3)]
      return neighbourhood.enumerated().allSatisfy { k, slope in
        let j = max(0, i - 3) + k
        guard slope * slopes[i] > 0 else { return true }
        return j < i ? abs(slope) < abs(slopes[i]) : abs(slope) <= abs(slopes[i])
      }
    }.map { Double($0) / 2 }
  }
}
