import VisionImage

/// A place where pixels of a pattern are lost, in a window of its own, and how sure it is that this is
/// a flaw.
struct FlawPlace {
  /// The lost pixels, the pattern as it is, and as it should be.
  let flaw: Bitmap
  let nets: Bitmap
  let wanted: Bitmap
  /// The flaw's box in the picture.
  let box: PixelRect
  let isMissing: Bool
  let area: Int
  /// Differing pixels of the neighbourhood that are not the flaw's: where there are many, the
  /// reference fits badly.
  var unrest = 0
  /// At the picture's edge nothing tells a flaw from a line that was cut there.
  var touchesEdge = false

  init(flaw: Bitmap, nets: Bitmap, wanted: Bitmap, box: PixelRect, isMissing: Bool) {
    self.flaw = flaw
    self.nets = nets
    self.wanted = wanted
    self.box = box
    self.isMissing = isMissing
    area = flaw.population
  }

  /// What it is, and how sure that is: 1 decides.
  func judged() -> (kind: PatternFlaw, score: Double) {
    // How far the deepest of the lost pixels lies within the pattern.
    let reach = flaw.depth(from: wanted.inverted, limit: Self.deepest)
    let evidence = evidence(reach: reach)
    // A thin line is parted without anything that is deep.
    let ofParting = Weight.parting + Weight.partingThin * (Self.deepest - reach)
    // The nets are looked at only where what they say could matter.
    guard Self.score(evidence + ofParting) >= 1 else {
      return (isMissing ? .mouseBite : .spur, Self.score(evidence))
    }
    let kind = PatternFlaw(
      NetTopology(nets: nets, wanted: wanted, changed: flaw), isMissing: isMissing)
    return (kind, Self.score(evidence + (kind == .open || kind == .short ? ofParting : 0)))
  }

  /// The logarithm of the odds that this is a flaw, without what it does to the nets. The weights are
  /// those of a logistic regression on what people marked on 300 boards and what they did not.
  private func evidence(reach: Double) -> Double {
    let length = Double(max(box.width, box.height)), breadth = Double(min(box.width, box.height))
    return Weight.constant + Weight.area * FixedMath.log(Double(area)) + Weight.reach * reach
      + Weight.unrest * FixedMath.log(Double(1 + max(0, unrest)))
      + Weight.elongation * FixedMath.log(length / breadth)
      + (touchesEdge ? Weight.edge : 0)
  }

  private enum Weight {
    static let constant = -20.0
    static let area = 2.1
    static let reach = 4.6
    static let unrest = -0.5
    static let elongation = -1.2
    static let edge = -5.6
    static let parting = 1.2
    static let partingThin = 2.4
  }

  /// Pixels beyond which deeper says no more.
  private static let deepest = 4.0

  /// 1 at even odds; it doubles where the odds grow sixteenfold.
  private static func score(_ evidence: Double) -> Double { FixedMath.exp(evidence / 4) }
}
