import VisionImage

/// What a camera makes of a scene: a shift of the part, light that falls off towards the corners
/// and drifts, and noise.
struct SensorModel: Sendable {
  /// Light at every pixel relative to the centre, and ready-made noise to draw from.
  private let vignette: [Float]
  private let noise: [Float]
  private let width: Int
  private let height: Int

  /// `noiseLevels` is the deviation in grey values; corners get the share `1 - fall` of the light.
  init(width: Int, height: Int, noiseLevels: Double, fall: Double, seed: UInt64) {
    self.width = width
    self.height = height
    let cx = Double(width - 1) / 2, cy = Double(height - 1) / 2
    let corner = max(1, cx * cx + cy * cy)
    vignette = (0..<width * height).map { i in
      let dx = Double(i % width) - cx, dy = Double(i / width) - cy
      return Float(1 - fall * (dx * dx + dy * dy) / corner)
    }
    var random = SceneRandom(seed: seed ^ 0x6e6f_6973_65)
    noise = (0..<1 << 16).map { _ in Float(random.bell() * noiseLevels) }
  }

  /// How one part is seen.
  struct Exposure {
    var shiftX: Double
    var shiftY: Double
    var gain: Double

    init(_ random: inout SceneRandom, shift: Double, drift: Double) {
      shiftX = random.real(-shift...shift)
      shiftY = random.real(-shift...shift)
      gain = random.real(1 - drift...1 + drift)
    }

    /// Seen exactly in place.
    static let ideal = Exposure(shiftX: 0, shiftY: 0, gain: 1)

    private init(shiftX: Double, shiftY: Double, gain: Double) {
      self.shiftX = shiftX
      self.shiftY = shiftY
      self.gain = gain
    }
  }

  /// The picture of a scene whose grey values `field` holds, `margin` pixels wider on every side;
  /// without noise where `random` is nil. Shifts below `margin` only.
  func picture(
    of field: Field, margin: Int, exposure: Exposure, random: inout SceneRandom, noisy: Bool
  ) -> Image<UInt8> {
    var image = Image<UInt8>(uninitializedWidth: width, height: height)
    let left = exposure.shiftX.rounded(.down), top = exposure.shiftY.rounded(.down)
    let fx = Float(exposure.shiftX - left), fy = Float(exposure.shiftY - top)
    let gain = Float(exposure.gain)
    let columns = margin - Int(left) - 1, rows = margin - Int(top) - 1
    // The part moves by the shift, so each pixel sees what lies that much up and left of it.
    let w11 = fx * fy, w10 = fx * (1 - fy), w01 = (1 - fx) * fy, w00 = (1 - fx) * (1 - fy)
    let silent = [Float](repeating: 0, count: noisy ? 0 : width)
    field.values.withUnsafeBufferPointer { values in
      vignette.withUnsafeBufferPointer { light in
        noise.withUnsafeBufferPointer { noise in
          silent.withUnsafeBufferPointer { silent in
            image.withMutableView { out in
              for y in 0..<height {
                let a = values.baseAddress! + (y + rows) * field.width + columns
                let b = a + field.width
                let shade = light.baseAddress! + y * width
                let start = noisy ? Int(random.next() % UInt64(noise.count - width)) : 0
                let grain = noisy ? noise.baseAddress! + start : silent.baseAddress!
                let row = out.row(y)
                for x in 0..<width {
                  let seen = w11 * a[x] + w01 * a[x + 1] + w10 * b[x] + w00 * b[x + 1]
                  let level = seen * shade[x] * gain + grain[x] + 0.5
                  row[x] = UInt8(truncatingIfNeeded: Int32(max(0, min(255, level))))
                }
              }
            }
          }
        }
      }
    }
    return image
  }
}

/// Grey values of a scene before a camera sees it.
struct Field: Sendable {
  var values: [Float]
  let width: Int
  let height: Int

  init(width: Int, height: Int, repeating value: Float) {
    self.width = width
    self.height = height
    values = [Float](repeating: value, count: width * height)
  }

  /// Mixes `target` in wherever a shape covers a pixel, by how much of it; distances are signed, in
  /// pixels, negative inside. `reach` limits the work to a box around the shape.
  mutating func paint(
    _ target: Float, in reach: PixelRect, distance: (_ x: Double, _ y: Double) -> Double
  ) {
    let box = reach.intersection(PixelRect(x: 0, y: 0, width: width, height: height))
    for y in box.y..<box.maxY {
      for x in box.x..<box.maxX {
        let cover = Float(max(0, min(1, 0.5 - distance(Double(x), Double(y)))))
        if cover > 0 {
          let i = y * width + x
          values[i] += (target - values[i]) * cover
        }
      }
    }
  }

  /// The box around every value that differs by more than `levels`, within `reach`.
  func changed(from other: Field, by levels: Float, in reach: PixelRect) -> PixelRect? {
    let box = reach.intersection(PixelRect(x: 0, y: 0, width: width, height: height))
    var left = Int.max, right = Int.min, top = Int.max, bottom = Int.min
    for y in box.y..<box.maxY {
      for x in box.x..<box.maxX
      where abs(values[y * width + x] - other.values[y * width + x]) > levels {
        left = min(left, x)
        right = max(right, x)
        top = min(top, y)
        bottom = max(bottom, y)
      }
    }
    guard left <= right else { return nil }
    return PixelRect(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
  }
}

/// Signed distances in pixels, negative inside.
enum Distance {
  static func circle(_ x: Double, _ y: Double, _ cx: Double, _ cy: Double, _ radius: Double) -> Double {
    let dx = x - cx, dy = y - cy
    return (dx * dx + dy * dy).squareRoot() - radius
  }

  /// A line from a to b with round ends.
  static func line(
    _ x: Double, _ y: Double, _ ax: Double, _ ay: Double, _ bx: Double, _ by: Double, _ radius: Double
  ) -> Double {
    let dx = bx - ax, dy = by - ay
    let length = dx * dx + dy * dy
    let t = length > 0 ? max(0, min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0
    return circle(x, y, ax + t * dx, ay + t * dy, radius)
  }

  static func box(
    _ x: Double, _ y: Double, _ cx: Double, _ cy: Double, _ halfWidth: Double, _ halfHeight: Double
  ) -> Double {
    let dx = abs(x - cx) - halfWidth, dy = abs(y - cy) - halfHeight
    let ox = max(0, dx), oy = max(0, dy)
    return (ox * ox + oy * oy).squareRoot() + min(0, max(dx, dy))
  }
}
