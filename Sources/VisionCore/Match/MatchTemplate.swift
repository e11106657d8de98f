import VisionImage

/// The picture of a part to look for, and which of its pixels count.
public struct MatchTemplate: Sendable {
  public let pixels: Image<UInt8>
  /// Pixels that count are not zero; nil: all.
  public let mask: Image<UInt8>?

  public var width: Int { pixels.width }
  public var height: Int { pixels.height }
  /// The point that matches tell the place of.
  var centre: (x: Double, y: Double) { (Double(width - 1) / 2, Double(height - 1) / 2) }

  public init(_ picture: RasterView, mask: RasterView? = nil) throws(MatchError) {
    pixels = Image(copying: try Self.grey(picture))
    guard picture.width >= 8, picture.height >= 8 else {
      throw .smallTemplate(width: picture.width, height: picture.height)
    }
    guard let mask else {
      self.mask = nil
      return
    }
    guard mask.width == picture.width, mask.height == picture.height else {
      throw .maskSize(mask: mask.layout, template: picture.layout)
    }
    let marked = try Self.grey(mask)
    // Wholly 0 or 255, so that half sizes tell pixels that are wholly inside.
    let clean = Image<UInt8>(width: mask.width, height: mask.height) {
      marked[$0, $1] == 0 ? 0 : 255
    }
    var count = 0
    for y in 0..<clean.height { for x in 0..<clean.width where clean[x, y] != 0 { count += 1 } }
    guard count >= 32 else { throw .emptyMask }
    self.mask = clean
  }

  /// A picture as matching sees it: 8 bits, of 16 the high eight. Narrow ones are copied, since
  /// kernels read past rows and pictures of ours have the room.
  static func grey(_ picture: RasterView) throws(MatchError) -> ImageView<UInt8> {
    if let view = ImageView<UInt8>(picture) {
      return view.width >= leastWidth ? view : Image(copying: view).view
    }
    guard let deep = ImageView<UInt16>(picture) else { throw .pixels(picture.layout) }
    var high = Image<UInt8>(uninitializedWidth: deep.width, height: deep.height)
    high.withMutableView { out in
      deep.withRows { rows in
        for y in 0..<deep.height {
          let row = rows[y], target = out.row(y)
          for x in 0..<deep.width { target[x] = UInt8(row[x] >> 8) }
        }
      }
    }
    return high.view
  }

  /// Rows of so many pixels hold a whole register of every instruction set.
  private static let leastWidth = 64

  /// Deviation of the grey values that count.
  var deviation: Double {
    var count = 0.0, sum = 0.0, squares = 0.0
    for y in 0..<height {
      for x in 0..<width where mask.map({ $0[x, y] != 0 }) ?? true {
        let value = Double(pixels[x, y])
        count += 1
        sum += value
        squares += value * value
      }
    }
    return max(0, squares / count - sum / count * (sum / count)).squareRoot()
  }
}

/// A template at one level of the pyramid.
struct TemplateLevel: Sendable {
  let level: Int
  let pixels: ImageView<UInt8>
  let mask: ImageView<UInt8>?
  /// Where the template's centre lies in the level's pixels.
  let centre: (x: Double, y: Double)

  static func all(of template: MatchTemplate, count: Int, on machine: Machine) -> [TemplateLevel] {
    let pixels = MatchPyramid(template.pixels.view, levels: count, on: machine)
    let masks = template.mask.map { MatchPyramid($0.view, levels: count, on: machine) }
    return (0..<pixels.count).map { level in
      let factor = 1 / Double(1 << level)
      return TemplateLevel(
        level: level, pixels: pixels.levels[level], mask: masks?.levels[level],
        centre: (template.centre.x * factor, template.centre.y * factor))
    }
  }

  var width: Int { pixels.width }
  var height: Int { pixels.height }

  /// Whether a pixel counts, and lies at least `inset` pixels from the edge.
  func counts(_ x: Int, _ y: Int, inset: Int = 0) -> Bool {
    guard x >= inset, y >= inset, x < width - inset, y < height - inset else { return false }
    guard let mask else { return true }
    // Half sizes and smoothing mix what counts with what does not; farther off it is too little.
    let margin = min(inset, 2)
    for j in -margin...margin {
      for i in -margin...margin where mask[x + i, y + j] < 250 { return false }
    }
    return true
  }

  /// Whether a fit compares smoothed pictures.
  var isSmoothed: Bool { level == 0 && min(width, height) >= FineSmoothing.leastSide }

  /// Pixels so far from the edge have neighbours that are right: of smoothed ones four, of half
  /// sizes, which know nothing of what lies outside the template, one; and one for the gradient.
  var inset: Int { isSmoothed ? 5 : level > 0 && min(width, height) >= 14 ? 2 : 1 }

  /// The grey values that a fit compares.
  func fitted() -> GreyField {
    isSmoothed ? GreyField(smoothed: pixels) : GreyField(pixels)
  }

  /// The grey value at a real place, linear between four pixels; nil where one does not count.
  func sample(_ x: Double, _ y: Double) -> Double? {
    let fx = x.rounded(.down), fy = y.rounded(.down)
    let ix = Int(fx), iy = Int(fy), wx = x - fx, wy = y - fy
    // A place on the last row or column needs no further pixel.
    let jx = wx == 0 ? ix : ix + 1, jy = wy == 0 ? iy : iy + 1
    guard counts(ix, iy), counts(jx, iy), counts(ix, jy), counts(jx, jy) else { return nil }
    let above = Double(pixels[ix, iy]) * (1 - wx) + Double(pixels[jx, iy]) * wx
    let below = Double(pixels[ix, jy]) * (1 - wx) + Double(pixels[jx, jy]) * wx
    return above * (1 - wy) + below * wy
  }
}
