import VisionImage

/// What a template reaches where it is not: the best score on pictures of discs and bars thrown at
/// random. An outline of one rectangle or disc finds itself in many things, and so do grey values that are
/// half dark and half bright; one of many edges does not.
struct ChanceScore: Sendable {
  private static let pictures = 3, shapes = 60
  /// Scores below this are not looked for.
  static let least = 0.25
  /// Pictures of four times the template's size show enough; beyond so many pixels a side it takes long,
  /// and half as large again as the template must do.
  private static let longestSide = 1600.0

  let value: Double

  init(of model: MatchModel, on machine: Machine) {
    let template = model.template
    let size = Double(template.width * template.height).squareRoot()
    let longest = Double(max(template.width, template.height))
    let side = Int(max(1.5 * longest, min(4 * size, Self.longestSide)))
    var random = SeededRandom(seed: 41)
    var best = Self.least
    for _ in 0..<Self.pictures {
      let picture = Self.clutter(side: side, size: size, &random)
      let query = MatchQuery(minScore: Self.least, maxMatches: 1)
      best = max(best, model.matches(in: picture.view, query, on: machine).first?.score ?? 0)
    }
    value = best
  }

  /// Discs and bars of a tenth of `size` to as much, half of the bars upright or at 45 degrees.
  private static func clutter(side: Int, size: Double, _ random: inout SeededRandom) -> Image<UInt8> {
    // A byte a pixel, since a picture for a large template is large.
    var levels = [UInt8](repeating: 120, count: side * side)
    for _ in 0..<shapes {
      let x = Double.random(in: 0..<Double(side), using: &random)
      let y = Double.random(in: 0..<Double(side), using: &random)
      let long = size * .random(in: 0.08...0.6, using: &random)
      let broad = size * .random(in: 0.04...0.3, using: &random)
      let isDisc = Double.random(in: 0..<1, using: &random) < 0.4
      let any = Double.random(in: 0..<180, using: &random)
      let degrees = Bool.random(using: &random) ? any : (any / 45).rounded(.down) * 45
      let turn = Trigonometry.sineCosine(degrees: degrees)
      let level = Double.random(in: 20...230, using: &random)
      let reach = (isDisc ? broad : long + broad) + 2
      func places(_ middle: Double) -> Range<Int> {
        max(0, Int(middle - reach))..<min(side, Int(middle + reach) + 1)
      }
      for row in places(y) {
        for column in places(x) {
          let dx = Double(column) - x, dy = Double(row) - y
          let u = abs(turn.cosine * dx - turn.sine * dy), v = abs(turn.sine * dx + turn.cosine * dy)
          let outside = isDisc ? (u * u + v * v).squareRoot() - broad : max(u - long, v - broad)
          // An edge two pixels wide, as a lens shows it.
          let share = min(1, max(0, 0.5 - outside / 2))
          let ground = Double(levels[row * side + column])
          levels[row * side + column] = UInt8((ground + share * (level - ground)).rounded())
        }
      }
    }
    return Image(width: side, height: side) { levels[$1 * side + $0] }
  }
}

extension MatchModel {
  /// The least score that counts as the part where none is asked for: more than discs and bars reach,
  /// which the model has tried. For grey values that is a good correlation at least, and never so much
  /// that noise could hide a part.
  public func defaultMinScore(on machine: Machine) -> Double {
    let chance = ChanceScore(of: self, on: machine).value
    return switch self {
    case .ncc: min(0.85, max(0.7, chance + 0.05))
    case .shape: min(0.9, chance + 0.11)
    }
  }
}
