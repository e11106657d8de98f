import VisionImage

/// A template turned and grown, as a picture around its centre and the mask of the pixels that count.
struct TurnedPicture {
  let pixels: Image<UInt8>
  /// 255 where a pixel counts.
  let mask: Image<UInt8>

  /// Where the template's centre lies, in x and y.
  var centreX: Int { (pixels.width - 1) / 2 }
  var centreY: Int { (pixels.height - 1) / 2 }

  init(_ template: TemplateLevel, degrees: Double, scale: Double) {
    let turn = Similarity(x: 0, y: 0, degrees: degrees, scale: scale)
    let back = Similarity(x: 0, y: 0, degrees: -degrees, scale: 1 / scale)
    let right = template.centre.x, bottom = template.centre.y
    let corner = turn(right, bottom), other = turn(right, -bottom)
    let halfWidth = Int(max(abs(corner.x), abs(other.x)).rounded(.up))
    let halfHeight = Int(max(abs(corner.y), abs(other.y)).rounded(.up))
    var pixels = Image<UInt8>(width: 2 * halfWidth + 1, height: 2 * halfHeight + 1, repeating: 0)
    var mask = pixels
    for y in -halfHeight...halfHeight {
      for x in -halfWidth...halfWidth {
        let place = back(Double(x), Double(y))
        guard let value = template.sample(place.x + right, place.y + bottom) else { continue }
        pixels[x + halfWidth, y + halfHeight] = UInt8(saturating: value)
        mask[x + halfWidth, y + halfHeight] = 255
      }
    }
    self.pixels = pixels
    self.mask = mask
  }
}

/// Who slides a turned template over a picture: the correlation at every place where it is wholly
/// inside, so many columns and rows fewer than the picture has.
enum Correlator {
  /// The definition, slow and obvious.
  case reference
  /// OpenCV's matchTemplate.
  case openCV(OpenCVLibrary)

  func scores(
    of template: TurnedPicture, in picture: ImageView<UInt8>
  ) throws(OperatorError) -> Image<Float> {
    let columns = picture.width - template.pixels.width + 1
    let rows = picture.height - template.pixels.height + 1
    switch self {
    case .reference:
      let points = Self.points(template)
      return Image(width: columns, height: rows) { Self.correlation(points, picture, $0, $1) }
    case .openCV(let library):
      var scores = Image<Float>(uninitializedWidth: columns, height: rows)
      try scores.withMutableView { (out) throws(OperatorError) in
        _ = try library.call(
          "match-template",
          [picture.raster, template.pixels.raster.view, template.mask.raster.view],
          into: out.raster, parameters: [])
      }
      return scores
    }
  }

  private static func points(_ template: TurnedPicture) -> [(x: Int, y: Int, value: Double)] {
    var points: [(x: Int, y: Int, value: Double)] = []
    for y in 0..<template.pixels.height {
      for x in 0..<template.pixels.width where template.mask[x, y] != 0 {
        points.append((x, y, Double(template.pixels[x, y])))
      }
    }
    let mean = points.reduce(0) { $0 + $1.value } / Double(max(1, points.count))
    return points.map { ($0.x, $0.y, $0.value - mean) }
  }

  private static func correlation(
    _ points: [(x: Int, y: Int, value: Double)], _ picture: ImageView<UInt8>, _ x: Int, _ y: Int
  ) -> Float {
    var sum = 0.0, squares = 0.0, product = 0.0, power = 0.0
    for point in points {
      let level = Double(picture[x + point.x, y + point.y])
      sum += level
      squares += level * level
      product += level * point.value
      power += point.value * point.value
    }
    let variance = squares - sum * sum / Double(points.count)
    guard variance > Alignment.leastVariance * Double(points.count), power > 0 else { return 0 }
    return Float(product / (power * variance).squareRoot())
  }
}
