import VisionImage

/// Grey from colour by BT.601: 0.299 R + 0.587 G + 0.114 B in fixed point of 15 bits, rounded, as
/// OpenCV's cvtColor has it for 8-bit and for 16-bit pixels.
public enum GreyConversion {
  public static func grey(_ colour: Raster) -> Raster {
    if let source = Image<RGB<UInt8>>(colour) {
      var grey = Image<UInt8>(uninitializedWidth: source.width, height: source.height)
      convert(source.view, into: &grey)
      return grey.raster
    }
    if let source = Image<RGB<UInt16>>(colour) {
      var grey = Image<UInt16>(uninitializedWidth: source.width, height: source.height)
      convert(source.view, into: &grey)
      return grey.raster
    }
    return colour
  }

  @inline(__always)
  private static func convert<P: GreyPixel & FixedWidthInteger>(
    _ source: ImageView<RGB<P>>, into target: inout Image<P>
  ) {
    source.withRows { rows in
      target.withMutableView { out in
        for y in 0..<out.height {
          let pixels = rows[y], row = out.row(y)
          for x in 0..<out.width {
            let pixel = pixels[x]
            // At most 65535 * 32768 + 16384: fits in 32 bits.
            let red = 9798 &* UInt32(pixel.red)
            let green = 19235 &* UInt32(pixel.green)
            let blue = 3735 &* UInt32(pixel.blue)
            row[x] = P(truncatingIfNeeded: (red &+ green &+ blue &+ 16384) >> 15)
          }
        }
      }
    }
  }
}
