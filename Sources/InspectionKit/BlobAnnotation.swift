import VisionCore
import VisionImage

/// A picture with blobs marked on it: the pixels of their outlines, the least rectangle, the middle.
public enum BlobAnnotation {
  private static let outline = RGB<UInt8>(red: 255, green: 40, blue: 40)
  private static let rectangle = RGB<UInt8>(red: 40, green: 200, blue: 80)
  private static let centre = RGB<UInt8>(red: 255, green: 220, blue: 0)

  public static func mark(_ blobs: [Blob], on picture: RasterView) -> Image<RGB<UInt8>> {
    var image = Annotation.colour(picture)
    image.withMutableView { pixels in
      for blob in blobs {
        let corners = blob.leastRectangle.corners
        for i in corners.indices { line(corners[i], corners[(i + 1) % 4], rectangle, pixels) }
        blob.region.border.paint(outline, on: pixels)
        let middle = blob.moments.centroid
        for d in -3...3 {
          dot(middle.x + Double(d), middle.y, centre, pixels)
          dot(middle.x, middle.y + Double(d), centre, pixels)
        }
      }
    }
    return image
  }

  private static func line(
    _ a: PixelPoint, _ b: PixelPoint, _ colour: RGB<UInt8>, _ pixels: MutableImageView<RGB<UInt8>>
  ) {
    let steps = max(1, max(abs(b.x - a.x), abs(b.y - a.y)).rounded(.up))
    for step in 0...Int(steps) {
      let t = Double(step) / steps
      dot(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), colour, pixels)
    }
  }

  private static func dot(
    _ x: Double, _ y: Double, _ colour: RGB<UInt8>, _ pixels: MutableImageView<RGB<UInt8>>
  ) {
    let column = Int(x.rounded()), row = Int(y.rounded())
    if column >= 0, row >= 0, column < pixels.width, row < pixels.height {
      pixels.row(row)[column] = colour
    }
  }
}
