/// A point of a template as a fit sees it.
struct AlignmentPoint: Sendable {
  /// From the template's centre, in pixels of the level.
  let x: Double
  let y: Double
  let value: Double
  /// How the value changes where the template is blurred a little more; 0 where that does not count.
  let blur: Double
  /// How it changes with a shift in x, in y, with growth, and with a turn.
  let gradient: SIMD4<Double>

  var steepness: Double { gradient.x * gradient.x + gradient.y * gradient.y }

  init(_ grey: GreyField, _ px: Int, _ py: Int, centre: (x: Double, y: Double), isFine: Bool) {
    x = Double(px) - centre.x
    y = Double(py) - centre.y
    value = grey[px, py]
    let gx = (grey[px + 1, py] - grey[px - 1, py]) / 2
    let gy = (grey[px, py + 1] - grey[px, py - 1]) / 2
    gradient = SIMD4(gx, gy, gx * x + gy * y, gx * y - gy * x)
    guard isFine else {
      blur = 0
      return
    }
    let sides = grey[px - 1, py] + grey[px + 1, py] + grey[px, py - 1] + grey[px, py + 1]
    let corners =
      grey[px - 1, py - 1] + grey[px + 1, py - 1] + grey[px - 1, py + 1] + grey[px + 1, py + 1]
    blur = (2 * sides + corners - 12 * value) / 16
  }
}

/// Sums over points of a template and what a picture shows there.
struct AlignmentSums {
  private(set) var count = 0.0
  private(set) var value = 0.0, blur = 0.0, gradient = SIMD4<Double>()
  private(set) var valueValue = 0.0, valueBlur = 0.0, blurBlur = 0.0
  private(set) var valueGradient = SIMD4<Double>(), blurGradient = SIMD4<Double>()
  private(set) var gradientX = SIMD4<Double>(), gradientY = SIMD4<Double>()
  private(set) var growth = SIMD4<Double>(), turn = SIMD4<Double>()
  private(set) var level = 0.0, levelLevel = 0.0, levelValue = 0.0, levelBlur = 0.0
  private(set) var levelGradient = SIMD4<Double>()

  /// `level` is the picture's grey value at the point.
  mutating func add(_ point: AlignmentPoint, _ level: Double) {
    let value = point.value, blur = point.blur, gradient = point.gradient
    count += 1
    self.value += value
    self.blur += blur
    self.gradient += gradient
    valueValue += value * value
    valueBlur += value * blur
    blurBlur += blur * blur
    valueGradient += value * gradient
    blurGradient += blur * gradient
    gradientX += gradient.x * gradient
    gradientY += gradient.y * gradient
    growth += gradient.z * gradient
    turn += gradient.w * gradient
    self.level += level
    levelLevel += level * level
    levelValue += level * value
    levelBlur += level * blur
    levelGradient += level * gradient
  }
}

/// The normal equations of a fit, gain, offset and sharpness taken out.
struct NormalEquations {
  let mean: Double
  /// Sum of squares of the template's values about their mean, and their products with the picture's.
  let power: Double
  let product: Double
  /// Sum of squares of the picture's values about their mean.
  let variance: Double
  let matrix: Matrix4
  let right: SIMD4<Double>
  private let blurMean: Double
  private let gradientMean: SIMD4<Double>
  /// How much of the values there is in the blur; of both, how much there is in the gradients.
  private let likeness: Double
  private let slope: SIMD4<Double>
  private let blurSlope: SIMD4<Double>

  init(_ sums: AlignmentSums) {
    let n = sums.count
    mean = sums.value / n
    blurMean = sums.blur / n
    gradientMean = sums.gradient / n
    power = sums.valueValue - sums.value * mean
    variance = sums.levelLevel - sums.level * sums.level / n
    product = sums.levelValue - sums.level * mean
    let valueGradient = sums.valueGradient - sums.value * gradientMean
    let levelGradient = sums.levelGradient - sums.level * gradientMean
    // What is left of the blur without the values.
    likeness = power > 0 ? (sums.valueBlur - sums.value * blurMean) / power : 0
    let blurPower = sums.blurBlur - sums.blur * blurMean - likeness * likeness * power
    let blurGradient = sums.blurGradient - sums.blur * gradientMean - likeness * valueGradient
    let blurProduct = sums.levelBlur - sums.level * blurMean - likeness * product
    slope = power > 0 ? valueGradient / power : SIMD4()
    blurSlope = blurPower > 1e-6 * power ? blurGradient / blurPower : SIMD4()
    right = levelGradient - product * slope - blurProduct * blurSlope
    let squares = [sums.gradientX, sums.gradientY, sums.growth, sums.turn]
    var matrix = Matrix4()
    for row in 0..<4 {
      matrix.rows[row] =
        squares[row] - sums.gradient[row] * gradientMean - valueGradient[row] * slope
        - blurGradient[row] * blurSlope
    }
    self.matrix = matrix
  }

  /// A point's gradient without what gain, offset and sharpness explain.
  func cleaned(_ point: AlignmentPoint) -> SIMD4<Double> {
    let value = point.value - mean
    return point.gradient - gradientMean - slope * value
      - blurSlope * (point.blur - blurMean - likeness * value)
  }
}
