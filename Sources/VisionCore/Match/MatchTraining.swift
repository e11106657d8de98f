import Configuration
import VisionImage

/// What training found out about a template.
public struct MatchTraining: Sendable {
  /// Steps of the exhaustive search: degrees, and the share by which scales differ.
  public let angleStep: Double
  public let scaleStep: Double
  /// What noise of a deviation of one grey value does to a match at best: the deviation of its place,
  /// in pixels on either axis, and of its angle, in degrees.
  public let uncertainty: (pixels: Double, degrees: Double)
  /// Points of the outline in the template's pixels; none where the method knows none.
  public let outline: [PixelPoint]

  public var json: JSONObject {
    [
      "angle_step": .rounded(angleStep, 4), "scale_step": .rounded(scaleStep, 4),
      "pixels_a_grey_value": .rounded(uncertainty.pixels, 6),
      "degrees_a_grey_value": .rounded(uncertainty.degrees, 6),
      "outline": .array(outline.map { [.rounded($0.x, 2), .rounded($0.y, 2)] }),
    ]
  }
}

extension MatchModel {
  public var training: MatchTraining {
    switch self {
    case .ncc(let model): model.training
    case .shape(let model): model.training
    }
  }
}
