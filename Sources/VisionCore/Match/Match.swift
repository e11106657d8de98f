import Configuration
import Threading
import VisionImage

/// Where a template was found: its centre ((w - 1) / 2, (h - 1) / 2) in the image, how far it is
/// turned and how much larger it is than the template.
public struct Match: Sendable, Equatable {
  public var x: Double
  public var y: Double
  public var angle: Angle
  public var scale: Double
  /// 1 for a perfect copy.
  public var score: Double
  /// Which part it is, where several are looked for.
  public var partClass: String?

  public init(x: Double, y: Double, angle: Angle, scale: Double, score: Double) {
    self.x = x
    self.y = y
    self.angle = angle
    self.scale = scale
    self.score = score
  }
}

/// Which sign of contrast counts as the part.
public enum MatchPolarity: String, Sendable, CaseIterable {
  /// Bright where the template is bright.
  case same
  /// As the template or as its negative, the whole part alike.
  case any
  /// Every edge for itself may have either sign; for `ncc` the same as `any`.
  case ignored
}

public enum MatchMethod: String, Sendable, CaseIterable {
  /// Normalised cross-correlation of grey values.
  case ncc
  /// Directions of edges.
  case shape
}

/// What poses a model is trained for.
public struct MatchRange: Sendable, Equatable {
  public var angles: ClosedRange<Double>
  public var scales: ClosedRange<Double>
  /// Pyramid levels, the full picture counted; nil: as many as the template carries.
  public var levels: Int?

  /// Angles in degrees.
  public init(
    angles: ClosedRange<Double> = 0...0, scales: ClosedRange<Double> = 1...1, levels: Int? = nil
  ) {
    precondition(scales.lowerBound > 0, "a scale of \(scales.lowerBound)")
    self.angles = angles
    self.scales = scales
    self.levels = levels
  }

  var turns: Bool { angles.upperBound > angles.lowerBound }
  var isFullTurn: Bool { angles.upperBound - angles.lowerBound >= 360 }
  var grows: Bool { scales.upperBound > scales.lowerBound }

  /// The angle moved by whole turns to lie in the range or nearest to it, in degrees.
  func folded(_ degrees: Double) -> Double {
    let middle = (angles.lowerBound + angles.upperBound) / 2
    return degrees - 360 * ((degrees - middle) / 360).rounded()
  }

  /// Whether a refined pose still belongs; a fit may leave the range by a little.
  func contains(_ match: Match, slackDegrees: Double = 1, slackScale: Double = 0.02) -> Bool {
    let degrees = folded(match.angle.degrees)
    return degrees >= angles.lowerBound - slackDegrees
      && degrees <= angles.upperBound + slackDegrees
      && match.scale >= scales.lowerBound * (1 - slackScale)
      && match.scale <= scales.upperBound * (1 + slackScale)
  }
}

/// What a search is to find.
public struct MatchQuery: Sendable, Equatable {
  public var minScore: Double
  public var maxMatches: Int
  /// The share of the smaller of two matches that both may cover.
  public var maxOverlap: Double
  public var polarity: MatchPolarity
  /// How soon a candidate of a coarse level is given up: 0 late, which finds more of what is hard to see,
  /// 1 early, which is faster.
  public var greediness: Double
  /// Milliseconds after which a search is given up; nil: never.
  public var timeout: Double?
  /// The moment that follows from it once a search has begun.
  var deadline: MonotonicTime?

  public init(
    minScore: Double = 0.7, maxMatches: Int = 100, maxOverlap: Double = 0.5,
    polarity: MatchPolarity = .same, greediness: Double = 0.5, timeout: Double? = nil
  ) {
    self.minScore = minScore
    self.maxMatches = maxMatches
    self.maxOverlap = maxOverlap
    self.polarity = polarity
    self.greediness = greediness
    self.timeout = timeout
  }

  /// The score below which a coarse level gives a candidate up, of which `share` of the least score is
  /// asked with a greediness of one half.
  func coarseScore(_ share: Double) -> Double {
    minScore * min(1, share * (0.75 + 0.5 * greediness))
  }

  func asking(_ minScore: Double) -> MatchQuery {
    var query = self
    query.minScore = minScore
    return query
  }

  var isOver: Bool { deadline.map { MonotonicTime.now > $0 } ?? false }

  /// The same query with the clock running.
  func started() -> MatchQuery {
    var query = self
    query.deadline = deadline ?? timeout.map { MonotonicTime.now + $0 / 1000 }
    return query
  }
}

/// Why a template cannot be searched for.
public enum MatchError: Error, Sendable, Equatable, CustomStringConvertible {
  case flatTemplate(deviation: Double)
  case smallTemplate(width: Int, height: Int)
  case maskSize(mask: RasterLayout, template: RasterLayout)
  case emptyMask
  case fewEdges(count: Int)
  case pixels(RasterLayout)
  case timeout(milliseconds: Double)
  case engine(String)

  public var description: String {
    switch self {
    case .flatTemplate(let deviation):
      "the template is flat: its grey values deviate by \(JSONDigits.short(deviation)) only; "
        + "take a piece that has a pattern"
    case .smallTemplate(let width, let height):
      "a template of \(width)x\(height) pixels is too small; take 8x8 at least"
    case .maskSize(let mask, let template):
      "the mask (\(mask)) is not as large as the template (\(template))"
    case .emptyMask:
      "the mask leaves fewer than 32 pixels of the template; non-zero pixels count"
    case .fewEdges(let count):
      "the template is flat: only \(count) points of it lie on edges; take a piece with clear edges"
    case .pixels(let layout):
      "\(layout): grey pictures of 8 or 16 bits can be matched"
    case .timeout(let milliseconds):
      "the search took longer than \(JSONDigits.short(milliseconds)) ms and was given up"
    case .engine(let why): why
    }
  }
}

enum JSONDigits {
  /// Two decimals, for messages.
  static func short(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}

extension Match {
  /// The same part in a picture that begins so many pixels further left and above.
  public func moved(x dx: Double, y dy: Double) -> Match {
    var match = self
    match.x += dx
    match.y += dy
    return match
  }

  public var json: JSONObject {
    var object: JSONObject = [
      "x": .rounded(x, 4), "y": .rounded(y, 4), "angle": .rounded(angle.degrees, 4),
      "scale": .rounded(scale, 6), "score": .rounded(score, 4),
    ]
    object["class"] = partClass.map { .string($0) }
    return object
  }
}
