import VisionImage

/// Regions as sets of pixels.
extension Region {
  public func union(_ other: Region) -> Region { combined(other) { $0 || $1 } }
  public func intersection(_ other: Region) -> Region { combined(other) { $0 && $1 } }
  public func subtracting(_ other: Region) -> Region { combined(other) { $0 && !$1 } }
  public func symmetricDifference(_ other: Region) -> Region { combined(other) { $0 != $1 } }

  /// What of `frame` does not belong to the region.
  public func complement(in frame: PixelRect) -> Region { Region(frame).subtracting(self) }

  /// What lies in `frame`.
  public func clipped(to frame: PixelRect) -> Region {
    Region(
      normal: runs.compactMap { run in
        let start = max(run.start, frame.x), end = min(run.end, frame.maxX)
        guard run.y >= frame.y, run.y < frame.maxY, start < end else { return nil }
        return Run(y: run.y, start: start, end: end)
      })
  }

  /// The regions of many, as one.
  public static func union(of regions: [Region]) -> Region {
    Region(regions.lazy.flatMap(\.runs))
  }

  /// The pixels for which `isIn` says so, of "in this region" and "in the other". It must not say so
  /// of those that are in neither: these are endless.
  private func combined(_ other: Region, _ isIn: (Bool, Bool) -> Bool) -> Region {
    let a = runs, b = other.runs
    var builder = RunBuilder()
    var i = 0, j = 0
    while i < a.count || j < b.count {
      let y = min(i < a.count ? a[i].y : .max, j < b.count ? b[j].y : .max)
      // From one end of a run to the next, whichever of the two it belongs to.
      var x = Int.min
      while true {
        let hasA = i < a.count && a[i].y == y, hasB = j < b.count && b[j].y == y
        guard hasA || hasB else { break }
        let inA = hasA && a[i].start <= x, inB = hasB && b[j].start <= x
        let next = min(
          hasA ? (inA ? a[i].end : a[i].start) : .max, hasB ? (inB ? b[j].end : b[j].start) : .max)
        if isIn(inA, inB) { builder.add(y, x, next) }
        x = next
        if inA && a[i].end == x { i += 1 }
        if inB && b[j].end == x { j += 1 }
      }
    }
    return Region(normal: builder.runs)
  }
}
