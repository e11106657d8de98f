/// How one part is seen: where it lies, how sharp and bright it is, and the noise of its picture.
struct Exposure: Sendable {
  /// Pixels to the right and down.
  var shiftX = 0.0
  var shiftY = 0.0
  /// Share that each neighbour to the left and right gives, from defocus and movement of the part.
  var blurX = 0.0
  /// The same for the neighbours above and below.
  var blurY = 0.0
  var gain = 1.0
  /// Share of light that the right edge has more than the middle, and the bottom edge.
  var slopeX = 0.0
  var slopeY = 0.0
  /// What the noise follows from; without noise where nil.
  var grain: UInt64?

  /// Seen exactly in place, without noise.
  static let ideal = Exposure()

  /// How far parts of a scene differ.
  struct Spread: Sendable {
    /// Pixels either way.
    let shift: Double
    let gain: Double
    let slope: Double
  }

  private static let mostDefocus = 0.07
  private static let mostMotion = 0.08

  private init() {}

  init(_ random: inout SceneRandom, _ spread: Spread) {
    shiftX = random.real(-spread.shift...spread.shift)
    shiftY = random.real(-spread.shift...spread.shift)
    let defocus = random.real(0...Self.mostDefocus)
    // The belt runs from left to right.
    blurX = defocus + random.real(0...Self.mostMotion)
    blurY = defocus
    gain = random.real(1 - spread.gain...1 + spread.gain)
    slopeX = random.real(-spread.slope...spread.slope)
    slopeY = random.real(-spread.slope...spread.slope)
    grain = random.next()
  }
}
