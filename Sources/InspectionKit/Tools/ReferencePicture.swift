import Configuration
import ImageFiles
import VisionImage

/// The picture of a perfect part: one for all, or by rule one for each.
enum ReferencePicture: Sendable {
  case picture(Image<UInt8>)
  /// The part's path with one text for another.
  case replaced(String, by: String)

  /// As the parameter `reference` says.
  init(_ settings: ToolSettings) throws {
    if case .texts(let rule)? = settings.values["reference"] {
      self = .replaced(rule[0], by: rule[1])
      return
    }
    let name = settings.values.text("reference")
    let picture = try settings.regional(settings.picture(name), name)
    if let grey = Image<UInt8>(picture) {
      self = .picture(grey)
      return
    }
    guard let grey = picture.view.eightBit().flatMap({ ImageView<UInt8>($0) }) else {
      throw ToolError("the reference \(name) has \(picture.format.rawValue) pixels")
    }
    self = .picture(Image(copying: grey))
  }

  /// The part's reference, and a name that is the same for the same one.
  func picture(of part: PartContext) throws -> (name: String, picture: Image<UInt8>) {
    guard case .replaced(let from, let to) = self else {
      guard case .picture(let picture) = self else { throw ToolError("no reference") }
      return ("", picture)
    }
    guard let place = part.image.lastRange(of: from) else {
      throw ToolError("the path has no '\(from)' that could be replaced")
    }
    let path = part.image[..<place.lowerBound] + to + part.image[place.upperBound...]
    let picture: Raster
    do throws(ImageFileError) {
      picture = try ImageFiles.read(String(path), colour: .grey)
    } catch {
      throw ToolError("the reference \(path): \(error.reason)")
    }
    guard let grey = picture.view.eightBit() else {
      throw ToolError("the reference \(path) has \(picture.format.rawValue) pixels")
    }
    if let region = part.region, !grey.layout.bounds.contains(region) {
      throw ToolError("the region \(region) is not inside the reference \(path)")
    }
    let view = part.region.map { grey.cropped(to: $0) } ?? grey
    return (String(path), Image(copying: ImageView(view)!))
  }
}

extension String {
  /// The last place where the text stands.
  fileprivate func lastRange(of text: String) -> Range<String.Index>? {
    var start = endIndex
    while true {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      guard start > startIndex else { return nil }
      start = index(before: start)
    }
  }
}
