import Configuration
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A ring rolled out to a rectangle: columns are angles, rows radii.
///
/// out(x, y) lies at the angle 360 x / width degrees, anticlockwise from the right, and at the
/// radius r0 + (r1 - r0) y / (height - 1) around the centre. What lies outside the image is black.
public struct Polar: PlaceMap {
  public let centre: (x: Double, y: Double)
  public let radii: (Double, Double)
  public let size: (width: Int, height: Int)
  let method = Interpolation.linear
  let border = Border.constant(0)
  /// Cosine and sine of every column.
  private let directions: [(Double, Double)]

  public init(
    centre: (x: Double, y: Double), radii: (Double, Double), size: (width: Int, height: Int)
  ) {
    self.centre = centre
    self.radii = radii
    self.size = size
    directions = (0..<size.width).map {
      let angle = 2 * Double.pi * Double($0) / Double(size.width)
      return (cos(angle), sin(angle))
    }
  }

  public static let descriptor = OperatorDescriptor(
    name: "polar", summary: "a ring rolled out to a rectangle",
    parameters: [
      Parameter("center", .numbers(2...2), placeholder: "X,Y", "the ring's centre in pixels"),
      Parameter("radius", .numbers(2...2), placeholder: "R0,R1", "radii of the first and last row"),
      Parameter("size", .size(1...65535), "columns (angles) and rows (radii)"),
    ],
    formats: [.u8, .u16], tolerance: .share(0.999, levels: 2),
    openCVTolerance: WarpAffine.openCVTolerance,
    conformanceCases: [
      "--center 30,20.5 --radius 3,25 --size 100x20", "--center 5,5 --radius 30,0 --size 33x7",
    ],
    benchmarkCases: [
      BenchmarkCase("polar") { width, height in
        let radius = Double(min(width, height)) * 0.49, rows = max(1, Int(radius * 0.7))
        return "--center \(Double(width - 1) / 2),\(Double(height - 1) / 2) "
          + "--radius \(radius * 0.3),\(radius) --size \(max(1, min(width, height) * 2))x\(rows)"
      }
    ])

  public init(_ values: ParameterValues) throws(ParameterError) {
    let centre = values.numbers("center"), radius = values.numbers("radius")
    guard radius.allSatisfy({ $0 >= 0 }) else { throw ParameterError("--radius: none is below 0") }
    self.init(
      centre: (centre[0], centre[1]), radii: (radius[0], radius[1]), size: values.size("size"))
  }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(format: inputs[0].format, width: size.width, height: size.height)
  }
  public var openCVParameters: [Double] {
    [centre.x, centre.y, radii.0, radii.1]
  }

  private func radius(_ y: Int) -> Double {
    radii.0 + (radii.1 - radii.0) * Double(y) / Double(max(size.height - 1, 1))
  }

  func source(_ x: Int, _ y: Int) -> (x: Double, y: Double) {
    let radius = radius(y), direction = directions[x]
    return (centre.x + radius * direction.0, centre.y - radius * direction.1)
  }
}
