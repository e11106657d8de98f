import VisionCore
import VisionImage

/// What a difference between a part and its reference is, by what it does to the nets.
enum PatternFlaw: String, Sendable {
  /// A net is parted.
  case open
  /// Two nets are joined.
  case short
  /// A hole within a net.
  case pinHole = "pin-hole"
  /// A piece that belongs to no net.
  case copper
  /// A bite out of an edge.
  case mouseBite = "mousebite"
  /// A tooth on an edge.
  case spur

  init(_ topology: NetTopology, isMissing: Bool) {
    if topology.parts {
      self = isMissing ? .open : .short
    } else if !topology.reachesOutside {
      self = isMissing ? .pinHole : .copper
    } else {
      self = isMissing ? .mouseBite : .spur
    }
  }
}

/// Finds and names the places where the part's pattern is not that of its reference.
struct PatternDefects {
  let part: Bitmap
  let reference: Bitmap
  let known: Bitmap
  let leastArea: Int
  /// Pixels around the changed ones that the box takes in.
  let margin: Int
  let sensitivity: Double

  func find() -> [Defect] {
    let missing = reference.without(part).and(known)
    let extra = part.without(reference).and(known)
    return find(in: missing, part: part, reference: reference, isMissing: true)
      + find(in: extra, part: part.inverted, reference: reference.inverted, isMissing: false)
  }

  /// `part` and `reference` are told so that something is missing: inverted where it is too much.
  private func find(
    in changed: Bitmap, part: Bitmap, reference: Bitmap, isMissing: Bool
  ) -> [Defect] {
    // Strips along edges that are thinner than a small cross come from the picture, not the part.
    let seeds = changed.opened(square: false).or(changed.opened(square: true))
    let near = seeds.grown(square: true).grown(square: true)
    let kept = changed.openedByTwo.and(near).or(seeds)
    // What lies within eight pixels of each other is one flaw.
    var linked = kept
    for i in 0..<4 { linked = linked.grown(square: i % 2 == 0) }
    return Region(linked.runs).components(.eight).compactMap { region in
      let group = region.box
      let pieces = kept.cropped(to: group).and(Bitmap(region, in: group))
      guard let inner = pieces.box, pieces.population >= leastArea else { return nil }
      let box = PixelRect(
        x: group.x + inner.x, y: group.y + inner.y, width: inner.width, height: inner.height)
      let window = box.grown(by: 10).intersection(picture)
      let flaw = pieces.cropped(
        to: PixelRect(
          x: window.x - group.x, y: window.y - group.y, width: window.width, height: window.height))
      var place = FlawPlace(
        flaw: flaw, nets: part.cropped(to: window), wanted: reference.cropped(to: window),
        box: box, isMissing: isMissing)
      place.unrest = changed.count(in: box.grown(by: 40).intersection(picture)) - place.area
      place.touchesEdge =
        box.x <= 1 || box.y <= 1 || box.maxX >= picture.width - 1 || box.maxY >= picture.height - 1
      let boxed = PixelRect(
        x: box.x - margin, y: box.y - margin, width: box.width + 2 * margin - 1,
        height: box.height + 2 * margin - 1)
      let (kind, score) = place.judged()
      return Defect(
        box: boxed.intersection(picture), area: place.area, score: score * sensitivity,
        kind: kind.rawValue)
    }
  }

  private var picture: PixelRect { PixelRect(x: 0, y: 0, width: part.width, height: part.height) }
}

extension Bitmap {
  /// The region's pixels within a box.
  fileprivate convenience init(_ region: Region, in box: PixelRect) {
    self.init(width: box.width, height: box.height)
    for run in region.runs {
      let row = row(run.y - box.y)
      for x in run.start - box.x..<run.end - box.x { row[x >> 6] |= 1 << UInt64(x & 63) }
    }
  }
}
