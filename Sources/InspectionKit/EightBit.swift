import VisionImage

extension RasterView {
  /// The picture as tools work on it: 8 bits. Of 16 bits the high eight are taken; nil for pixels
  /// that are not grey levels.
  func eightBit() -> RasterView? {
    if format == .u8 { return self }
    guard let deep = ImageView<UInt16>(self) else { return nil }
    var image = Image<UInt8>(uninitializedWidth: width, height: height)
    deep.withRows { rows in
      image.withMutableView { out in
        for y in 0..<height {
          let source = rows[y], row = out.row(y)
          for x in 0..<width { row[x] = UInt8(truncatingIfNeeded: source[x] >> 8) }
        }
      }
    }
    return image.raster.view
  }
}
