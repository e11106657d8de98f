import VisionImage

@testable import VisionCore

/// A part drawn at any pose with smooth edges, so that the truth is exact.
enum DrawnPart {
  static let side = 96

  /// Grey value of the part at a place relative to its centre; edges are two and a half pixels wide
  /// where the part is drawn `zoom` times as large.
  static func level(_ x: Double, _ y: Double, zoom: Double = 1) -> Double {
    func soft(_ distance: Double) -> Double { max(0, min(1, 0.5 - distance * zoom / 2.5)) }
    func box(_ cx: Double, _ cy: Double, _ w: Double, _ h: Double) -> Double {
      soft(max(abs(x - cx) - w, abs(y - cy) - h))
    }
    func disc(_ cx: Double, _ cy: Double, _ r: Double) -> Double {
      soft((((x - cx) * (x - cx) + (y - cy) * (y - cy)).squareRoot()) - r)
    }
    var value = 60.0
    value += 120 * (box(-8, 4, 26, 14) - value / 1000)
    value += (200 - value) * box(20, -18, 9, 16)
    value += (20 - value) * disc(-14, 6, 8)
    value += (230 - value) * disc(-22, -26, 6)
    value += (35 - value) * box(8, 28, 24, 4)
    return value
  }

  static func template(zoom: Int = 1) -> Image<UInt8> {
    let centre = Double(zoom * side - 1) / 2, zoomed = Double(zoom)
    return Image(width: zoom * side, height: zoom * side) { x, y in
      UInt8(
        saturating: level((Double(x) - centre) / zoomed, (Double(y) - centre) / zoomed, zoom: zoomed))
    }
  }

  struct Light {
    var gain = 1.0, offset = 0.0, noise = 0.0, slope = 0.0
  }

  /// Parts in a picture; outside them the ground is even.
  static func picture(
    _ poses: [Match], width: Int = 420, height: Int = 340, light: Light = Light(), seed: UInt64 = 1
  ) -> Image<UInt8> {
    var random = SeededRandom(seed: seed)
    return Image(width: width, height: height) { x, y in
      var value = 60.0
      for pose in poses {
        let turn = Similarity(
          x: 0, y: 0, degrees: -pose.angle.degrees, scale: 1 / pose.scale)
        let p = turn(Double(x) - pose.x, Double(y) - pose.y)
        if max(abs(p.x), abs(p.y)) < 47.5 { value = level(p.x, p.y) }
      }
      value = value * (light.gain + light.slope * Double(x) / Double(width)) + light.offset
      var noise = -6.0
      for _ in 0..<12 { noise += Double(random.next() >> 11) * 0x1p-53 }
      return UInt8(saturating: value + noise * light.noise)
    }
  }

  static func pose(_ random: inout SeededRandom, scales: ClosedRange<Double> = 1...1) -> Match {
    func real(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound
        + (range.upperBound - range.lowerBound) * Double(random.next() >> 11) * 0x1p-53
    }
    return Match(
      x: real(100...320), y: real(100...240), angle: .degrees(real(-180...180)),
      scale: real(scales), score: 1)
  }
}
