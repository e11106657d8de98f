import VisionImage

/// What a camera makes of a scene: light that falls off towards the corners, noise, and what an
/// `Exposure` says. The same field and exposure give the same picture, bit for bit, on every
/// machine: single additions and multiplications in a written order, nothing else.
struct SensorModel: Sendable {
  /// Fields are so much wider than the picture on every side, so that the part can move.
  static let margin = 8

  private let width: Int
  private let height: Int
  /// Light at every pixel relative to the centre.
  private let vignette: [Float]
  /// -1 at the left edge to 1 at the right one.
  private let across: [Float]
  /// Ready-made noise; every row of a picture begins somewhere in it.
  private let noise: [Float]
  private let silence: [Float]

  /// `noiseLevels` is the deviation in grey values; corners get the share `1 - fall` of the light.
  init(width: Int, height: Int, noiseLevels: Double, fall: Double, seed: UInt64) {
    self.width = width
    self.height = height
    let cx = Double(width - 1) / 2, cy = Double(height - 1) / 2
    let corner = cx * cx + cy * cy
    vignette = (0..<width * height).map { i in
      let dx = Double(i % width) - cx, dy = Double(i / width) - cy
      return Float(1 - fall * (dx * dx + dy * dy) / corner)
    }
    across = (0..<width).map { Float((Double($0) - cx) / cx) }
    var random = SceneRandom(seed: seed ^ 0x6e6f_6973_65)
    noise = (0..<width + 1 << 16).map { _ in Float(random.bell() * noiseLevels) }
    silence = [Float](repeating: 0, count: width)
  }

  /// An even field of the size that this sensor looks at.
  func field(repeating value: Float) -> Field {
    Field(width: width + 2 * Self.margin, height: height + 2 * Self.margin, repeating: value)
  }

  /// The picture of a field, seen ideally.
  func reference(_ field: Field) -> Image<UInt8> {
    var image = Image<UInt8>(uninitializedWidth: width, height: height)
    let bounds = image.bounds
    image.withMutableView { expose(field, .ideal, bounds, into: $0) }
    return image
  }

  /// Grey values by which a flaw must change a pixel to be seen there: three deviations of the noise.
  private static let visible = 6

  /// The picture of a part into `pixels`, and the truth about it: each flaw's surroundings are seen
  /// twice by the same exposure, without and with it; its box is where it can be seen. The fringe
  /// beyond, lost in the noise, is left out of the picture too, so that boxes are both tight and
  /// exact: outside them the part is as good as it would be without flaws.
  func part(
    good: Field, flawed: Field, flaws: [DrawnFlaw], _ exposure: Exposure,
    into pixels: MutableImageView<UInt8>
  ) -> [SceneDefect] {
    let bounds = PixelRect(x: 0, y: 0, width: width, height: height)
    expose(good, exposure, bounds, into: pixels)
    let left = Int(exposure.shiftX.rounded(.down)) - Self.margin
    let top = Int(exposure.shiftY.rounded(.down)) - Self.margin
    return flaws.compactMap { flaw in
      let seen = flaw.reach.moved(x: left, y: top).grown(by: DrawnFlaw.bleed)
        .intersection(bounds)
      guard !seen.isEmpty else { return nil }
      let good = Image(copying: pixels.cropped(to: seen))
      expose(flawed, exposure, seen, into: pixels)
      let bad = Image(copying: pixels.cropped(to: seen))
      pixels.cropped(to: seen).copyPixels(from: good.view.raster)
      guard let box = Self.difference(good.view, bad.view) else { return nil }
      let found = box.moved(x: seen.x, y: seen.y)
      pixels.cropped(to: found).copyPixels(from: bad.view.cropped(to: box).raster)
      return SceneDefect(box: found, kind: flaw.kind)
    }
  }

  /// Writes the pixels of `rect`; what they are does not depend on which rectangle is asked for.
  private func expose(
    _ field: Field, _ exposure: Exposure, _ rect: PixelRect, into pixels: MutableImageView<UInt8>
  ) {
    let along = Taps(shift: exposure.shiftX, blur: exposure.blurX)
    let down = Taps(shift: exposure.shiftY, blur: exposure.blurY)
    let gain = Float(exposure.gain)
    let slopeX = Float(exposure.gain * exposure.slopeX)
    let slopeY = Float(exposure.gain * exposure.slopeY)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * rect.width) { ring in
      /// The place in the ring of the field's row `y`.
      func ringRow(_ y: Int) -> UnsafeMutablePointer<Float> {
        ring.baseAddress! + (y & 3) * rect.width
      }
      field.values.withUnsafeBufferPointer { values in
        /// Row `y` of the field into the ring, blurred and moved along itself.
        func takeIn(_ y: Int) {
          let row = values.baseAddress! + y * field.width + rect.x + along.first
          let out = ringRow(y)
          for x in 0..<rect.width { out[x] = along.mix(row[x], row[x + 1], row[x + 2], row[x + 3]) }
        }
        let top = rect.y + down.first
        for y in top..<top + 3 { takeIn(y) }
        for y in 0..<rect.height {
          takeIn(top + y + 3)
          let a = ringRow(top + y), b = ringRow(top + y + 1)
          let c = ringRow(top + y + 2), d = ringRow(top + y + 3)
          let atY = rect.y + y
          let rowGain = gain + slopeY * Float((2 * Double(atY) + 1) / Double(height) - 1)
          withLight(atY, rect.x, exposure.grain) { light, across, grain in
            let out = pixels.row(atY) + rect.x
            for x in 0..<rect.width {
              let seen = down.mix(a[x], b[x], c[x], d[x])
              let level = seen * light[x] * (rowGain + slopeX * across[x]) + grain[x]
              // Adding 2^23 leaves the nearest whole number in the lowest bits.
              let rounded = max(0, min(255, level)) + 0x1p23
              out[x] = UInt8(truncatingIfNeeded: rounded.bitPattern)
            }
          }
        }
      }
    }
  }

  /// The light and the noise of a row from column `x` on.
  private func withLight(
    _ y: Int, _ x: Int, _ grain: UInt64?,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
  ) {
    vignette.withUnsafeBufferPointer { light in
      across.withUnsafeBufferPointer { across in
        (grain == nil ? silence : noise).withUnsafeBufferPointer { noise in
          var start = 0
          if let grain {
            var random = SceneRandom(seed: grain, part: y)
            start = Int(random.next() & 0xffff)
          }
          body(
            light.baseAddress! + y * width + x, across.baseAddress! + x,
            noise.baseAddress! + start + x)
        }
      }
    }
  }

  /// The box around every pixel that differs visibly.
  private static func difference(_ good: ImageView<UInt8>, _ bad: ImageView<UInt8>) -> PixelRect? {
    var box: PixelRect?
    good.withRows { a in
      bad.withRows { b in
        for y in 0..<good.height {
          for x in 0..<good.width where abs(Int(a[y][x]) - Int(b[y][x])) >= visible {
            let pixel = PixelRect(x: x, y: y, width: 1, height: 1)
            box = box.map { $0.union(pixel) } ?? pixel
          }
        }
      }
    }
    return box
  }
}

/// A flaw as it was drawn.
struct DrawnFlaw: Sendable {
  /// Everything that it can have changed, in pixels of the field as the lens shows it.
  let reach: PixelRect
  let kind: String

  /// How far a picture spreads a pixel of the field: the fraction of the shift and the blur.
  static let bleed = 3

  /// True where the pictures of both can never mix.
  func isApart(from other: PixelRect) -> Bool {
    reach.grown(by: 2 * Self.bleed).intersection(other).isEmpty
  }
}

/// What four neighbours on a line give to a pixel that lies between the middle two: the fraction of
/// a shift (bilinear), then a blur by `b, 1 - 2b, b`.
private struct Taps {
  /// From a pixel of the picture to the first of its four in the field.
  let first: Int
  private let w0: Float
  private let w1: Float
  private let w2: Float
  private let w3: Float

  init(shift: Double, blur b: Double) {
    precondition(
      abs(shift) < Double(SensorModel.margin - 3), "a part moved by \(shift) leaves its field")
    let whole = shift.rounded(.down)
    let f = shift - whole
    first = SensorModel.margin - Int(whole) - 2
    w0 = Float(b * f)
    w1 = Float((1 - 2 * b) * f + b * (1 - f))
    w2 = Float((1 - 2 * b) * (1 - f) + b * f)
    w3 = Float(b * (1 - f))
  }

  @inline(__always)
  func mix(_ p0: Float, _ p1: Float, _ p2: Float, _ p3: Float) -> Float {
    w0 * p0 + w1 * p1 + w2 * p2 + w3 * p3
  }
}
