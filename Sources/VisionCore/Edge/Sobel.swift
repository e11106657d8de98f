import Configuration
import VisionImage

/// A smoothed derivative: 16-bit out, 32768 where it is 0.
public struct Sobel: Operator {
  public let dx: Int
  public let dy: Int
  public let size: Int
  private let derivative: Derivative

  /// `dx` and `dy` say how often is derived along each axis, not both 0.
  public init(dx: Int, dy: Int, size: Int) {
    precondition(dx + dy > 0 && max(dx, dy) < max(size, 3), "Sobel \(dx), \(dy) of size \(size)")
    self.dx = dx
    self.dy = dy
    self.size = size
    // Of size 1 the derived axis has 3 taps, the other none.
    func window(_ order: Int) -> [Int] {
      size > 1 ? Derivative.difference(order, size)
        : order > 0 ? Derivative.difference(order, 3) : [0, 1, 0]
    }
    derivative = Derivative(terms: [Derivative.Term(column: window(dy), row: window(dx))])
  }

  public static let descriptor = OperatorDescriptor(
    name: "sobel", summary: "smoothed derivative; 16-bit, 32768 where it is 0",
    parameters: [
      Parameter("dx", .whole(0...2), default: 1, "order along x"),
      Parameter("dy", .whole(0...2), default: 0, "order along y"),
      Parameter("size", .odd(1...7), default: 3, "the window's size; 1 smooths not at all"),
    ],
    formats: [.u8], tolerance: .exact,
    conformanceCases: [
      "", "--dx 0 --dy 1", "--dx 1 --dy 1", "--dx 2 --dy 0", "--dx 0 --dy 2 --size 5",
      "--size 1", "--dx 0 --dy 1 --size 1", "--size 5", "--size 7", "--dx 2 --dy 2 --size 7",
      "--dx 0 --dy 1 --size 7", "--dx 2 --dy 0 --size 1",
    ],
    benchmarkCases: [
      BenchmarkCase("sobel", ""), BenchmarkCase("sobel-5", "--size 5"),
    ])

  public init(_ values: ParameterValues) throws(ParameterError) {
    let (dx, dy, size) = (values.whole("dx"), values.whole("dy"), values.whole("size"))
    guard dx + dy > 0 else { throw ParameterError("--dx and --dy are both 0: nothing to derive") }
    guard max(dx, dy) < max(size, 3) else {
      throw ParameterError("--size \(size) is too small for a derivative of order \(max(dx, dy))")
    }
    self.init(dx: dx, dy: dy, size: size)
  }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? { Derivative.layout(inputs) }
  public var outside: UInt16 { UInt16(Derivative.zero) }
  public var openCVParameters: [Double] { [Double(dx), Double(dy), Double(size)] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    derivative.reference(inputs, into: output)
  }
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] { derivative.native(inputs, into: output, on: machine) }
}

/// The first derivative with weights 3 10 3 across it: the same in all directions, nearly.
public struct Scharr: Operator {
  public let alongY: Bool
  private let derivative: Derivative

  public init(alongY: Bool) {
    self.alongY = alongY
    let smooth = [3, 10, 3], slope = [-1, 0, 1]
    derivative = Derivative(terms: [
      alongY ? Derivative.Term(column: slope, row: smooth) : Derivative.Term(column: smooth, row: slope)
    ])
  }

  public static let descriptor = OperatorDescriptor(
    name: "scharr", summary: "first derivative, nearly the same in all directions; 16-bit",
    parameters: [
      Parameter("dx", .whole(0...1), optional: true, "1: along x, the default"),
      Parameter("dy", .whole(0...1), optional: true, "1: along y"),
    ],
    formats: [.u8], tolerance: .exact, conformanceCases: ["--dx 1", "--dx 0 --dy 1"],
    benchmarkCases: [BenchmarkCase("scharr", "")])

  public init(_ values: ParameterValues) throws(ParameterError) {
    let dy = values.has("dy") ? values.whole("dy") : 0
    let dx = values.has("dx") ? values.whole("dx") : 1 - dy
    guard dx + dy == 1 else { throw ParameterError("one of --dx and --dy is 1, the other 0") }
    self.init(alongY: dy == 1)
  }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? { Derivative.layout(inputs) }
  public var outside: UInt16 { UInt16(Derivative.zero) }
  public var openCVParameters: [Double] { alongY ? [0, 1] : [1, 0] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    derivative.reference(inputs, into: output)
  }
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] { derivative.native(inputs, into: output, on: machine) }
}

/// The sum of the second derivatives along both axes: 16-bit out, 32768 where it is 0.
public struct Laplacian: Operator {
  public let size: Int
  private let derivative: Derivative

  public init(size: Int) {
    self.size = size
    derivative = Self.derivative(size)
  }

  public static let descriptor = OperatorDescriptor(
    name: "laplacian", summary: "sum of both second derivatives; 16-bit, 32768 where it is 0",
    parameters: [Parameter("size", .odd(1...7), default: 1, "the window's size")],
    formats: [.u8], tolerance: .exact,
    conformanceCases: ["", "--size 3", "--size 5", "--size 7"],
    benchmarkCases: [BenchmarkCase("laplacian", ""), BenchmarkCase("laplacian-5", "--size 5")])

  public init(_ values: ParameterValues) { self.init(size: values.whole("size")) }
  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? { Derivative.layout(inputs) }
  public var outside: UInt16 { UInt16(Derivative.zero) }
  public var openCVParameters: [Double] { [Double(size)] }

  private static func derivative(_ size: Int) -> Derivative {
    switch size {
    case 1:
      Derivative(terms: [
        Derivative.Term(column: [1, 0, 1], row: [0, 1, 0]),
        Derivative.Term(column: [0, 1, 0], row: [1, -4, 1]),
      ])
    case 3:
      Derivative(terms: [
        Derivative.Term(column: [2, 0, 2], row: [1, 0, 1]),
        Derivative.Term(column: [0, 1, 0], row: [0, -8, 0]),
      ])
    default:
      Derivative(terms: [
        Derivative.Term(
          column: Derivative.smoothing(size), row: Derivative.difference(2, size)),
        Derivative.Term(
          column: Derivative.difference(2, size), row: Derivative.smoothing(size)),
      ])
    }
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    derivative.reference(inputs, into: output)
  }
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] { derivative.native(inputs, into: output, on: machine) }
}
