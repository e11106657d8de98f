import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds edges across a line or an arc: the pixels of a strip along it are looked at where they are,
/// nothing is interpolated.
public struct Caliper: Sendable {
  public enum Polarity: String, Sendable, CaseIterable {
    case any
    /// Brighter further on.
    case rising
    case falling
  }

  public var path: CaliperPath
  /// Pixels across the path that take part; the wider, the less noise.
  public var width: Double
  public var polarity: Polarity
  /// Grey levels of the smallest step that is an edge.
  public var contrast: Double

  public struct Edge: Sendable, Equatable {
    public let place: PixelPoint
    /// Pixels along the path, from its start.
    public let position: Double
    /// Grey levels; negative where it gets darker along the path.
    public let step: Double
    public let blur: Double
    /// Standard deviation of the position in pixels.
    public let sigma: Double
  }

  public init(
    along path: CaliperPath, width: Double, polarity: Polarity = .any, contrast: Double = 15
  ) {
    precondition(width > 0 && path.length > 0, "a strip of \(width) pixels along \(path)")
    self.path = path
    self.width = width
    self.polarity = polarity
    self.contrast = contrast
  }

  public init(
    from: PixelPoint, to: PixelPoint, width: Double, polarity: Polarity = .any, contrast: Double = 15
  ) {
    self.init(along: .line(from: from, to: to), width: width, polarity: polarity, contrast: contrast)
  }

  /// Every edge along the path, in its order. `picture` is grey.
  public func edges(in picture: RasterView) -> [Edge] {
    if let view = ImageView<UInt8>(picture) { return edges(view) }
    if let view = ImageView<UInt16>(picture) { return edges(view) }
    preconditionFailure("\(picture.format.rawValue) pixels are not grey levels")
  }

  private func edges<P: GreyPixel>(_ picture: ImageView<P>) -> [Edge] {
    let strip = CaliperStrip(samples(picture), length: path.length)
    // What a fit finds to be no edge must not narrow the windows of those beside it: so once more.
    let starts = fitted(strip, strip.starts(contrast: contrast)).map {
      CaliperStrip.Start(position: $0.position, blur: $0.blur, steepness: 1)
    }
    return fitted(strip, starts).compactMap { edge in
      switch polarity {
      case .rising where edge.half < 0, .falling where edge.half > 0: return nil
      default: break
      }
      let position = path.unbent(edge.position, blur: edge.blur)
      return Edge(
        place: path.place(at: position), position: position,
        step: 2 * edge.half, blur: edge.blur, sigma: edge.sigma)
    }
  }

  private func fitted(_ strip: CaliperStrip, _ starts: [CaliperStrip.Start]) -> [BlurredEdge] {
    starts.indices.compactMap { i in
      // A place that is known to no better than a pixel is a ripple, whatever step fits it.
      guard let edge = strip.edge(at: i, of: starts), abs(edge.half) * 2 >= contrast,
        edge.sigma < 1, abs(edge.position - starts[i].position) < 3
      else { return nil }
      return edge
    }
  }

  /// The pixels whose centres lie in the strip, by their place along it.
  private func samples<P: GreyPixel>(_ picture: ImageView<P>) -> [BlurredEdge.Sample] {
    let half = max(width, 1) / 2, length = path.length, bounds = path.bounds(half)
    let left = max(0, Int(max(bounds.x.lowerBound, -1).rounded(.down)))
    let right = min(picture.width - 1, Int(min(bounds.x.upperBound, 1e9).rounded(.up)))
    let top = max(0, Int(max(bounds.y.lowerBound, -1).rounded(.down)))
    let bottom = min(picture.height - 1, Int(min(bounds.y.upperBound, 1e9).rounded(.up)))
    guard left <= right, top <= bottom else { return [] }
    let scale = P.format == .u16 ? 1.0 / 257 : 1, measure = path.measure()
    var samples: [BlurredEdge.Sample] = []
    picture.withRows { rows in
      for y in top...bottom {
        let row = rows[y]
        for x in left...right {
          let (s, t) = measure(Double(x), Double(y))
          // Half open: neither strip of two that touch has a pixel twice.
          guard s >= 0, s <= length, t >= -half, t < half else { continue }
          samples.append(BlurredEdge.Sample(s: s, level: row[x].real * scale))
        }
      }
    }
    return samples
  }
}
