import ImageFiles
import VisionCore
import VisionImage

/// Makes a recipe's model from folders of pictures.
public struct Training: Sendable {
  /// What training is to be told by.
  public struct Report: Sendable {
    public let tool: String
    public let goodScores: [Double]
    public let badScores: [Double]
    public let bytes: Int
    /// What was learned, as pictures for people.
    public let pictures: [(name: String, picture: Image<UInt8>)]

    /// The share of good pictures that the tool rejects, each held back while the others were learned.
    public var overkill: Double { Self.share(goodScores) { $0 >= 1 } }
    /// The share of bad pictures that it lets pass; nil without any.
    public var escape: Double? { badScores.isEmpty ? nil : Self.share(badScores) { $0 < 1 } }

    private static func share(_ scores: [Double], _ isWrong: (Double) -> Bool) -> Double {
      Double(scores.count(where: isWrong)) / Double(max(1, scores.count))
    }
  }

  private let inspector: Inspector

  /// The recipe as it is without a model.
  public init(_ inspector: Inspector) { self.inspector = inspector }

  public var hasWork: Bool { inspector.needsModel }

  /// `good` and `bad` are folders; `said` gets a line now and then.
  public func run(
    good: String, bad: String?, said: (String) -> Void
  ) throws -> (model: LearnedModel, reports: [Report]) {
    let pictures = try read(good, isGood: true) + (try bad.map { try read($0, isGood: false) } ?? [])
    said("\(pictures.count) pictures read")
    var parts: [LearnedModel.Part] = []
    var reports: [Report] = []
    for (index, step) in inspector.recipe.steps.enumerated() {
      guard let tool = inspector.tools[index] as? any LearningTool, tool.needsModel else { continue }
      let seen = try pictures.map {
        TrainingPicture(name: $0.source.name, image: try picture($0, asSeenBy: index))
      }
      let learned: Learned
      do {
        learned = try tool.learn(
          from: zip(pictures, seen).filter { $0.0.source.isGood }.map(\.1),
          bad: zip(pictures, seen).filter { !$0.0.source.isGood }.map(\.1))
      } catch let error as ToolError {
        throw ToolError("\(step.name): \(error.description)")
      }
      parts.append(LearnedModel.Part(tool: step.name, bytes: learned.bytes))
      reports.append(
        Report(
          tool: step.name, goodScores: learned.goodScores, badScores: learned.badScores,
          bytes: learned.bytes.count, pictures: learned.pictures))
      said("\(step.name) has learned")
    }
    let model = LearnedModel(
      recipe: inspector.recipe.name, recipeHash: inspector.recipeHash,
      sources: pictures.map(\.source), parts: parts)
    return (model, reports)
  }

  private struct SourcePicture {
    let source: LearnedModel.Source
    let picture: RasterView
  }

  private func read(_ folder: String, isGood: Bool) throws -> [SourcePicture] {
    let items = try PathList([folder]).items
    guard !items.isEmpty else { throw ToolError("no pictures in \(folder)") }
    return try items.map { item in
      let picture: Raster
      do throws(ImageFileError) {
        picture = try ImageFiles.read(item.path, colour: .grey)
      } catch {
        throw ToolError("\(item.path): \(error.reason)")
      }
      guard let grey = picture.view.eightBit() else {
        throw ToolError("\(item.path) has \(picture.format.rawValue) pixels")
      }
      return SourcePicture(
        source: LearnedModel.Source(name: item.relative, hash: picture.view.hash, isGood: isGood),
        picture: grey)
    }
  }

  /// What the tools before this one make of a picture, where the tool looks.
  private func picture(_ given: SourcePicture, asSeenBy index: Int) throws -> Image<UInt8> {
    do {
      let pixels = try sight(of: given, at: index)
      guard let view = ImageView<UInt8>(pixels) else { throw ToolError("not 8 bits") }
      return Image(copying: view)
    } catch let error as ToolError {
      throw ToolError("\(given.source.name): \(error.description)")
    }
  }

  /// Only tools that change the picture or find the part have a say in what those behind them see.
  private func sight(of given: SourcePicture, at index: Int) throws -> RasterView {
    var picture = given.picture
    var frames: [String: PartFrame] = [:]
    let runner = OperatorRunner(inspector.engine, machine: Machine(inspector.instructionSet))
    func sight(_ step: Recipe.Step) throws -> Sight {
      if let fixture = step.fixture, frames[fixture] == nil {
        throw ToolError("\(step.name): '\(fixture)' found no part")
      }
      return try Sight(step, step.fixture.flatMap { frames[$0] }, in: picture, runner)
    }
    for (step, tool) in zip(inspector.recipe.steps, inspector.tools).prefix(index)
    where step.kind.name == Preprocess.kind.name || step.kind.locates {
      let sight = try sight(step)
      let part = PartContext(
        image: given.source.name, region: step.region, fixture: sight.fixture)
      let worker = try tool.worker(runner)
      try worker.prepare(for: part)
      let result = try worker.inspect(sight.pixels, of: part)
      picture = worker.output() ?? picture
      frames[step.name] = result.frame.map { sight.place.containing($0) }
    }
    return try sight(inspector.recipe.steps[index]).pixels
  }
}
