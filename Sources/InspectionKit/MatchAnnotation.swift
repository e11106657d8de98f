import VisionCore
import VisionImage

/// Pictures of what was found, and of what is looked for.
public enum MatchAnnotation {
  private static let frame = RGB<UInt8>(red: 40, green: 200, blue: 80)
  private static let outline = RGB<UInt8>(red: 255, green: 40, blue: 40)

  /// The template's frame and outline at every match, a line from its centre to its upper edge.
  public static func mark(
    _ matches: [Match], of parts: MatchSet, on picture: RasterView
  ) -> Image<RGB<UInt8>> {
    var canvas = Canvas(picture, dimming: 0.2)
    for match in matches {
      let model = parts.model(of: match), corners = model.corners(match)
      for point in model.outline(match) { canvas.dot(point, radius: 0.5, outline) }
      for i in 0..<4 { canvas.line(corners[i], corners[(i + 1) % 4], frame) }
      let centre = PixelPoint(x: match.x, y: match.y)
      let up = PixelPoint(
        x: (corners[0].x + corners[1].x) / 2, y: (corners[0].y + corners[1].y) / 2)
      canvas.line(centre, up, frame)
      canvas.dot(centre, radius: 3, frame)
    }
    return canvas.image
  }

  /// The template with the points of its outline, where the method knows any.
  public static func preview(_ model: MatchModel) -> Image<RGB<UInt8>> {
    let centre = PixelPoint(
      x: Double(model.template.width - 1) / 2, y: Double(model.template.height - 1) / 2)
    let whole = Match(x: centre.x, y: centre.y, angle: .degrees(0), scale: 1, score: 1)
    return mark([whole], of: MatchSet([.init("", model)]), on: model.template.pixels.raster.view)
  }
}
