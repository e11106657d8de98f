import VisionCore
import VisionImage

/// A picture with what was found marked on it.
public enum Annotation {
  private static let marker = RGB<UInt8>(red: 255, green: 40, blue: 40)
  private static let frames: [Verdict: RGB<UInt8>] = [
    .ok: RGB(red: 40, green: 200, blue: 80), .ng: RGB(red: 255, green: 40, blue: 40),
    .fault: RGB(red: 255, green: 170, blue: 0),
  ]

  /// The picture in colour, framed in the colour of the verdict, a box around every defect.
  public static func mark(_ record: InspectionRecord, on picture: RasterView) -> Image<RGB<UInt8>> {
    var image = colour(picture)
    let bounds = image.bounds
    image.withMutableView { pixels in
      for inset in 0..<4 {
        draw(bounds.grown(by: -inset), frames[record.verdict] ?? marker, pixels)
      }
      for defect in record.defects {
        for margin in 4..<6 { draw(defect.box.grown(by: margin), marker, pixels) }
      }
    }
    return image
  }

  /// The outline of a rectangle, as far as it lies in the picture.
  private static func draw(
    _ box: PixelRect, _ colour: RGB<UInt8>, _ pixels: MutableImageView<RGB<UInt8>>
  ) {
    func dot(_ x: Int, _ y: Int) {
      if x >= 0, y >= 0, x < pixels.width, y < pixels.height { pixels.row(y)[x] = colour }
    }
    for x in box.x..<box.maxX {
      dot(x, box.y)
      dot(x, box.maxY - 1)
    }
    for y in box.y..<box.maxY {
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

  /// The picture in colour, the template's frame and outline at every match, a cross at its centre.
  public static func mark(
    _ matches: [Match], of model: MatchModel, on picture: RasterView
  ) -> Image<RGB<UInt8>> {
    let frame = frames[.ok] ?? marker
    var image = colour(picture)
    image.withMutableView { pixels in
      for match in matches {
        let corners = model.corners(match)
        for (i, corner) in corners.enumerated() {
          draw(from: corner, to: corners[(i + 1) % 4], frame, pixels)
        }
        for point in model.outline(match) { draw(from: point, to: point, marker, pixels) }
        // The upper edge's middle tells which way is up.
        let centre = PixelPoint(x: match.x, y: match.y)
        let up = PixelPoint(
          x: (corners[0].x + corners[1].x) / 2, y: (corners[0].y + corners[1].y) / 2)
        draw(from: centre, to: up, frame, pixels)
        for (dx, dy) in [(6.0, 0.0), (0.0, 6.0)] {
          draw(
            from: PixelPoint(x: match.x - dx, y: match.y - dy),
            to: PixelPoint(x: match.x + dx, y: match.y + dy), marker, pixels)
        }
      }
    }
    return image
  }

  /// A straight line, as far as it lies in the picture.
  private static func draw(
    from a: PixelPoint, to b: PixelPoint, _ colour: RGB<UInt8>,
    _ pixels: MutableImageView<RGB<UInt8>>
  ) {
    let steps = max(1, Int(max(abs(b.x - a.x), abs(b.y - a.y)).rounded(.up)))
    for step in 0...steps {
      let t = Double(step) / Double(steps)
      let x = Int((a.x + t * (b.x - a.x)).rounded()), y = Int((a.y + t * (b.y - a.y)).rounded())
      if x >= 0, y >= 0, x < pixels.width, y < pixels.height { pixels.row(y)[x] = colour }
    }
  }
}
