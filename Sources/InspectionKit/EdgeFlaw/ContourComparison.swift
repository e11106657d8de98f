import VisionCore
import VisionImage

/// Tells where contours are farther from the nominal ones than they may be.
struct ContourComparison {
  let tolerance: Double
  /// Contour points, about a pixel apart, over which it must be so.
  let length: Int
  /// The part is darker than its ground.
  let isDark: Bool
  /// The picture: what lies at its edge is cut, not flawed.
  let frame: PixelRect

  typealias Findings = (score: Double, defects: [Defect])

  /// Deviations are looked for up to so many tolerances; beyond a contour is alone.
  private static let farthest = 8.0

  /// The part's contours held against the nominal ones: what sticks out, what is cut in, what should
  /// not be there at all.
  func flaws(
    of contours: [SubpixelContour], against nominal: ContourMap,
    toNominal: (PixelPoint) -> PixelPoint
  ) -> Findings {
    compare(contours, place: { $0 }) { p in
      guard let near = nominal.nearest(to: toNominal(p), within: tolerance * Self.farthest) else {
        return nil
      }
      // Towards the bright side is outwards for a dark part.
      return isDark ? near.distance : -near.distance
    } kind: { deviation in
      deviation.map { $0 > 0 ? "burr" : "nick" } ?? "extra"
    }
  }

  /// The nominal contours held against the part's: what the part does not have at all.
  func missing(
    of nominal: [SubpixelContour], in part: ContourMap, toPicture: (PixelPoint) -> PixelPoint
  ) -> Findings {
    compare(nominal, place: toPicture) { p in
      part.nearest(to: toPicture(p), within: tolerance * Self.farthest)?.distance
    } kind: { _ in "missing" }
  }

  /// `deviation` in pixels; nil: farther than is looked.
  private func compare(
    _ contours: [SubpixelContour], place: (PixelPoint) -> PixelPoint,
    deviation: (PixelPoint) -> Double?, kind: (Double?) -> String
  ) -> Findings {
    var score = 0.0
    var defects: [Defect] = []
    for contour in contours {
      let places = contour.points.map(place)
      let deviations = zip(contour.points, places).map { point, place in
        isInside(place) ? deviation(point) : 0
      }
      let values = deviations.map { abs($0 ?? tolerance * Self.farthest) / tolerance }
      let sustained = SustainedRuns(values, length: length, isClosed: contour.isClosed)
      score = max(score, sustained.values.max() ?? 0)
      for run in sustained.runs {
        let worst = run.max { values[$0] < values[$1] } ?? run.lowerBound
        defects.append(
          Defect(
            box: box(run.map { places[$0] }), area: run.count,
            score: run.map { sustained.values[$0] }.max() ?? 1, kind: kind(deviations[worst])))
      }
    }
    return (score, defects)
  }

  /// A contour that leaves the picture ends there.
  private func isInside(_ p: PixelPoint) -> Bool {
    let rim = 2 + tolerance
    return p.x >= Double(frame.x) + rim && p.x <= Double(frame.maxX - 1) - rim
      && p.y >= Double(frame.y) + rim && p.y <= Double(frame.maxY - 1) - rim
  }

  private func box(_ points: [PixelPoint]) -> PixelRect {
    var box = PixelRect(x: Int(points[0].x), y: Int(points[0].y), width: 1, height: 1)
    for p in points { box = box.union(PixelRect(x: Int(p.x), y: Int(p.y), width: 2, height: 2)) }
    return box.intersection(frame)
  }
}
