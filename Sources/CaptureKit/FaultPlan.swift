import Configuration
import Threading

/// The faults of real cameras on demand, as a URL asks for them: the same on every run.
struct FaultPlan: Sendable {
  static let parameters: [CameraParameter] = [
    Parameter("drop", .real(0...1), default: 0, "share of pictures that never come"),
    Parameter("corrupt", .real(0...1), default: 0, "share of pictures that come damaged"),
    Parameter("incomplete", .real(0...1), default: 0, "share of pictures of which a part never comes"),
    Parameter("stall", .numbers(2...2), optional: true, placeholder: "N,SECONDS", "silent after N pictures for so long"),
    Parameter("unplug", .whole(1...Int.max), optional: true, "gone after so many pictures, back at the next try"),
  ]

  /// What becomes of a picture.
  enum Fate {
    case lost
    case arrives(Frame.Status)
  }

  private let seed: UInt64
  private let drop: Double
  private let corrupt: Double
  private let incomplete: Double
  private let stall: (after: Double, seconds: Double)?
  private let unplug: Int?

  init(_ values: ParameterValues, seed: UInt64) {
    self.seed = seed
    drop = values.real("drop")
    corrupt = values.real("corrupt")
    incomplete = values.real("incomplete")
    let numbers = values.has("stall") ? values.numbers("stall") : []
    stall = numbers.isEmpty ? nil : (numbers[0], numbers[1])
    unplug = values.has("unplug") ? values.whole("unplug") : nil
  }

  /// It follows from the seed and the picture's number alone.
  func fate(of sequence: Int) -> Fate {
    var random = SceneRandom(seed: seed ^ 0xfa7e, part: sequence)
    if random.unit() < drop { return .lost }
    if random.unit() < corrupt { return .arrives(.corrupt("the transfer was damaged")) }
    if random.unit() < incomplete { return .arrives(.incomplete("the transfer broke off")) }
    return .arrives(.good)
  }

  /// What happened already of what happens once.
  struct History: Sendable {
    fileprivate var hasStalled = false
    fileprivate var hasUnplugged = false
  }

  /// Whether the camera goes away before this picture.
  func unplugs(before sequence: Int, _ history: inout History) -> Bool {
    guard let unplug, sequence >= unplug, !history.hasUnplugged else { return false }
    history.hasUnplugged = true
    return true
  }

  /// For how many seconds the camera is silent before this picture.
  func silence(before sequence: Int, _ history: inout History) -> Double {
    guard let stall, Double(sequence) >= stall.after, !history.hasStalled else { return 0 }
    history.hasStalled = true
    return stall.seconds
  }
}
