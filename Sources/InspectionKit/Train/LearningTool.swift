import VisionImage

/// A tool that learns from pictures before it can judge.
protocol LearningTool: Tool {
  /// Whether it cannot judge yet.
  var needsModel: Bool { get }
  /// What it makes of pictures of good parts, and of bad ones where there are any.
  func learn(from good: [TrainingPicture], bad: [TrainingPicture]) throws -> Learned
}

/// What a tool learned, and how it then judges pictures that it did not learn from.
struct Learned: Sendable {
  /// For the model's file.
  let bytes: [UInt8]
  /// Scores of the good pictures, each held back while the others were learned; 1 is the limit.
  let goodScores: [Double]
  let badScores: [Double]
  /// What was learned, as pictures for people.
  var pictures: [(name: String, picture: Image<UInt8>)] = []
}

/// A picture to learn from, as the tool sees it.
struct TrainingPicture {
  let name: String
  let image: Image<UInt8>
}
