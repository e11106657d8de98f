import VisionImage

/// Morphology with rectangles, on runs: its time does not grow with the rectangle. The ground is
/// endless; where a picture ends, the region may go on past it (see `clipped`).
///
/// The middle of a rectangle is (width / 2, height / 2), as of `StructuringElement`.
extension Region {
  /// Every pixel of the region drawn with the rectangle.
  public func dilated(width: Int, height: Int) -> Region {
    precondition(width > 0 && height > 0, "a rectangle of \(width)x\(height)")
    let left = width - 1 - width / 2, right = width / 2
    var builder = RunBuilder()
    for run in runs { builder.add(run.y, run.start - left, run.end + right) }
    return Region(normal: builder.runs)
      .gathered(rows: height) { $0.union($1) }.moved(x: 0, y: height / 2 - (height - 1))
  }

  /// The places where the whole rectangle lies in the region.
  public func eroded(width: Int, height: Int) -> Region {
    precondition(width > 0 && height > 0, "a rectangle of \(width)x\(height)")
    let left = width / 2, right = width - 1 - width / 2
    let narrow = runs.compactMap { run -> Run? in
      let start = run.start + left, end = run.end - right
      return start < end ? Run(y: run.y, start: start, end: end) : nil
    }
    return Region(normal: narrow)
      .gathered(rows: height) { $0.intersection($1) }
      .moved(x: 0, y: -(height - 1 - height / 2))
  }

  /// What of the region a rectangle that stays inside can reach.
  public func opened(width: Int, height: Int) -> Region {
    eroded(width: width, height: height).dilated(width: width, height: height)
  }

  /// The region and what a rectangle that stays outside cannot reach.
  public func closed(width: Int, height: Int) -> Region {
    dilated(width: width, height: height).eroded(width: width, height: height)
  }

  /// The region moved down by 0, 1, … rows - 1, all joined: doubling what there is while it fits.
  private func gathered(rows: Int, _ join: (Region, Region) -> Region) -> Region {
    var result = self
    var have = 1
    while have < rows {
      let step = min(have, rows - have)
      result = join(result, result.moved(x: 0, y: step))
      have += step
    }
    return result
  }

  /// Its pixels with a side on the ground.
  public var border: Region {
    let inner = eroded(width: 3, height: 1)
      .intersection(moved(x: 0, y: 1)).intersection(moved(x: 0, y: -1))
    return subtracting(inner)
  }

  /// The ground that the region encloses. Objects of 8-connectivity enclose 4-connected ground.
  public func holes(_ connectivity: Connectivity) -> [Region] {
    let frame = box.grown(by: 1)
    // The first part of the ground in raster order is the outside.
    return Array(complement(in: frame).components(connectivity.complementary).dropFirst())
  }

  /// The region with its holes, and with whatever lies in them.
  public func filled(_ connectivity: Connectivity) -> Region {
    isEmpty ? self : Region.union(of: [self] + holes(connectivity))
  }

  /// The connected parts, in the raster order of their first pixel.
  public func components(_ connectivity: Connectivity) -> [Region] {
    let labeller = RunLabeller()
    labeller.label(self, connectivity)
    return labeller.regions()
  }

  /// Connected parts less holes.
  public func eulerNumber(_ connectivity: Connectivity) -> Int {
    let labeller = RunLabeller()
    labeller.label(self, connectivity)
    return labeller.blobs.reduce(0) { $0 + 1 - $1.holes }
  }
}
