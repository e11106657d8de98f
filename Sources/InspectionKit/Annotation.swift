import VisionCore
import VisionImage

/// A picture with what was found marked on it.
public enum Annotation {
  private static let marker = RGB<UInt8>(red: 255, green: 40, blue: 40)
  private static let frames: [Verdict: RGB<UInt8>] = [
    .ok: RGB(red: 40, green: 200, blue: 80), .ng: RGB(red: 255, green: 40, blue: 40),
    .fault: RGB(red: 255, green: 170, blue: 0),
  ]

  /// The picture in colour, framed in the colour of the verdict, a box around every defect, a
  /// cross on every part found.
  public static func mark(_ record: InspectionRecord, on picture: RasterView) -> Image<RGB<UInt8>> {
    mark(record, on: picture, rows: 0..<picture.height)
  }

  /// Some rows of the marked picture.
  static func mark(
    _ record: InspectionRecord, on picture: RasterView, rows: Range<Int>
  ) -> Image<RGB<UInt8>> {
    let bounds = picture.layout.bounds
    var image = colour(
      picture.cropped(
        to: PixelRect(x: 0, y: rows.lowerBound, width: picture.width, height: rows.count)))
    image.withMutableView { pixels in
      func draw(_ box: PixelRect, _ colour: RGB<UInt8>) {
        outline(
          PixelRect(x: box.x, y: box.y - rows.lowerBound, width: box.width, height: box.height),
          colour, pixels)
      }
      for inset in 0..<4 {
        draw(bounds.grown(by: -inset), frames[record.verdict] ?? marker)
      }
      for defect in record.defects {
        for margin in 4..<6 { draw(defect.box.grown(by: margin), marker) }
      }
      for match in record.matches {
        let x = Int(match.x.rounded()), y = Int(match.y.rounded())
        draw(PixelRect(x: x - 8, y: y, width: 17, height: 1), marker)
        draw(PixelRect(x: x, y: y - 8, width: 1, height: 17), marker)
      }
    }
    return image
  }

  /// The outline of a rectangle, as far as it lies in the picture.
  private static func outline(
    _ box: PixelRect, _ colour: RGB<UInt8>, _ pixels: MutableImageView<RGB<UInt8>>
  ) {
    func dot(_ x: Int, _ y: Int) {
      if x >= 0, y >= 0, x < pixels.width, y < pixels.height { pixels.row(y)[x] = colour }
    }
    for x in box.x..<box.maxX {
      dot(x, box.y)
      dot(x, box.maxY - 1)
    }
    for y in max(0, box.y)..<max(0, box.y, min(pixels.height, box.maxY)) {
      dot(box.x, y)
      dot(box.maxX - 1, y)
    }
  }

  static func colour(_ picture: RasterView) -> Image<RGB<UInt8>> {
    if let colour = ImageView<RGB<UInt8>>(picture) { return Image(copying: colour) }
    guard let eight = picture.eightBit(), let grey = ImageView<UInt8>(eight) else {
      return Image(width: picture.width, height: picture.height, repeating: .zero)
    }
    return Image(width: grey.width, height: grey.height) { x, y in
      let level = grey[x, y]
      return RGB(red: level, green: level, blue: level)
    }
  }
}
