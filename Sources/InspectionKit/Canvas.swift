import VisionImage

/// A picture in colour that is drawn on, for people to look at.
public struct Canvas: Sendable {
  public private(set) var image: Image<RGB<UInt8>>

  /// The picture as it is, or with `dimming` less of its contrast, so that marks stand out.
  public init(_ picture: RasterView, dimming: Double = 0) {
    let grey = picture.eightBit().flatMap { ImageView<UInt8>($0) }
    image = Image(width: picture.width, height: picture.height) { x, y in
      let level = UInt8((Double(grey?[x, y] ?? 0) * (1 - dimming)).rounded())
      return RGB(red: level, green: level, blue: level)
    }
  }

  public mutating func dot(_ p: PixelPoint, radius: Double, _ colour: RGB<UInt8>) {
    guard p.x.isFinite, p.y.isFinite, abs(p.x) < 1e6, abs(p.y) < 1e6 else { return }
    let reach = Int(radius.rounded(.up)), cx = Int(p.x.rounded()), cy = Int(p.y.rounded())
    image.withMutableView { pixels in
      for y in max(0, cy - reach)...max(max(0, cy - reach), min(pixels.height - 1, cy + reach))
      where y < pixels.height {
        for x in max(0, cx - reach)...max(max(0, cx - reach), min(pixels.width - 1, cx + reach))
        where x < pixels.width {
          let dx = Double(x) - p.x, dy = Double(y) - p.y
          if dx * dx + dy * dy <= radius * radius + 0.25 { pixels.row(y)[x] = colour }
        }
      }
    }
  }

  public mutating func line(_ a: PixelPoint, _ b: PixelPoint, _ colour: RGB<UInt8>) {
    guard [a.x, a.y, b.x, b.y].allSatisfy({ $0.isFinite && abs($0) < 1e5 }) else { return }
    let steps = max(1, Int(max(abs(b.x - a.x), abs(b.y - a.y)).rounded(.up)))
    image.withMutableView { pixels in
      for i in 0...steps {
        let t = Double(i) / Double(steps)
        let x = Int((a.x + t * (b.x - a.x)).rounded()), y = Int((a.y + t * (b.y - a.y)).rounded())
        if x >= 0, y >= 0, x < pixels.width, y < pixels.height { pixels.row(y)[x] = colour }
      }
    }
  }
}
