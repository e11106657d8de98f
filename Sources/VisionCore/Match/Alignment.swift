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
  private let points: [AlignmentPoint]
  private let power: Double
  private let inverse: Matrix4
  /// Distance of the farthest point from the centre, in pixels of the level; and along the sides.
  let reach: Double
  private let halfWidth: Double
  private let halfHeight: Double

  /// `limit` points at most, the steepest of every cell of a grid of 8 x 8.
  init?(_ template: TemplateLevel, limit: Int, turns: Bool, grows: Bool) {
    let chosen = Self.points(template, template.fitted(), limit: limit)
    guard chosen.count >= 24 else { return nil }
    self.turns = turns
    self.grows = grows
    count = chosen.count
    stride = (count + 15) / 16 * 16 + 48
    var xs = [Float](repeating: 1e9, count: stride), ys = xs
    var reach = 0.0
    for (i, point) in chosen.enumerated() {
      xs[i] = Float(point.x)
      ys[i] = Float(point.y)
      reach = max(reach, (point.x * point.x + point.y * point.y).squareRoot())
    }
    self.xs = xs
    self.ys = ys
    self.reach = reach
    halfWidth = chosen.reduce(0) { max($0, abs($1.x)) }
    halfHeight = chosen.reduce(0) { max($0, abs($1.y)) }
    points = chosen
    var sums = AlignmentSums()
    for point in chosen { sums.add(point, 0) }
    let normal = NormalEquations(sums)
    guard normal.power > 0, let inverse = normal.matrix.inverse(turns: turns, grows: grows) else {
      return nil
    }
    power = normal.power
    self.inverse = inverse
    var basis = [Float](repeating: 0, count: 5 * stride)
    for (i, point) in chosen.enumerated() {
      basis[i] = Float(point.value - normal.mean)
      let cleaned = normal.cleaned(point)
      for k in 0..<4 { basis[(k + 1) * stride + i] = Float(cleaned[k]) }
    }
    self.basis = basis
  }

  /// What noise of a deviation of one grey value does to a fit at best, on the template's own contrast:
  /// deviations of the place, in pixels on either axis, and of the turn, in degrees.
  var uncertainty: (pixels: Double, degrees: Double) {
    let place = (inverse.rows[0][0] + inverse.rows[1][1]) / 2
    return (place.squareRoot(), inverse.rows[3][3].squareRoot() * 180 / .pi)
  }

  private static func points(
    _ template: TemplateLevel, _ grey: GreyField, limit: Int
  ) -> [AlignmentPoint] {
    let inset = template.inset
    var cells = [[AlignmentPoint]](repeating: [], count: 64)
    for y in inset..<max(inset, template.height - inset) {
      for x in inset..<max(inset, template.width - inset)
      where template.counts(x, y, inset: inset) {
        cells[y * 8 / template.height * 8 + x * 8 / template.width].append(
          AlignmentPoint(grey, x, y, centre: template.centre, isFine: template.level == 0))
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

  /// In pixels of the template: nothing farther can be known from gradients, and a fit that goes
  /// farther altogether has lost the part.
  private static let longestStep = 2.0, leash = 8.0

  /// Moves `pose` until it moves by less than `settled` pixels, or `steps` times. `part` gives the
  /// pixels of a rectangle.
  func fit(
    _ pose: inout Similarity, steps: Int, settled: Double, _ samples: Samples,
    _ kernels: correlate_kernels, to part: (PixelRect) -> PicturePart
  ) -> Quality {
    if samples.values.count < stride {
      samples.values = [Float](repeating: 0, count: stride)
    }
    let scale = pose.scale
    var quality = Quality(correlation: 0, visible: 0), travelled = 0.0
    for step in 0...steps {
      let area = pose.area(halfWidth: halfWidth, halfHeight: halfHeight)
      let found = sample(pose, part(area), samples, kernels)
      quality = found.quality
      // The last round only tells what the pose is worth.
      guard step < steps, quality.visible >= 0.5, let move = found.move else { break }
      let size = max(abs(move.x), abs(move.y), reach * max(abs(move.z), abs(move.w)))
      let share = size > Self.longestStep ? Self.longestStep / size : 1
      travelled += size * share
      guard travelled <= Self.leash else { return Quality(correlation: 0, visible: 0) }
      pose = pose.undoing(move.x * share, move.y * share, move.z * share, move.w * share)
      if !grows {
        let correction = scale / pose.scale
        pose.a *= correction
        pose.b *= correction
      }
      if size < settled { break }
    }
    return quality
  }

  private func sample(
    _ pose: Similarity, _ part: PicturePart, _ samples: Samples, _ kernels: correlate_kernels
  ) -> (quality: Quality, move: SIMD4<Double>?) {
    let padded = (count + 15) / 16 * 16
    return samples.values.withUnsafeMutableBufferPointer { out in
      let out = out.baseAddress!
      return withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { numbers in
        let numbers = numbers.baseAddress!
        // Points of the padding are never seen.
        let seen = part.sample(pose, xs, ys, into: out, padded, kernels)
        guard seen == count else { return partial(out, seen) }
        for i in count..<padded { out[i] = 0 }
        kernels.moments(out, basis, stride, numbers, padded)
        let n = Double(count), sum = Double(numbers[0])
        let variance = Double(numbers[1]) - sum * sum / n
        let right = SIMD4(
          Double(numbers[3]), Double(numbers[4]), Double(numbers[5]), Double(numbers[6]))
        return rated(
          product: Double(numbers[2]), power: power, variance: variance, right: right,
          inverse: inverse, seen: count)
      }
    }
  }

  /// Below this a picture has no contrast to speak of.
  static let leastVariance = 1.0

  private func rated(
    product: Double, power: Double, variance: Double, right: SIMD4<Double>, inverse: Matrix4,
    seen: Int
  ) -> (quality: Quality, move: SIMD4<Double>?) {
    let visible = Double(seen) / Double(count)
    guard variance > Self.leastVariance * Double(seen), product != 0 else {
      return (Quality(correlation: 0, visible: visible), nil)
    }
    let correlation = product / (power * variance).squareRoot()
    return (
      Quality(correlation: correlation, visible: visible), inverse * (right / (product / power))
    )
  }

  /// The same where some of the points lie outside the picture.
  private func partial(
    _ samples: UnsafeMutablePointer<Float>, _ seen: Int
  ) -> (quality: Quality, move: SIMD4<Double>?) {
    let none = Quality(correlation: 0, visible: Double(seen) / Double(count))
    guard none.visible >= 0.5 else { return (none, nil) }
    var sums = AlignmentSums()
    for i in 0..<count where samples[i] >= 0 { sums.add(points[i], Double(samples[i])) }
    let normal = NormalEquations(sums)
    guard normal.power > 0, let inverse = normal.matrix.inverse(turns: turns, grows: grows) else {
      return (none, nil)
    }
    return rated(
      product: normal.product, power: normal.power, variance: normal.variance,
      right: normal.right, inverse: inverse, seen: seen)
  }
}
