import VisionImage

/// Grey from colour by BT.601: 0.299 R + 0.587 G + 0.114 B in fixed point, with the fraction bits
/// and the rounding of OpenCV's cvtColor (15 for 8-bit pixels, 14 for 16-bit ones).
public enum GreyConversion {
  public static func grey(_ colour: Raster) -> Raster {
    if let source = Image<RGB<UInt8>>(colour) {
      var grey = Image<UInt8>(uninitializedWidth: source.width, height: source.height)
      convert(source.view, into: &grey) { (9798 * $0 + 19235 * $1 + 3735 * $2 + 16384) >> 15 }
      return grey.raster
    }
    if let source = Image<RGB<UInt16>>(colour) {
      var grey = Image<UInt16>(uninitializedWidth: source.width, height: source.height)
      convert(source.view, into: &grey) { (4899 * $0 + 9617 * $1 + 1868 * $2 + 8192) >> 14 }
      return grey.raster
    }
    return colour
  }

  @inline(__always)
  private static func convert<P: GreyPixel & FixedWidthInteger>(
    _ source: ImageView<RGB<P>>, into target: inout Image<P>,
    _ weigh: (UInt32, UInt32, UInt32) -> UInt32
  ) {
    source.withRows { rows in
      target.withMutableView { out in
        for y in 0..<out.height {
          let pixels = rows[y], row = out.row(y)
          for x in 0..<out.width {
            let pixel = pixels[x]
            row[x] = P(
              truncatingIfNeeded: weigh(UInt32(pixel.red), UInt32(pixel.green), UInt32(pixel.blue)))
          }
        }
      }
    }
  }
}
