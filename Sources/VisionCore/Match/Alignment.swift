import VisionImage
import VisionKernelsABI

/// A fit of a template's grey values to a picture: the turn, growth and shift, and a gain and an
/// offset of the light, that leave the least squares. Gauss-Newton steps with the template's own
/// gradients (the inverse compositional form): the matrix of the normal equations never changes.
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
  /// what a gain or an offset explains: five rows.
  private let basis: [Float]
  /// The same before that, for points that are seen in part.
  private let gradients: [SIMD4<Double>]
  private let values: [Double]
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
    var values: [Double] = [], gradients: [SIMD4<Double>] = []
    var reach = 0.0
    for (i, point) in points.enumerated() {
      let px = Double(point.x) - template.centre.x, py = Double(point.y) - template.centre.y
      xs[i] = Float(px)
      ys[i] = Float(py)
      values.append(point.value)
      gradients.append(
        SIMD4(
          point.gx, point.gy, point.gx * px + point.gy * py, point.gx * py - point.gy * px))
      reach = max(reach, (px * px + py * py).squareRoot())
    }
    self.xs = xs
    self.ys = ys
    self.reach = reach
    self.values = values
    self.gradients = gradients
    let normal = Normal(values, gradients, turns: turns, grows: grows)
    guard normal.power > 0, let inverse = normal.matrix.inverse(turns: turns, grows: grows) else {
      return nil
    }
    power = normal.power
    self.inverse = inverse
    var basis = [Float](repeating: 0, count: 5 * stride)
    for i in 0..<count {
      let t = values[i] - normal.mean
      let g = normal.cleaned(gradients[i], t)
      basis[i] = Float(t)
      for k in 0..<4 { basis[(k + 1) * stride + i] = Float(g[k]) }
    }
    self.basis = basis
  }

  private struct Point {
    let x: Int, y: Int
    let value: Double, gx: Double, gy: Double
    var steepness: Double { gx * gx + gy * gy }
  }

  private static func points(_ template: TemplateLevel, limit: Int) -> [Point] {
    // Half sizes know nothing of what lies outside the template: their outermost pixels are wrong.
    let roomy = min(template.width, template.height) >= 14
    let inset = template.level > 0 && roomy ? 2 : 1
    var cells = [[Point]](repeating: [], count: 64)
    let pixels = template.pixels.view
    for y in inset..<max(inset, template.height - inset) {
      for x in inset..<max(inset, template.width - inset)
      where template.counts(x, y, inset: inset) {
        cells[y * 8 / template.height * 8 + x * 8 / template.width].append(
          Point(
            x: x, y: y, value: Double(pixels[x, y]),
            gx: (Double(pixels[x + 1, y]) - Double(pixels[x - 1, y])) / 2,
            gy: (Double(pixels[x, y + 1]) - Double(pixels[x, y - 1])) / 2))
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
    var quality = Quality(correlation: 0, visible: 0)
    for step in 0...steps {
      let found = sample(pose, picture, samples, kernels)
      quality = found.quality
      // The last round only tells what the pose is worth.
      guard step < steps, quality.visible >= 0.5, let move = found.move else { break }
      let gradient = SIMD4(move.x, move.y, move.z, move.w)
      let limit = max(abs(gradient.x), abs(gradient.y), reach * max(abs(gradient.z), abs(gradient.w)))
      // Nothing farther than two pixels can be known from gradients.
      let share = limit > 2 ? 2 / limit : 1
      pose = pose.undoing(
        gradient.x * share, gradient.y * share, gradient.z * share, gradient.w * share)
      if !grows {
        let correction = scale / pose.scale
        pose.a *= correction
        pose.b *= correction
      }
      if limit < settled { break }
    }
    return quality
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
      indices.map { values[$0] }, indices.map { gradients[$0] }, turns: turns, grows: grows)
    guard normal.power > 0, let inverse = normal.matrix.inverse(turns: turns, grows: grows) else {
      return (none, nil)
    }
    var sum = 0.0, squares = 0.0, product = 0.0, right = SIMD4<Double>()
    for i in indices {
      let value = Double(samples[i]), t = values[i] - normal.mean
      sum += value
      squares += value * value
      product += value * t
      right += value * normal.cleaned(gradients[i], t)
    }
    let variance = squares - sum * sum / Double(seen)
    guard variance > Self.leastVariance * Double(seen), product != 0 else { return (none, nil) }
    let quality = Quality(
      correlation: product / (normal.power * variance).squareRoot(), visible: visible)
    return (quality, inverse * (right / (product / normal.power)))
  }
}

/// Sums over the points of a template.
private struct Normal {
  let mean: Double
  let power: Double
  private let gradientMean: SIMD4<Double>
  private let slope: SIMD4<Double>
  let matrix: Matrix4

  init(_ values: [Double], _ gradients: [SIMD4<Double>], turns: Bool, grows: Bool) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let gradientMean = gradients.reduce(SIMD4<Double>(), +) / n
    var power = 0.0, product = SIMD4<Double>()
    for (value, gradient) in zip(values, gradients) {
      let t = value - mean
      power += t * t
      product += t * gradient
    }
    let slope = power > 0 ? product / power : SIMD4()
    var matrix = Matrix4()
    for (value, gradient) in zip(values, gradients) {
      let g = gradient - gradientMean - slope * (value - mean)
      for row in 0..<4 { matrix.rows[row] += g[row] * g }
    }
    self.mean = mean
    self.power = power
    self.gradientMean = gradientMean
    self.slope = slope
    self.matrix = matrix
  }

  /// A gradient without what a gain or an offset explains; `t` is the value without the mean.
  func cleaned(_ gradient: SIMD4<Double>, _ t: Double) -> SIMD4<Double> {
    gradient - gradientMean - slope * t
  }
}
