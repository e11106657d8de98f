import VisionImage

/// What the loss of some pixels does to the nets around it, in a small window.
struct NetTopology {
  /// A net is parted, or two gaps between nets are joined.
  let parts: Bool
  /// The gap between nets is reached from the flaw.
  let reachesOutside: Bool

  /// `nets` as they are, `wanted` as they should be, `changed` the lost pixels, of one window.
  init(nets: Bitmap, wanted: Bitmap, changed: Bitmap) {
    // The gap that a piece of the flaw belongs to now, and which of the wanted gaps that reaches;
    // pieces that only lie near one another do not join gaps.
    let gaps = wanted.inverted.components(least: Self.leastGap)
    let flaws = changed.components(least: Self.leastFlaw).sorted { $0.population > $1.population }
    let joined = (flaws.isEmpty ? [changed] : flaws).map { flaw in
      // A wall of one pixel is the threshold's, not the part's.
      let gap = nets.inverted.reached(from: flaw).grown(square: false)
      return gaps.count { $0.intersects(gap) }
    }
    reachesOutside = joined[0] > 0
    if joined.contains(where: { $0 >= 2 }) {
      parts = true
      return
    }
    // Pieces of a net that was one: those of some size beside the flaw. What touches at a corner only
    // is parted: the gap passes there. A bite like a C leaves an island that its hull takes in; a cut
    // leaves a piece beside it.
    let outside = changed.hull.inverted
    parts = wanted.reached(from: changed).components(least: 1).contains { net in
      let left = net.and(nets).components(least: Self.leastPiece, throughCorners: false)
      return left.count { $0.and(outside).population >= Self.leastPiece } >= 2
    }
  }

  /// Pixels of a flaw's piece that is looked at.
  private static let leastFlaw = 5
  /// Pixels of a gap that counts as one.
  private static let leastGap = 12
  /// Pixels of a net's piece that counts as one.
  private static let leastPiece = 15
}
