import VisionImage

/// A turn, a growth and a shift: image = centre + (a px + b py, -b px + a py), with p from the
/// template's centre, a = scale cos(angle) and b = scale sin(angle); the screen's y runs down, so
/// positive angles turn anticlockwise.
struct Similarity: Sendable, Equatable {
  var x: Double
  var y: Double
  var a: Double
  var b: Double

  init(x: Double, y: Double, a: Double, b: Double) {
    self.x = x
    self.y = y
    self.a = a
    self.b = b
  }

  init(x: Double, y: Double, degrees: Double, scale: Double) {
    let (sine, cosine) = Trigonometry.sineCosine(degrees: degrees)
    self.init(x: x, y: y, a: scale * cosine, b: scale * sine)
  }

  var scale: Double { (a * a + b * b).squareRoot() }
  var degrees: Double { Trigonometry.degrees(y: b, x: a) }

  func callAsFunction(_ px: Double, _ py: Double) -> (x: Double, y: Double) {
    (x + a * px + b * py, y - b * px + a * py)
  }

  /// Where points within such a distance of the template's centre lie, with the pixels that values
  /// between them are mixed from.
  func area(halfWidth: Double, halfHeight: Double) -> PixelRect {
    let across = abs(a) * halfWidth + abs(b) * halfHeight + 2
    let down = abs(b) * halfWidth + abs(a) * halfHeight + 2
    let left = Int((x - across).rounded(.down)), top = Int((y - down).rounded(.down))
    return PixelRect(
      x: left, y: top, width: Int((2 * across).rounded(.up)) + 1,
      height: Int((2 * down).rounded(.up)) + 1)
  }

  /// The same pose at a level whose pixels are `factor` times as fine.
  func scaled(by factor: Double) -> Similarity {
    Similarity(x: x * factor, y: y * factor, a: a, b: b)
  }

  /// This pose after the template was moved by the inverse of a small step (dx, dy, da, db).
  func undoing(_ dx: Double, _ dy: Double, _ da: Double, _ db: Double) -> Similarity {
    // The step maps p to (1 + da) p.x + db p.y + dx and so on; the pose is put after its inverse.
    let u = 1 + da, v = db, n = u * u + v * v
    let ia = u / n, ib = -v / n
    let sx = -(ia * dx + ib * dy), sy = -(-ib * dx + ia * dy)
    let moved = self(sx, sy)
    return Similarity(x: moved.x, y: moved.y, a: a * ia - b * ib, b: a * ib + b * ia)
  }
}

/// Sine, cosine and angle by the four operations alone: the same bits on every machine.
public enum Trigonometry {
  /// Of an angle in degrees.
  public static func sineCosine(degrees: Double) -> (sine: Double, cosine: Double) {
    let quarter = (degrees / 90).rounded()
    let x = (degrees - 90 * quarter) * (Double.pi / 180), z = x * x
    // Taylor's series within an eighth of a turn; the first term left out is below 1e-17.
    var sine = 1.0, cosine = 1.0
    var k = 18.0
    while k > 0 {
      cosine = 1 - z / (k * (k - 1)) * cosine
      sine = 1 - z / (k * (k + 1)) * sine
      k -= 2
    }
    sine *= x
    switch Int(quarter - 4 * (quarter / 4).rounded(.down)) {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  /// The angle of (x, y), -180 … 180.
  public static func degrees(y: Double, x: Double) -> Double {
    if x == 0 && y == 0 { return 0 }
    let steep = abs(y) > abs(x)
    let t = steep ? x / y : y / x
    // A first guess within 0.3 degrees, then two steps of Newton's method on sine and cosine.
    var degrees = t * (45 + 15.66 * (1 - abs(t)))
    let length = (1 + t * t).squareRoot()
    for _ in 0..<2 {
      let (sine, cosine) = sineCosine(degrees: degrees)
      let error = (t * cosine - sine) / length
      degrees += error * (180 / Double.pi) * (1 + error * error / 6)
    }
    if steep { degrees = (y > 0 ? 90 : -90) - degrees }
    else if x < 0 { degrees += y >= 0 ? 180 : -180 }
    return degrees
  }
}
