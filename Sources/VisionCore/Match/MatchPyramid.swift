import VisionImage

/// A picture at half the size again and again; a point at (x, y) lies at (x, y) / 2^level.
struct MatchPyramid: Sendable {
  let levels: [ImageView<UInt8>]
  var count: Int { levels.count }

  /// Fewer than `wanted` levels where the picture becomes smaller than 2 pixels.
  init(_ picture: ImageView<UInt8>, levels wanted: Int, on machine: Machine) {
    var levels = [picture]
    while levels.count < wanted, let last = levels.last, min(last.width, last.height) >= 4 {
      var half = Image<UInt8>(
        uninitializedWidth: (last.width + 1) / 2, height: (last.height + 1) / 2)
      half.withMutableView { out in
        _ = PyramidDown().native(OperatorInputs(last.raster), into: out.raster, on: machine)
      }
      levels.append(half.view)
    }
    self.levels = levels
  }
}
