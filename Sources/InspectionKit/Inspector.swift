import Configuration
import Hashing
import Threading
import VisionCore
import VisionImage

/// A recipe made ready: its files read, its tools set up. Shared by all threads, each of which takes
/// a worker of its own.
public final class Inspector: Sendable {
  public let recipe: Recipe
  /// Of the recipe's canonical text and every picture that it names.
  public let recipeHash: String
  /// The files that the recipe names, and a hash of what each holds.
  public let files: [(name: String, hash: String)]
  /// Of what the tools learned; nil where nothing was.
  public let modelHash: String?
  public let engine: EngineChoice
  /// The share of pictures that a second engine looks at, too; nil: none.
  public let crossCheck: CrossCheck?
  /// Whether `engine` was asked for: then it is that of every tool.
  private let isEngineForced: Bool
  let instructionSet: InstructionSet
  let tools: [any Tool]

  /// `engine` and `instructionSet` are what the command line or the environment ask for; nil: what
  /// the recipe says.
  public init(
    _ recipe: Recipe, model: LearnedModel? = nil, engine: EngineChoice? = nil,
    instructionSet: InstructionSet = .best, crossCheck: CrossCheck? = nil
  ) throws {
    self.recipe = recipe
    self.crossCheck = crossCheck
    modelHash = model?.hash
    self.engine = engine ?? recipe.engine
    isEngineForced = engine != nil
    self.instructionSet = instructionSet
    let pictures = Guarded(RecipePictures(recipe))
    func tool(_ i: Int, _ model: LearnedModel?) throws -> any Tool {
      let step = recipe.steps[i]
      let settings = ToolSettings(
        name: step.name, values: step.values, region: step.region,
        surroundings: recipe.surroundings(of: i),
        picture: { name in try pictures.withLock { try $0.open(name, at: step.place(of: name)) } },
        file: { name in try pictures.withLock { try $0.read(name, at: step.place(of: name)) } },
        model: model?.part(of: step.name))
      do {
        return try step.kind.make(settings)
      } catch let error as ToolError {
        throw RecipeError(recipe.path, step.location, error.description)
      }
    }
    var tools = try recipe.steps.indices.map { try tool($0, nil) }
    files = pictures.withLock { $0.files }
    let pieces = files.map { $0.name + "=" + $0.hash }
    recipeHash = Digest.hex(([recipe.canonicalText] + pieces).joined(separator: "\n"))
    if let model {
      // Another recipe's numbers would be read as what they are not.
      guard model.recipeHash == recipeHash else { throw ModelError.otherRecipe }
      for i in tools.indices where tools[i] is any LearningTool { tools[i] = try tool(i, model) }
    }
    self.tools = tools
  }

  /// Whether a tool has yet to learn.
  public var needsModel: Bool {
    tools.contains { ($0 as? any LearningTool)?.needsModel == true }
  }

  /// A worker with buffers of its own, for one thread. `nativeFault` tells why native kernels are
  /// not to be trusted on this machine.
  public func worker(nativeFault: String? = nil) throws -> InspectionWorker {
    let second = try crossCheck.map { check in
      try worker(check.engine, ofEveryTool: true, nativeFault: nil, second: nil)
    }
    return try worker(
      engine, ofEveryTool: isEngineForced, nativeFault: nativeFault, second: second)
  }

  private func worker(
    _ engine: EngineChoice, ofEveryTool: Bool, nativeFault: String?, second: InspectionWorker?
  ) throws -> InspectionWorker {
    let machine = Machine(instructionSet)
    func runner(_ engine: EngineChoice) -> OperatorRunner {
      OperatorRunner(engine, machine: machine, nativeFault: nativeFault)
    }
    let common = runner(engine)
    func engineOf(_ i: Int) -> EngineChoice? { ofEveryTool ? nil : recipe.steps[i].engine }
    var workers: [any ToolWorker] = []
    while workers.count < tools.count {
      let i = workers.count
      let runner = engineOf(i).map(runner) ?? common
      let chain = operators(from: i) { engineOf($0) == engineOf(i) }
      workers +=
        chain.count > 1 ? Preprocess.workers(chain, runner) : [try tools[i].worker(runner)]
    }
    return InspectionWorker(self, Array(zip(recipe.steps, workers)), common, second: second)
  }

  /// The operators on the whole picture that follow each other from a step on.
  private func operators(from start: Int, while fits: (Int) -> Bool) -> [Preprocess] {
    var chain: [Preprocess] = []
    for i in start..<tools.count {
      guard let tool = tools[i] as? Preprocess, fits(i) else { break }
      chain.append(tool)
      guard tool.keepsShape else { break }
    }
    return chain
  }
}

/// Inspects one picture after the other on one thread.
public final class InspectionWorker {
  private let inspector: Inspector
  private let steps: [(step: Recipe.Step, worker: any ToolWorker)]

  private let runner: OperatorRunner
  /// Looks at some of the pictures, too, on another engine.
  private let second: InspectionWorker?

  init(
    _ inspector: Inspector, _ steps: [(Recipe.Step, any ToolWorker)], _ runner: OperatorRunner,
    second: InspectionWorker?
  ) {
    self.second = second
    self.inspector = inspector
    self.runner = runner
    self.steps = steps.map { (step: $0.0, worker: $0.1) }
  }

  /// The record of a picture; never fails: what cannot be decided is FAULT, with the reason.
  public func inspect(
    _ picture: RasterView, image: String, time: String, wantsMap: Bool = false
  ) -> InspectionRecord {
    var record = judge(picture, image: image, time: time, wantsMap: wantsMap)
    if let second, inspector.crossCheck?.isDue(image) == true {
      let other = second.judge(picture, image: image, time: time, wantsMap: wantsMap)
      if let why = CrossCheck.disagreement(record, other) {
        // Where one engine stands behind the other it is believed; how long it took does not count.
        if inspector.engine.second != nil, other.error == nil {
          let elapsed = record.elapsedMilliseconds
          record = other
          record.elapsedMilliseconds = elapsed
          record.engine = second.runner.choice.first.rawValue
        }
        record.failover = "cross-check: \(why)"
      }
    }
    if let deadline = inspector.recipe.deadlineMilliseconds,
      record.elapsedMilliseconds > Double(deadline)
    {
      record.verdict = .fault
      record.error = record.error ?? "late: \(Int(record.elapsedMilliseconds)) ms, allowed are \(deadline)"
    }
    return record
  }

  private func judge(
    _ picture: RasterView, image: String, time: String, wantsMap: Bool
  ) -> InspectionRecord {
    var record = inspector.emptyRecord(image: image, time: time)
    record.imageHash = picture.hash
    var start = MonotonicTime.now
    var score = 0.0
    do {
      for (step, worker) in steps {
        try worker.prepare(for: PartContext(image: image, region: step.region))
      }
      // References by rule are decoded there.
      record.decodeMilliseconds = (MonotonicTime.now - start) * 1000
      start = MonotonicTime.now
      guard var picture = picture.eightBit() else {
        record.hasPicture = false
        throw ToolError("pictures of \(picture.format.rawValue) pixels cannot be inspected")
      }
      var features: [String: MeasuredFeature] = [:]
      var frames: [String: PartFrame] = [:]
      var earlier = EarlierResults()
      for (step, worker) in steps {
        let begin = MonotonicTime.now
        let frame = step.fixture.flatMap { frames[$0] }
        if let fixture = step.fixture, frame == nil {
          // Without a part nothing can be said; nothing need be where the part is NG already.
          guard score >= 1 else { throw ToolError("\(step.name): '\(fixture)' found no part") }
          continue
        }
        let sight = try Sight(step, frame, in: picture, runner)
        let part = PartContext(
          image: image, region: step.region, fixture: sight.fixture, features: features,
          earlier: earlier, wantsMap: wantsMap)
        var result = try worker.inspect(sight.pixels, of: part)
        if let next = worker.output() { picture = next }
        for i in result.defects.indices {
          result.defects[i].box = sight.place(result.defects[i].box)
        }
        features[step.name] = result.feature
        frames[step.name] = result.frame.map { sight.place.containing($0) }
        earlier.add(result, of: step.name)
        record.measurements += result.measurements
        if let judgement = result.judgement {
          score = judgement.score
          record.defects = judgement.defects
          record.partClass = judgement.partClass
          record.code = judgement.code
        } else {
          score = max(score, result.score)
          record.defects += result.defects
        }
        record.matches += result.matches.map { sight.place($0) }
        if let failover = result.failover {
          record.failover = record.failover ?? failover
          record.engine = Engine.opencv.rawValue
        }
        record.toolMilliseconds.append((step.name, (MonotonicTime.now - begin) * 1000))
        if wantsMap, let map = worker.map() {
          if frame == nil {
            Self.join(map, at: step.region, in: picture, into: &record.map)
          } else if let whole = try sight.wholeMap(
            map, width: picture.width, height: picture.height, runner)
          {
            Self.join(whole, at: nil, in: picture, into: &record.map)
          }
        }
      }
      record.score = score
      record.verdict = score >= 1 ? .ng : .ok
    } catch {
      record.verdict = .fault
      record.error = "\(error)"
    }
    record.elapsedMilliseconds = (MonotonicTime.now - start) * 1000
    return record
  }

  /// Where several tools have a map, the larger value stands.
  private static func join(
    _ map: Image<UInt16>, at region: PixelRect?, in picture: RasterView,
    into joined: inout Image<UInt16>?
  ) {
    if joined == nil && region == nil {
      joined = map
      return
    }
    var whole = joined ?? Image(width: picture.width, height: picture.height, repeating: 0)
    let left = region?.x ?? 0, top = region?.y ?? 0
    map.view.withRows { rows in
      whole.withMutableView { out in
        for y in 0..<map.height {
          let source = rows[y], row = out.row(top + y) + left
          for x in 0..<map.width { row[x] = max(row[x], source[x]) }
        }
      }
    }
    joined = whole
  }
}

extension Inspector {
  /// A record to be filled; as it stands it says FAULT.
  public func emptyRecord(image: String, time: String) -> InspectionRecord {
    InspectionRecord(
      image: image, time: time, verdict: .fault, score: 0, engine: engine.first.rawValue,
      recipe: recipe.name, recipeHash: recipeHash, modelHash: modelHash)
  }

  /// The record of a part that there is no picture of.
  public func fault(image: String, time: String, why: String) -> InspectionRecord {
    var record = emptyRecord(image: image, time: time)
    record.error = why
    record.hasPicture = false
    return record
  }
}
