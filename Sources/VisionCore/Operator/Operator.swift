import Configuration
import VisionImage

/// An operation on images as a value: `Gaussian(size: 5, sigma: 1.1, border: .reflect101)`.
///
/// The type's descriptor and its three implementations are all there is to say about it. The command
/// line, recipes, the conformance suite, the benchmark and the tables of the guides follow from
/// these; nothing else lists operators but `OperatorRegistry`.
public protocol Operator: Sendable {
  static var descriptor: OperatorDescriptor { get }

  /// The operator that these settings ask for. The ranges of the single parameters are checked
  /// already; only what concerns several of them can be wrong here.
  init(_ values: ParameterValues) throws(ParameterError)

  /// What comes out for inputs of these layouts; nil where the answer is numbers only.
  func outputLayout(for inputs: [RasterLayout]) throws(OperatorError) -> RasterLayout?

  /// The definition: slow, obvious and never optimised.
  func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double]

  /// The fast one.
  func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double]

  /// The numbers that the OpenCV engine's function of the same name is called with.
  var openCVParameters: [Double] { get }

  /// The numbers that an implementation answers with, in words. All three give the same numbers in
  /// the same order; what this makes of them is the operator's result on the command line.
  func answer(_ numbers: [Double]) -> JSONObject

  /// What stands outside a region that the operator is limited to, where the result has other pixels
  /// than the picture.
  var outside: UInt16 { get }

  /// What becomes of the image at last, where its layout depends on what came out.
  func finished(_ image: Raster, _ numbers: [Double]) -> Raster
}

extension Operator {
  /// The usual case: an image of the first input's size and pixel.
  public func outputLayout(for inputs: [RasterLayout]) throws(OperatorError) -> RasterLayout? {
    RasterLayout(format: inputs[0].format, width: inputs[0].width, height: inputs[0].height)
  }

  /// The usual case: as it is.
  public func finished(_ image: Raster, _ numbers: [Double]) -> Raster { image }

  /// The usual case: black.
  public var outside: UInt16 { 0 }

  /// The usual case: nothing but the image.
  public func answer(_ numbers: [Double]) -> JSONObject { JSONObject() }

  /// Refuses what the operator cannot work on: a pixel it does not know, inputs that do not fit.
  public func check(_ inputs: [RasterLayout]) throws(OperatorError) {
    let descriptor = Self.descriptor
    guard inputs.count == descriptor.inputs else {
      throw .inputCount(name: descriptor.name, expected: descriptor.inputs, given: inputs.count)
    }
    for input in inputs where !descriptor.formats.contains(input.format) {
      throw .format(name: descriptor.name, given: input.format, known: descriptor.formats)
    }
    if descriptor.inputs == 2 && !inputs[0].sameShape(as: inputs[1]) {
      throw .unlikeInputs(name: descriptor.name, inputs[0], inputs[1])
    }
  }
}

/// What an operator works on: one image, or two, and a region that it is limited to.
public struct OperatorInputs: Sendable {
  public let first: RasterView
  public let second: RasterView?
  /// Pixels outside it stay as they are in the first image, and do not count. It lies in the image.
  public let region: Region?

  public init(_ first: RasterView, _ second: RasterView? = nil, within region: Region? = nil) {
    self.first = first
    self.second = second
    self.region = region?.clipped(to: first.layout.bounds)
  }

  /// With a region that is known to lie in the image.
  init(_ first: RasterView, _ second: RasterView?, clipped region: Region?) {
    self.first = first
    self.second = second
    self.region = region
  }

  public var layouts: [RasterLayout] {
    second.map { [first.layout, $0.layout] } ?? [first.layout]
  }
}

/// Why an operator did not run.
public enum OperatorError: Error, Sendable, Equatable, CustomStringConvertible {
  case inputCount(name: String, expected: Int, given: Int)
  case format(name: String, given: PixelFormat, known: [PixelFormat])
  case unlikeInputs(name: String, RasterLayout, RasterLayout)
  case sizeMismatch(name: String, why: String)
  /// The engine cannot do this operator, or is not there.
  case engineUnavailable(engine: Engine, name: String, why: String)
  /// The engine tried and failed.
  case engineFailed(engine: Engine, name: String, why: String)

  public var description: String {
    switch self {
    case .inputCount(let name, let expected, let given):
      "\(name) takes \(expected) image\(expected == 1 ? "" : "s"), not \(given)"
    case .format(let name, let given, let known):
      "\(name) does not work on \(given.rawValue) pixels, only on "
        + known.map(\.rawValue).joined(separator: ", ")
    case .unlikeInputs(let name, let a, let b):
      "\(name) needs two images of one size and depth, not \(a) and \(b)"
    case .sizeMismatch(let name, let why):
      "\(name): \(why)"
    case .engineUnavailable(let engine, let name, let why):
      "the \(engine.rawValue) engine cannot run \(name): \(why)"
    case .engineFailed(let engine, let name, let why):
      "the \(engine.rawValue) engine failed in \(name): \(why)"
    }
  }
}
