import VisionImage

/// An operator that measures the picture before it changes it, or does nothing else: of a picture that
/// is limited to a region only that counts.
protocol RegionCounting: Operator {
  /// Whether OpenCV's function takes a mask.
  static var hasMaskInOpenCV: Bool { get }
}

extension Statistics: RegionCounting { static let hasMaskInOpenCV = true }
extension Histogram: RegionCounting { static let hasMaskInOpenCV = true }
extension Normalize: RegionCounting { static let hasMaskInOpenCV = true }
extension Equalize: RegionCounting { static let hasMaskInOpenCV = false }
extension Otsu: RegionCounting { static let hasMaskInOpenCV = false }

extension OperatorInputs {
  /// Whether a pixel counts; for definitions.
  func counts(_ x: Int, _ y: Int) -> Bool { region?.contains(x: x, y: y) ?? true }
}

extension Operator {
  /// Refuses what cannot be limited to a region: results of another size, and numbers about all pixels.
  func checkRegion(
    _ region: Region?, _ input: RasterLayout, _ output: RasterLayout?
  ) throws(OperatorError) {
    guard let region else { return }
    let name = Self.descriptor.name
    guard !region.isEmpty else {
      throw .sizeMismatch(name: name, why: "no pixel of the region lies in the picture")
    }
    guard let output else {
      if self is any RegionCounting { return }
      throw .sizeMismatch(name: name, why: "what it counts cannot be limited to a region")
    }
    guard output.width == input.width, output.height == input.height else {
      throw .sizeMismatch(
        name: name, why: "its result has another size, so it cannot be limited to a region")
    }
  }
}

extension Region {
  /// From its first row to its last.
  var rowRange: Range<Int> { runs.isEmpty ? 0..<0 : runs[0].y..<runs[runs.count - 1].y + 1 }

  /// Calls `body` with what of each row is not in the region, which lies in a picture of this size.
  private func eachGap(_ width: Int, _ height: Int, _ body: (_ y: Int, _ columns: Range<Int>) -> Void) {
    var i = 0
    for y in 0..<height {
      var x = 0
      while i < runs.count, runs[i].y == y {
        if x < runs[i].start { body(y, x..<runs[i].start) }
        x = runs[i].end
        i += 1
      }
      if x < width { body(y, x..<width) }
    }
  }

  /// Gives the pixels outside the region back to what they were: those of `source`, or `value` where
  /// the result has other pixels. The region lies inside the picture.
  func restoreOutside(of target: MutableRasterView, from source: RasterView, or value: UInt16) {
    let bytes = target.format.pixelBytes
    precondition(value == 0 || target.format == .u16, "\(value) in \(target.layout)")
    source.withBytes { pixels in
      eachGap(target.width, target.height) { y, columns in
        let place = target.row(y) + columns.lowerBound * bytes
        if source.format == target.format {
          place.copyMemory(
            from: pixels + y * source.layout.rowBytes + columns.lowerBound * bytes,
            byteCount: columns.count * bytes)
        } else if value == 0 {
          place.initializeMemory(as: UInt8.self, repeating: 0, count: columns.count * bytes)
        } else {
          place.initializeMemory(as: UInt16.self, repeating: value, count: columns.count)
        }
      }
    }
  }
}
