import VisionImage

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

  var bounds: PixelRect { PixelRect(x: 0, y: 0, width: width, height: height) }

  /// Mixes `target` in wherever a shape covers a pixel, by how much of it; distances are signed, in
  /// pixels, negative inside. `reach` limits the work to a box around the shape.
  mutating func paint(
    _ target: Float, in reach: PixelRect, distance: (_ x: Double, _ y: Double) -> Double
  ) {
    let box = reach.intersection(bounds)
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

  /// The lens: within `rect`, every value of `sharp` mixed with its neighbours by 1 2 1 along rows
  /// and columns. The outermost pixels of the field stay as they are.
  mutating func blur(_ sharp: Field, in rect: PixelRect) {
    let box = rect.intersection(bounds.grown(by: -1))
    sharp.values.withUnsafeBufferPointer { source in
      values.withUnsafeMutableBufferPointer { target in
        for y in box.y..<box.maxY {
          let above = source.baseAddress! + (y - 1) * width
          let here = above + width, below = here + width
          let out = target.baseAddress! + y * width
          for x in box.x..<box.maxX {
            let sides = above[x - 1] + above[x + 1] + below[x - 1] + below[x + 1]
            let cross = above[x] + below[x] + here[x - 1] + here[x + 1]
            out[x] = 0.0625 * sides + 0.125 * cross + 0.25 * here[x]
          }
        }
      }
    }
  }

  /// The whole field as the lens shows it.
  func blurred() -> Field {
    var field = self
    field.blur(self, in: bounds)
    return field
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
