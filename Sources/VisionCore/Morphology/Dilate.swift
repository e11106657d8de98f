import Configuration
import VisionImage

/// The greatest pixel of a window: bright grows, dark shrinks. What lies outside the image does not
/// count.
public struct Dilate: Operator {
  public var element: StructuringElement
  public var iterations: Int

  public init(_ element: StructuringElement, iterations: Int = 1) {
    self.element = element
    self.iterations = iterations
  }

  public static let descriptor = Extreme.descriptor(
    name: "dilate", summary: "greatest pixel of a window: bright grows")

  public init(_ values: ParameterValues) {
    self.init(StructuringElement(values), iterations: values.whole("iterations"))
  }

  private var extreme: Extreme { Extreme(element: element, iterations: iterations, largest: true) }
  public var openCVParameters: [Double] { extreme.openCVParameters }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    extreme.reference(inputs, into: output)
  }
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    extreme.native(inputs, into: output, on: machine)
  }
}
