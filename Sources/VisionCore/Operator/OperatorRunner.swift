import Configuration
import VisionImage

/// What an operator answered, and who answered.
public struct OperatorOutcome: Sendable {
  public let numbers: [Double]
  public let engine: Engine
  /// Why the first engine did not answer, where the second one did.
  public let failover: String?
}

/// Runs operators on an engine of choice, into buffers of the caller. One runner serves one thread.
public final class OperatorRunner {
  public let choice: EngineChoice
  public let machine: Machine
  private let mayUseOpenCV: Bool
  /// Why native kernels are not to be trusted here, told by the self-test; nil where they are.
  public let nativeFault: String?

  /// OpenCV is opened when it is first needed, and never where it may not be used. With `auto`, a
  /// fault of the native kernels (a failed self-test) sends every call to OpenCV.
  public init(
    _ choice: EngineChoice = .auto, machine: Machine = Machine(),
    mayUseOpenCV: Bool = true, nativeFault: String? = nil
  ) {
    self.choice = choice
    self.machine = machine
    self.mayUseOpenCV = mayUseOpenCV
    self.nativeFault = nativeFault
  }

  /// Whether the native engine answers first, and may.
  public var isNative: Bool { choice.first == .native && nativeFault == nil }

  /// Runs the operator. `output` is made, or made anew, where it does not have the right shape yet.
  @discardableResult
  public func run(
    _ op: some Operator, on inputs: OperatorInputs, into output: inout Raster?
  ) throws(OperatorError) -> OperatorOutcome {
    try op.check(inputs.layouts)
    let layout = try op.outputLayout(for: inputs.layouts)
    try op.checkRegion(inputs.region, inputs.first.layout, layout)
    if let layout {
      if output?.layout.sameShape(as: layout) != true { output = Raster(uninitialized: layout) }
    } else {
      output = nil
    }
    return try perform(op, on: inputs, into: &output)
  }

  /// The same for inputs that were checked and an output that has the right shape.
  func perform(
    _ op: some Operator, on inputs: OperatorInputs, into output: inout Raster?
  ) throws(OperatorError) -> OperatorOutcome {
    let outcome = try onEngine(type(of: op).descriptor.name) { (engine) throws(OperatorError) in
      try run(op, engine, inputs, &output)
    }
    if let region = inputs.region {
      output?.withMutableView { region.restoreOutside(of: $0, from: inputs.first, or: op.outside) }
    }
    return OperatorOutcome(
      numbers: outcome.answer, engine: outcome.engine, failover: outcome.failover)
  }

  /// What the engine of choice answers, or where it fails for a reason that can be named, the second.
  func onEngine<Answer>(
    _ name: String, _ body: (Engine) throws(OperatorError) -> Answer
  ) throws(OperatorError) -> (answer: Answer, engine: Engine, failover: String?) {
    do throws(OperatorError) {
      if choice.first == .native, let nativeFault {
        throw .engineUnavailable(engine: .native, name: name, why: nativeFault)
      }
      return (try body(choice.first), choice.first, nil)
    } catch {
      guard let second = choice.second else { throw error }
      return (try body(second), second, error.description)
    }
  }

  /// The second source, where it is there and may be used.
  func openCV(for name: String) throws(OperatorError) -> OpenCVLibrary {
    guard mayUseOpenCV, let library = OpenCVLibrary.shared else {
      throw .engineUnavailable(
        engine: .opencv, name: name, why: OpenCVLibrary.loadError ?? "it was not asked for")
    }
    return library
  }

  /// The operator's image and answer in one, for callers that keep no buffers.
  public func apply(
    _ op: some Operator, to first: RasterView, _ second: RasterView? = nil,
    within region: Region? = nil
  ) throws(OperatorError) -> (image: Raster?, answer: JSONObject, outcome: OperatorOutcome) {
    var output: Raster?
    let outcome = try run(op, on: OperatorInputs(first, second, within: region), into: &output)
    let image = output.map { op.finished($0, outcome.numbers) }
    return (image, op.answer(outcome.numbers), outcome)
  }

  private func run(
    _ op: some Operator, _ engine: Engine, _ inputs: OperatorInputs, _ output: inout Raster?
  ) throws(OperatorError) -> [Double] {
    switch engine {
    case .reference:
      return Self.withOutput(&output) { op.reference(inputs, into: $0) }
    case .native:
      return native(op, inputs, &output)
    case .opencv:
      let openCV = try openCV(for: type(of: op).descriptor.name)
      return try Self.withOutput(&output) { view throws(OperatorError) in
        try openCV.run(op, inputs, into: view)
      }
    }
  }

  /// Kernels move whole registers, and may at the end of a row only where it is long enough for
  /// the last register to overlap the one before, or is followed by slack, as rows of images of
  /// our own are. Narrow cut-outs and camera buffers are copied to such rows.
  private func native(
    _ op: some Operator, _ inputs: OperatorInputs, _ output: inout Raster?
  ) -> [Double] {
    func withRoomy<R>(_ view: RasterView, _ body: (RasterView) -> R) -> R {
      guard view.width < 64 else { return body(view) }
      return machine.withTemporary(view.layout) { copy in
        copy.withMutableView { $0.copyPixels(from: view) }
        return body(copy.view)
      }
    }
    func native(_ first: RasterView, _ second: RasterView?) -> [Double] {
      let inputs = OperatorInputs(first, second, clipped: inputs.region)
      return Self.withOutput(&output) { view in
        guard let rows = inputs.region?.rowRange, (op as? any RowOperator)?.reach != nil
        else { return op.native(inputs, into: view, on: machine) }
        // The other rows are given back what they were.
        return machine.limited(to: rows) { op.native(inputs, into: view, on: machine) }
      }
    }
    return withRoomy(inputs.first) { first in
      guard let second = inputs.second else { return native(first, nil) }
      return withRoomy(second) { native(first, $0) }
    }
  }

  private static func withOutput<R, E: Error>(
    _ output: inout Raster?, _ body: (MutableRasterView?) throws(E) -> R
  ) throws(E) -> R {
    guard output != nil else { return try body(nil) }
    return try output!.withMutableView { (view: MutableRasterView) throws(E) in try body(view) }
  }
}
