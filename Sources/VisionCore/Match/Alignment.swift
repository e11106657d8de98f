import VisionImage
import VisionKernelsABI

/// A fit of a template's grey values to a picture: the turn, growth and shift that leave the least
/// squares, together with a gain and an offset of the light and a difference in sharpness. Gauss-Newton
/// steps with the template's own gradients (the inverse compositional form): the matrix of the normal
/// equations never changes. Sharpness matters: without it a small spot seen blurred looks larger.
struct Alignment: Sendable {
  /// What may move besides the place.
  let turns: Bool
  let grows: Bool
  let count: Int
  /// Rows of `stride` numbers, padded with points that lie outside every picture.
  private let stride: Int
  private let xs: [Float]
  private let ys: [Float]
  /// The template without its mean, then the four gradients (shift x, shift y, growth, turn) without
  /// what gain, offset and sharpness explain: five rows.
  private let basis: [Float]
  /// The same before that, for points that are seen in part.
  private let gradients: [SIMD4<Double>]
  private let sharpGradients: [SIMD4<Double>]
  private let values: [SIMD2<Double>]
  private let power: Double
  private let inverse: Matrix4
  /// Distance of the farthest point from the centre, in pixels of the level.
  let reach: Double

  /// `limit` points at most, the steepest of every cell of a grid of 8 x 8.
  init?(_ template: TemplateLevel, limit: Int, turns: Bool, grows: Bool) {
    let points = Self.points(template, limit: limit)
    guard points.count >= 24 else { return nil }
    self.turns = turns
    self.grows = grows
    count = points.count
    stride = (count + 15) / 16 * 16 + 48
    var xs = [Float](repeating: 1e9, count: stride), ys = xs
    var values: [SIMD2<Double>] = [], gradients: [SIMD4<Double>] = [], sharp: [SIMD4<Double>] = []
    var reach = 0.0
    for (i, point) in points.enumerated() {
      let px = Double(point.x) - template.centre.x, py = Double(point.y) - template.centre.y
      xs[i] = Float(px)
      ys[i] = Float(py)
      values.append(SIMD2(point.value, point.blurred))
      func moves(_ g: (x: Double, y: Double)) -> SIMD4<Double> {
        SIMD4(g.x, g.y, g.x * px + g.y * py, g.x * py - g.y * px)
      }
      gradients.append(moves(point.smooth))
      sharp.append(moves(point.sharp))
      reach = max(reach, (px * px + py * py).squareRoot())
    }
    self.xs = xs
    self.ys = ys
    self.reach = reach
    self.values = values
    self.gradients = gradients
    sharpGradients = sharp
    let normal = Normal(values, gradients, sharp)
    guard normal.power > 0, let inverse = normal.inverse(turns: turns, grows: grows) else {
      return nil
    }
    power = normal.power
    self.inverse = inverse
    var basis = [Float](repeating: 0, count: 5 * stride)
    for i in 0..<count {
      let g = normal.cleaned(gradients[i], values[i])
      basis[i] = Float(values[i].x - normal.mean)
      for k in 0..<4 { basis[(k + 1) * stride + i] = Float(g[k]) }
    }
    self.basis = basis
  }

  private struct Point {
    let x: Int, y: Int
    let value: Double, blurred: Double
    /// Gradients of the smoothed and of the picture itself.
    let smooth: (x: Double, y: Double), sharp: (x: Double, y: Double)
    var steepness: Double { smooth.x * smooth.x + smooth.y * smooth.y }
  }

  private static func points(_ template: TemplateLevel, limit: Int) -> [Point] {
    // Half sizes know nothing of what lies outside the template: their outermost pixels are wrong.
    let roomy = min(template.width, template.height) >= 14
    let inset = roomy ? 2 : 1
    var cells = [[Point]](repeating: [], count: 64)
    let pixels = template.pixels.view
    // Gradients of a picture smoothed a little: between a sharp and a blurred view of the part.
    let plain = Smoothed(pixels, weights: [1])
    let smooth = Smoothed(pixels, weights: [1, 2, 1])
    let blurred = Smoothed(pixels, weights: [1, 4, 6, 4, 1])
    for y in inset..<max(inset, template.height - inset) {
      for x in inset..<max(inset, template.width - inset)
      where template.counts(x, y, inset: inset) {
        cells[y * 8 / template.height * 8 + x * 8 / template.width].append(
          Point(
            x: x, y: y, value: Double(pixels[x, y]), blurred: blurred[x, y],
            smooth: smooth.gradient(x, y), sharp: plain.gradient(x, y)))
      }
    }
    let total = cells.reduce(0) { $0 + $1.count }
    guard total > limit else { return cells.flatMap { $0 } }
    return cells.flatMap { cell in
      let share = cell.count * limit / total
      // Equally steep ones in the order of the picture.
      return cell.enumerated().sorted {
        ($1.element.steepness, $0.offset) < ($0.element.steepness, $1.offset)
      }.prefix(share).map(\.element)
    }
  }

  /// What a pose is worth: the correlation over the points that are seen, and their share.
  struct Quality {
    var correlation: Double
    var visible: Double
  }

  /// Room for the samples of one picture.
  final class Samples {
    var values: [Float] = []
  }

  /// Moves `pose` until it moves by less than `settled` pixels, or `steps` times.
  func fit(
    _ pose: inout Similarity, to picture: ImageView<UInt8>, steps: Int, settled: Double,
    _ samples: Samples, _ kernels: correlate_kernels
  ) -> Quality {
    if samples.values.count < stride {
      samples.values = [Float](repeating: 0, count: stride)
    }
    let scale = pose.scale
    var best = (pose: pose, quality: Quality(correlation: 0, visible: 0))
    var move = SIMD4<Double>()
    for step in 0...steps {
      let found = sample(pose, picture, samples, kernels)
      if step == 0 || abs(found.quality.correlation) >= abs(best.quality.correlation) - 1e-5 {
        best = (pose, found.quality)
        guard let wanted = found.move, found.quality.visible >= 0.5 else { break }
        move = wanted
      } else {
        // Too far: half the way from where it was better.
        move *= 0.5
      }
      // The last round only tells what the pose is worth.
      guard step < steps else { break }
      let size = max(abs(move.x), abs(move.y), reach * max(abs(move.z), abs(move.w)))
      if size < settled { break }
      // Nothing farther than two pixels can be known from gradients.
      if size > 2 { move *= 2 / size }
      pose = best.pose.undoing(move.x, move.y, move.z, move.w)
      if !grows {
        let correction = scale / pose.scale
        pose.a *= correction
        pose.b *= correction
      }
    }
    pose = best.pose
    return best.quality
  }

  private func sample(
    _ pose: Similarity, _ picture: ImageView<UInt8>, _ samples: Samples,
    _ kernels: correlate_kernels
  ) -> (quality: Quality, move: SIMD4<Double>?) {
    let padded = (count + 15) / 16 * 16
    return samples.values.withUnsafeMutableBufferPointer { out in
      let out = out.baseAddress!
      return withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { numbers in
        let numbers = numbers.baseAddress!
        numbers[0] = Float(pose.x)
        numbers[1] = Float(pose.y)
        numbers[2] = Float(pose.a)
        numbers[3] = Float(pose.b)
        picture.withRows { rows in
          _ = kernels.sample8(
            rows[0], rows.rowBytes, picture.width, picture.height, xs, ys, numbers, out, padded)
        }
        var seen = 0
        for i in 0..<count where out[i] >= 0 { seen += 1 }
        guard seen == count else { return partial(out, seen) }
        for i in count..<padded { out[i] = 0 }
        kernels.moments(out, basis, stride, numbers, padded)
        let n = Double(count), sum = Double(numbers[0])
        let variance = Double(numbers[1]) - sum * sum / n
        guard variance > Self.leastVariance * n else {
          return (Quality(correlation: 0, visible: 1), nil)
        }
        let product = Double(numbers[2])
        let quality = Quality(
          correlation: product / (power * variance).squareRoot(), visible: 1)
        let gain = product / power
        guard gain != 0 else { return (quality, nil) }
        let right = SIMD4(
          Double(numbers[3]), Double(numbers[4]), Double(numbers[5]), Double(numbers[6]))
        return (quality, inverse * (right / gain))
      }
    }
  }

  /// Below this a picture has no contrast to speak of.
  static let leastVariance = 1.0

  /// The same where some of the points lie outside the picture.
  private func partial(
    _ samples: UnsafeMutablePointer<Float>, _ seen: Int
  ) -> (quality: Quality, move: SIMD4<Double>?) {
    let visible = Double(seen) / Double(count)
    let none = Quality(correlation: 0, visible: visible)
    guard visible >= 0.5 else { return (none, nil) }
    let indices = (0..<count).filter { samples[$0] >= 0 }
    let normal = Normal(
      indices.map { values[$0] }, indices.map { gradients[$0] },
      indices.map { sharpGradients[$0] })
    guard normal.power > 0, let inverse = normal.inverse(turns: turns, grows: grows) else {
      return (none, nil)
    }
    var sum = 0.0, squares = 0.0, product = 0.0, right = SIMD4<Double>()
    for i in indices {
      let value = Double(samples[i])
      sum += value
      squares += value * value
      product += value * (values[i].x - normal.mean)
      right += value * normal.cleaned(gradients[i], values[i])
    }
    let variance = squares - sum * sum / Double(seen)
    guard variance > Self.leastVariance * Double(seen), product != 0 else { return (none, nil) }
    let quality = Quality(
      correlation: product / (normal.power * variance).squareRoot(), visible: visible)
    return (quality, inverse * (right / (product / normal.power)))
  }
}

/// Sums over the points of a template; of each its value and its blurred value.
private struct Normal {
  let mean: Double
  let power: Double
  private let blurredMean: Double
  /// How much of the values there is in the blurred ones; the rest is what sharpness changes.
  private let likeness: Double
  private let gradientMean: SIMD4<Double>
  /// How much of the values, and of the rest, there is in the gradients.
  private let slope: SIMD4<Double>
  private let restSlope: SIMD4<Double>
  /// How the products with the smoothed gradients change where the picture, as sharp as the template,
  /// moves; and the same for a picture as smooth as they are, which is always positive.
  private var matrix = Matrix4()
  private var smoothMatrix = Matrix4()

  init(_ values: [SIMD2<Double>], _ gradients: [SIMD4<Double>], _ sharp: [SIMD4<Double>]) {
    let n = Double(values.count)
    let means = values.reduce(SIMD2(), +) / n
    let gradientMean = gradients.reduce(SIMD4(), +) / n
    var power = 0.0, shared = 0.0, product = SIMD4<Double>()
    for (value, gradient) in zip(values, gradients) {
      let v = value - means
      power += v.x * v.x
      shared += v.x * v.y
      product += v.x * gradient
    }
    let likeness = power > 0 ? shared / power : 0
    var restPower = 0.0, restProduct = SIMD4<Double>()
    for (value, gradient) in zip(values, gradients) {
      let v = value - means, rest = v.y - likeness * v.x
      restPower += rest * rest
      restProduct += rest * gradient
    }
    mean = means.x
    blurredMean = means.y
    self.power = power
    self.likeness = likeness
    self.gradientMean = gradientMean
    slope = power > 0 ? product / power : SIMD4()
    restSlope = restPower > 1e-6 * power ? restProduct / restPower : SIMD4()
    for i in values.indices {
      let g = cleaned(gradients[i], values[i])
      for row in 0..<4 {
        matrix.rows[row] += g[row] * sharp[i]
        smoothMatrix.rows[row] += g[row] * g
      }
    }
  }

  func inverse(turns: Bool, grows: Bool) -> Matrix4? {
    matrix.inverse(turns: turns, grows: grows)
      ?? smoothMatrix.inverse(turns: turns, grows: grows)
  }

  /// A gradient without what gain, offset and sharpness explain.
  func cleaned(_ gradient: SIMD4<Double>, _ value: SIMD2<Double>) -> SIMD4<Double> {
    let t = value.x - mean
    let rest = value.y - blurredMean - likeness * t
    return gradient - gradientMean - slope * t - restSlope * rest
  }
}

/// A picture under a small window of weights, its edge pixels going on outside.
private struct Smoothed {
  private let values: [Double]
  private let width: Int

  init(_ picture: ImageView<UInt8>, weights: [Double]) {
    let width = picture.width, height = picture.height, half = weights.count / 2
    let total = weights.reduce(0, +)
    var rows = [Double](repeating: 0, count: width * height), both = rows
    for y in 0..<height {
      for x in 0..<width {
        for (i, weight) in weights.enumerated() {
          let from = max(0, min(width - 1, x + i - half))
          rows[y * width + x] += weight * Double(picture[from, y]) / total
        }
      }
    }
    for y in 0..<height {
      for (i, weight) in weights.enumerated() {
        let from = max(0, min(height - 1, y + i - half)) * width
        for x in 0..<width { both[y * width + x] += weight * rows[from + x] / total }
      }
    }
    values = both
    self.width = width
  }

  subscript(x: Int, y: Int) -> Double { values[y * width + x] }

  func gradient(_ x: Int, _ y: Int) -> (x: Double, y: Double) {
    ((self[x + 1, y] - self[x - 1, y]) / 2, (self[x, y + 1] - self[x, y - 1]) / 2)
  }
}
