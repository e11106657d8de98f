import VisionCore
import VisionImage

/// What one tool sees of a picture: all of it or a region; with a fixture the part as it would lie in
/// the picture that the recipe was written for.
struct Sight {
  let pixels: RasterView
  /// From the tool's pixels to those of the whole picture.
  let place: PartFrame
  /// For tools that follow the part themselves: where its coordinates lie in their picture.
  let fixture: PartFrame

  /// `frame` is where the fixture of the step found the part; nil: the step has none.
  init(_ step: Recipe.Step, _ frame: PartFrame?, in picture: RasterView, _ runner: OperatorRunner)
    throws
  {
    guard let frame, step.kind.takesRegion else {
      pixels = try Self.region(step, of: picture)
      place = PartFrame(x: Double(step.region?.x ?? 0), y: Double(step.region?.y ?? 0))
      fixture = frame ?? .whole
      return
    }
    let corner = PartFrame(x: Double(step.region?.x ?? 0), y: Double(step.region?.y ?? 0))
    place = frame.containing(corner)
    fixture = .whole
    let size = step.region.map { ($0.width, $0.height) } ?? (picture.width, picture.height)
    guard
      let turned = WarpAffine(
        place.inverseMatrix, size: size, method: .cubic, border: .replicate)
    else { throw ToolError("\(step.name): the part that it follows has no size") }
    var seen: Raster?
    try runner.run(turned, on: OperatorInputs(picture), into: &seen)
    guard let seen else { throw ToolError("\(step.name): nothing to see") }
    pixels = seen.view
  }

  /// A map of the tool's pixels as one of the whole picture.
  func wholeMap(
    _ map: Image<UInt16>, width: Int, height: Int, _ runner: OperatorRunner
  ) throws -> Image<UInt16>? {
    guard
      let back = WarpAffine(
        place.matrix, size: (width, height), method: .linear, border: .constant(0))
    else { return nil }
    var whole: Raster?
    try runner.run(back, on: OperatorInputs(map.raster.view), into: &whole)
    return whole.flatMap { ImageView<UInt16>($0.view) }.map { Image(copying: $0) }
  }

  private static func region(_ step: Recipe.Step, of picture: RasterView) throws -> RasterView {
    guard let region = step.region else { return picture }
    guard picture.layout.bounds.contains(region) else {
      throw ToolError("\(step.name): the region \(region) is not inside \(picture.layout)")
    }
    return picture.cropped(to: region)
  }
}
