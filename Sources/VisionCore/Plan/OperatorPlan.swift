import VisionImage

/// A chain of operators made ready: checked once, with every buffer kept, so that a line in steady
/// state allocates nothing. Natively, steps that make rows of the rows around them are fused: the
/// picture goes through them strip by strip, in the cache, and neighbouring operators on single pixels
/// become one table. The result has the same bits as the operators one by one.
///
/// One plan serves one thread. It is made for the layout of the pictures that it meets, anew where
/// that changes.
public final class OperatorPlan {
  /// An operator, and its second picture where it takes two.
  public struct Step: Sendable {
    public let op: any Operator
    public let second: RasterView?
    /// Nil: the whole picture.
    public let region: Region?

    public init(_ op: any Operator, with second: RasterView? = nil, within region: Region? = nil) {
      self.op = op
      self.second = second
      self.region = region
    }
  }

  private let steps: [Step]
  private let runner: OperatorRunner
  private let mayFuse: Bool
  private var layout: RasterLayout?
  private var parts: [Part] = []
  private var pictures: [Raster?] = []

  /// Bytes that a strip of all steps together may take.
  private let cache: Int

  /// Without `fusing` the steps go over the picture one by one. A strip is to stay within `cache`
  /// bytes; as it is, half of the second-level cache of a common processor.
  public init(
    _ steps: [Step], on runner: OperatorRunner, fusing: Bool = true, cache: Int = 512 << 10
  ) {
    precondition(!steps.isEmpty, "a plan without a step")
    self.steps = steps
    self.runner = runner
    self.cache = cache
    mayFuse = fusing
  }

  /// Which steps go over the picture together; each step counts, also those that became one table.
  public var fused: [Range<Int>] { parts.map(\.steps) }

  private struct Part {
    let steps: Range<Int>
    /// nil: one step, by itself.
    let rows: FusedRows?
    let output: RasterLayout
    /// What the one step is limited to, as far as it lies in the picture.
    let region: Region?
  }

  /// Runs the chain. `output` is made, or made anew, where it does not have the right shape yet.
  public func run(
    _ picture: RasterView, into output: inout Raster?
  ) throws(OperatorError) -> OperatorOutcome {
    if layout?.sameShape(as: picture.layout) != true { try prepare(picture.layout) }
    var failover: String?
    var engine = runner.choice.first
    for (i, part) in parts.enumerated() {
      let input = i == 0 ? picture : pictures[i - 1]!.view
      let outcome =
        i + 1 == parts.count
        ? try run(part, input, into: &output) : try run(part, input, into: &pictures[i])
      if let why = outcome.failover {
        failover = failover ?? why
        engine = outcome.engine
      }
    }
    return OperatorOutcome(numbers: [], engine: engine, failover: failover)
  }

  private func run(
    _ part: Part, _ input: RasterView, into output: inout Raster?
  ) throws(OperatorError) -> OperatorOutcome {
    if output?.layout.sameShape(as: part.output) != true { output = Raster(uninitialized: part.output) }
    if let rows = part.rows {
      output!.withMutableView { rows.run(input, into: $0, on: runner.machine) }
      return OperatorOutcome(numbers: [], engine: .native, failover: nil)
    }
    let step = steps[part.steps.lowerBound]
    return try runner.perform(step.op, on: OperatorInputs(input, step.second, clipped: part.region), into: &output)
  }

  // MARK: Made ready

  /// Checks every step for pictures of this layout and says which go together.
  private func prepare(_ layout: RasterLayout) throws(OperatorError) {
    self.layout = nil
    let input = RasterLayout(format: layout.format, width: layout.width, height: layout.height)
    var layouts = [input]
    for step in steps {
      let inputs = [layouts[layouts.count - 1]] + (step.second.map { [$0.layout] } ?? [])
      layouts.append(try Self.output(step.op, inputs, step.region))
    }
    var parts: [Part] = []
    var start = 0
    while start < steps.count {
      var end = start
      while end < steps.count, stage(end, layouts) != nil { end += 1 }
      let range = start..<max(end, start + 1)
      parts.append(
        Part(
          steps: range, rows: end > start ? fusedRows(range, layouts) : nil,
          output: layouts[range.upperBound],
          region: steps[start].region?.clipped(to: layouts[start].bounds)))
      start = range.upperBound
    }
    self.parts = parts
    pictures = [Raster?](repeating: nil, count: parts.count)
    self.layout = layout
  }

  /// A step as one that makes rows by itself; nil where it does not, or may not.
  private func stage(_ i: Int, _ layouts: [RasterLayout]) -> OperatorStage? {
    // Strips are for one thread, for kernels, and for rows that need no copy to roomier ones.
    guard mayFuse, steps[i].region == nil, runner.isNative, runner.machine.threads == 1, layouts[i].width >= 64,
      let op = steps[i].op as? any RowOperator, let reach = op.reach
    else { return nil }
    return OperatorStage(op: op, second: steps[i].second, reach: reach, output: layouts[i + 1])
  }

  /// Several steps that make rows, or one that profits from a table; nil where one does as well alone.
  private func fusedRows(_ range: Range<Int>, _ layouts: [RasterLayout]) -> FusedRows? {
    var stages: [any RowStage] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let maps = steps[start..<range.upperBound].prefix { $0.op is any PixelMap }
        .compactMap { $0.op as? any PixelMap }
      if LevelStage.pays(maps, layouts[start].format) {
        stages.append(LevelStage(maps, layouts[start], on: runner.machine))
        start += maps.count
      } else if let stage = stage(start, layouts) {
        stages.append(stage)
        start += 1
      }
    }
    if range.count == 1, stages[0] is OperatorStage { return nil }
    return FusedRows(stages, of: layouts[range.lowerBound], cache: cache)
  }

  private static func output(
    _ op: some Operator, _ inputs: [RasterLayout], _ region: Region?
  ) throws(OperatorError) -> RasterLayout {
    try op.check(inputs)
    guard let layout = try op.outputLayout(for: inputs) else {
      throw .sizeMismatch(
        name: type(of: op).descriptor.name, why: "it answers with numbers, so nothing can follow it")
    }
    try op.checkRegion(region?.clipped(to: inputs[0].bounds), inputs[0], layout)
    return layout
  }
}
