import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Two blurred edges that cross: grey = middle + contrast · erf(a) · erf(b), a and b being the
/// distances from the edges over the blur. The edges may bend, as a lens bends them; middle and
/// contrast change linearly with the place, or light that falls off to one side would draw the corner
/// there. Fitted to the pixels themselves this is the estimate of the least variance, and unbiased by
/// blur; its window grows with the squares.
enum CornerModel {
  /// Of the shorter side of a square: more would see more of the edges, but also more of what bends them.
  private static let reach = 0.25
  private static let smallest = 4.0
  private static let largest = 16.0
  private static let unknowns = 13

  static func fit(
    near start: PixelPoint, right: (x: Double, y: Double), down: (x: Double, y: Double),
    in picture: GreyPlane
  ) -> PixelPoint? {
    let side = min(hypot(right.x, right.y), hypot(down.x, down.y))
    let radius = min(max(reach * side, smallest), largest)
    guard picture.contains(start, margin: 1) else { return nil }
    let left = max(0, Int((start.x - radius).rounded(.up)))
    let top = max(0, Int((start.y - radius).rounded(.up)))
    let maxX = min(picture.width - 1, Int(start.x + radius))
    let maxY = min(picture.height - 1, Int(start.y + radius))
    guard maxX - left >= 3, maxY - top >= 3 else { return nil }
    var low = Float.infinity, high = -Float.infinity
    var pixels: [(x: Double, y: Double, level: Double)] = []
    for y in top...maxY {
      for x in left...maxX {
        let dx = Double(x) - start.x, dy = Double(y) - start.y
        guard dx * dx + dy * dy <= radius * radius else { continue }
        pixels.append((dx, dy, Double(picture[x, y])))
        low = min(low, picture[x, y])
        high = max(high, picture[x, y])
      }
    }
    guard pixels.count > 2 * unknowns, high > low else { return nil }
    let between = picture.sample(
      start.x + 0.25 * (right.x + down.x), start.y + 0.25 * (right.y + down.y))
    let contrast = Double(high - low) / 2, middle = Double(high + low) / 2
    // Position, directions of the two edges, blur; middle and contrast with their slopes;
    // bends of the edges, in pixels at the window's rim.
    let parameters = [
      0, 0, atan2(right.y, right.x), atan2(down.y, down.x), 1.0, middle, 0, 0,
      between > middle ? contrast : -contrast, 0, 0, 0, 0,
    ]
    guard let found = minimise(parameters, pixels, radius: radius), hypot(found[0], found[1]) < 0.5 * radius else {
      return nil
    }
    return PixelPoint(x: start.x + found[0], y: start.y + found[1])
  }

  private static func minimise(
    _ start: [Double], _ pixels: [(x: Double, y: Double, level: Double)], radius: Double
  ) -> [Double]? {
    var x = start, damping = 1e-3
    var (cost, normal, gradient) = equations(x, pixels, radius)
    for _ in 0..<30 {
      var damped = normal
      for i in 0..<unknowns { damped[i, i] += damping * normal[i, i] + 1e-12 }
      guard let step = Cholesky(damped)?.solve(gradient) else { return nil }
      var next = zip(x, step).map { $0 - $1 }
      next[4] = min(max(next[4], 0.2), 20)
      let (nextCost, nextNormal, nextGradient) = equations(next, pixels, radius)
      if nextCost <= cost {
        let isDone = abs(step[0]) < 1e-5 && abs(step[1]) < 1e-5
        (x, cost, normal, gradient) = (next, nextCost, nextNormal, nextGradient)
        damping = max(damping * 0.2, 1e-9)
        if isDone { return x }
      } else {
        damping *= 8
        if damping > 1e8 { return x }
      }
    }
    return x
  }

  private static func equations(
    _ p: [Double], _ pixels: [(x: Double, y: Double, level: Double)], _ radius: Double
  ) -> (Double, Matrix, [Double]) {
    let (c1, s1, c2, s2) = (cos(p[2]), sin(p[2]), cos(p[3]), sin(p[3]))
    let scale = 1 / (p[4] * 2.0.squareRoot()), peak = 2 / Double.pi.squareRoot()
    var cost = 0.0
    var normal = Matrix(rows: unknowns, columns: unknowns)
    var gradient = [Double](repeating: 0, count: unknowns)
    var slope = [Double](repeating: 0, count: unknowns)
    for pixel in pixels {
      let dx = pixel.x - p[0], dy = pixel.y - p[1]
      // Beyond the first edge lies "down", beyond the second "right".
      let along1 = (c1 * dx + s1 * dy) / radius, along2 = (c2 * dx + s2 * dy) / radius
      let a = (c1 * dy - s1 * dx + p[11] * along1 * along1) * scale
      let b = (s2 * dx - c2 * dy + p[12] * along2 * along2) * scale
      let ea = erf(a), eb = erf(b)
      let height = p[8] + p[9] * pixel.x + p[10] * pixel.y
      let da = height * peak * exp(-a * a) * eb * scale
      let db = height * peak * exp(-b * b) * ea * scale
      slope[0] = da * s1 - db * s2
      slope[1] = -da * c1 + db * c2
      slope[2] = da * (-s1 * dy - c1 * dx)
      slope[3] = db * (c2 * dx + s2 * dy)
      slope[4] = -(da * a + db * b) / (scale * p[4])
      slope[5] = 1
      slope[6] = pixel.x
      slope[7] = pixel.y
      slope[8] = ea * eb
      slope[9] = ea * eb * pixel.x
      slope[10] = ea * eb * pixel.y
      slope[11] = da * along1 * along1
      slope[12] = db * along2 * along2
      let residual = p[5] + p[6] * pixel.x + p[7] * pixel.y + height * ea * eb - pixel.level
      cost += residual * residual
      for i in 0..<unknowns {
        gradient[i] += slope[i] * residual
        for j in 0...i { normal[i, j] += slope[i] * slope[j] }
      }
    }
    for i in 0..<unknowns { for j in 0..<i { normal[j, i] = normal[i, j] } }
    return (cost, normal, gradient)
  }
}
