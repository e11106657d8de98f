import Configuration
import VisionImage

/// What both warps are told.
enum WarpParameters {
  static func all(numbers: Int) -> [Parameter] {
    [
      Parameter(
        "matrix", .numbers(numbers...numbers), "row by row; maps the input's places to the output's"),
      Parameter(
        "size", .size(1...65535), optional: true, "of the result; as the input where left out"),
      Parameter(
        "method", .choice(Interpolation.allCases.map(\.rawValue)), default: "linear", "how"),
      Parameter("border", .choice(["constant", "replicate"]), default: "constant", "what lies outside"),
      Parameter("value", .real(0...65535), default: 0, "the constant outside"),
    ]
  }

  static func border(_ values: ParameterValues) -> Border {
    values.text("border") == "replicate" ? .replicate : .constant(values.real("value"))
  }

  static func layout(_ size: (width: Int, height: Int)?, _ inputs: [RasterLayout]) -> RasterLayout {
    RasterLayout(
      format: inputs[0].format, width: size?.width ?? inputs[0].width,
      height: size?.height ?? inputs[0].height)
  }

  static func openCV(_ matrix: [Double], _ method: Interpolation, _ border: Border) -> [Double] {
    let value: Double = if case .constant(let value) = border { value } else { 0 }
    return matrix + [method.openCVCode, border.openCVCode, value]
  }

  static let tolerance = Tolerance.share(0.999, levels: 2)
}

/// Turned, shifted, stretched, sheared: straight lines stay straight and parallel ones parallel.
public struct WarpAffine: PlaceMap {
  /// Six numbers, row by row, from places of the input to places of the output.
  public let matrix: [Double]
  public let size: (width: Int, height: Int)?
  public let method: Interpolation
  public let border: Border
  private let inverse: [Double]

  /// Nil where the matrix cannot be inverted.
  public init?(
    _ matrix: [Double], size: (width: Int, height: Int)?, method: Interpolation, border: Border
  ) {
    precondition(matrix.count == 6, "\(matrix.count) numbers")
    let determinant = matrix[0] * matrix[4] - matrix[1] * matrix[3]
    guard determinant != 0, determinant.isFinite else { return nil }
    let a = matrix[4] / determinant, b = -matrix[1] / determinant
    let d = -matrix[3] / determinant, e = matrix[0] / determinant
    inverse = [
      a, b, -a * matrix[2] - b * matrix[5], d, e, -d * matrix[2] - e * matrix[5],
    ]
    self.matrix = matrix
    self.size = size
    self.method = method
    self.border = border
  }

  public static let descriptor = OperatorDescriptor(
    name: "warp-affine", summary: "turn, shift, stretch, shear by a 2 x 3 matrix",
    parameters: WarpParameters.all(numbers: 6), formats: [.u8, .u16, .f32],
    tolerance: WarpParameters.tolerance, openCVTolerance: Self.openCVTolerance,
    conformanceCases: Interpolation.allCases.flatMap { method in
      [
        "--matrix 0.9962,0.0872,-3.7,-0.0872,0.9962,4.2 --method \(method.rawValue)",
        "--matrix 1,0,0,0,1,0 --method \(method.rawValue)",
        "--matrix 1.7,0.2,-5,0.1,0.63,3 --size 50x41 --border replicate --method \(method.rawValue)",
      ]
    } + ["--matrix 0.5,0,30,0,0.5,2 --value 77"],
    benchmarkCases: [
      BenchmarkCase("warp-5deg", turnByFiveDegrees),
      BenchmarkCase("warp-5deg-cubic") { turnByFiveDegrees($0, $1) + " --method cubic" },
    ])

  /// About the middle of the picture.
  @Sendable private static func turnByFiveDegrees(_ width: Int, _ height: Int) -> String {
    let cosine = 0.99619470, sine = 0.08715574
    let x = Double(width - 1) / 2, y = Double(height - 1) / 2
    let numbers = [
      cosine, sine, x - cosine * x - sine * y, -sine, cosine, y + sine * x - cosine * y,
    ]
    return "--matrix " + numbers.map { "\($0)" }.joined(separator: ",")
  }

  /// OpenCV 4 rounds places to 1/32 of a pixel.
  static let openCVTolerance: @Sendable (String, PixelFormat) -> Tolerance = { settings, format in
    let unit = format == .u16 ? 257 : 1
    return settings.contains("nearest")
      ? .share(0.99, levels: 0) : .share(0.999, levels: unit * (settings.contains("cubic") ? 12 : 8))
  }

  public init(_ values: ParameterValues) throws(ParameterError) {
    guard
      let warp = WarpAffine(
        values.numbers("matrix"), size: values.has("size") ? values.size("size") : nil,
        method: Interpolation(rawValue: values.text("method"))!,
        border: WarpParameters.border(values))
    else { throw ParameterError("--matrix cannot be inverted: it maps a plane to a line") }
    self = warp
  }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    WarpParameters.layout(size, inputs)
  }
  public var openCVParameters: [Double] { WarpParameters.openCV(matrix, method, border) }

  func source(_ x: Int, _ y: Int) -> (x: Double, y: Double) {
    let u = Double(x), v = Double(y)
    return (
      inverse[0] * u + (inverse[1] * v + inverse[2]), inverse[3] * u + (inverse[4] * v + inverse[5])
    )
  }

  func sources(ofRow y: Int, into places: PlaceRow) {
    let v = Double(y)
    places.ramp(places.xs, start: inverse[1] * v + inverse[2], step: inverse[0])
    places.ramp(places.ys, start: inverse[4] * v + inverse[5], step: inverse[3])
  }
}

/// Seen from elsewhere: straight lines stay straight.
public struct WarpPerspective: PlaceMap {
  /// Nine numbers, row by row, from places of the input to places of the output.
  public let matrix: [Double]
  public let size: (width: Int, height: Int)?
  public let method: Interpolation
  public let border: Border
  private let inverse: [Double]

  /// Nil where the matrix cannot be inverted.
  public init?(
    _ matrix: [Double], size: (width: Int, height: Int)?, method: Interpolation, border: Border
  ) {
    precondition(matrix.count == 9, "\(matrix.count) numbers")
    let m = matrix
    func minor(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Double { m[a] * m[d] - m[b] * m[c] }
    let determinant = m[0] * minor(4, 5, 7, 8) - m[1] * minor(3, 5, 6, 8) + m[2] * minor(3, 4, 6, 7)
    guard determinant != 0, determinant.isFinite else { return nil }
    inverse = [
      minor(4, 5, 7, 8), -minor(1, 2, 7, 8), minor(1, 2, 4, 5),
      -minor(3, 5, 6, 8), minor(0, 2, 6, 8), -minor(0, 2, 3, 5),
      minor(3, 4, 6, 7), -minor(0, 1, 6, 7), minor(0, 1, 3, 4),
    ].map { $0 / determinant }
    self.matrix = matrix
    self.size = size
    self.method = method
    self.border = border
  }

  public static let descriptor = OperatorDescriptor(
    name: "warp-perspective", summary: "seen from elsewhere, by a 3 x 3 matrix",
    parameters: WarpParameters.all(numbers: 9), formats: [.u8, .u16, .f32],
    tolerance: WarpParameters.tolerance, openCVTolerance: WarpAffine.openCVTolerance,
    conformanceCases: Interpolation.allCases.flatMap { method in
      [
        "--matrix 0.98,0.1,-2,-0.07,1.02,3,0.0004,-0.0003,1 --method \(method.rawValue)",
        "--matrix 1.2,0.2,-5,0.1,0.8,3,0.001,0.002,1 --size 45x38 --border replicate --method \(method.rawValue)",
      ]
    },
    benchmarkCases: [
      BenchmarkCase("warp-perspective") { width, height in
        let a = 2448 / Double(width), b = 2048 / Double(height)
        return "--matrix 0.98,0.08,\(-40 / a),-0.05,1.01,\(60 / b),\(a * 1e-5),\(b * -2e-5),1"
      }
    ])

  public init(_ values: ParameterValues) throws(ParameterError) {
    guard
      let warp = WarpPerspective(
        values.numbers("matrix"), size: values.has("size") ? values.size("size") : nil,
        method: Interpolation(rawValue: values.text("method"))!,
        border: WarpParameters.border(values))
    else { throw ParameterError("--matrix cannot be inverted") }
    self = warp
  }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    WarpParameters.layout(size, inputs)
  }
  public var openCVParameters: [Double] { WarpParameters.openCV(matrix, method, border) }

  func source(_ x: Int, _ y: Int) -> (x: Double, y: Double) {
    let u = Double(x), v = Double(y), m = inverse
    let depth = m[6] * u + (m[7] * v + m[8])
    let scale = depth != 0 ? 1 / depth : 0
    return ((m[0] * u + (m[1] * v + m[2])) * scale, (m[3] * u + (m[4] * v + m[5])) * scale)
  }

  func sources(ofRow y: Int, into places: PlaceRow) {
    let v = Double(y)
    places.ramp(places.xs, start: inverse[1] * v + inverse[2], step: inverse[0])
    places.ramp(places.ys, start: inverse[4] * v + inverse[5], step: inverse[3])
    places.ramp(places.scratch, start: inverse[7] * v + inverse[8], step: inverse[6])
    places.kernels.divide(places.xs, places.scratch, places.count)
    places.kernels.divide(places.ys, places.scratch, places.count)
  }
}
