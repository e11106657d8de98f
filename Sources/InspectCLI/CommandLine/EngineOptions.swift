import Configuration
import VisionCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Which engine and which instruction set: an option wins over the environment, the environment
/// over the recipe.
enum EngineOptions {
  static let engine = Parameter(
    "engine", .choice(EngineChoice.allCases.map(\.rawValue)), optional: true,
    "which of the three sources computes; auto is native with OpenCV behind it")

  static let crossCheck = Parameter(
    "cross-check", .real(0...1), optional: true, placeholder: "RATE",
    "the share of pictures that a second engine looks at, too; alarms where they disagree")

  /// The variables that are looked at, and what they do; for the manual.
  static let variables = [
    ("INSPECT_ENGINE", "native, opencv, reference or auto, where no option says it"),
    ("INSPECT_ISA", "baseline, avx2 or avx512: the instruction set of the native kernels"),
    ("INSPECT_THREADS", "how many threads work; one a processor where it is not set"),
    ("NO_COLOR", "no colours on the terminal"),
  ]

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The choice of the option, the environment or the recipe, in this order.
  static func choice(_ values: ParameterValues?, recipe: EngineChoice = .auto) throws -> EngineChoice {
    try forced(values) ?? recipe
  }

  /// The choice of the option or the environment, which holds for all tools of a recipe.
  static func forced(_ values: ParameterValues?) throws -> EngineChoice? {
    if let values, values.has("engine") { return EngineChoice(rawValue: values.text("engine"))! }
    guard let word = environment("INSPECT_ENGINE") else { return nil }
    guard let choice = EngineChoice(rawValue: word) else {
      throw CommandError(
        .usage, unknownName("engine", word, among: EngineChoice.allCases.map(\.rawValue)),
        at: "INSPECT_ENGINE", advice: "Take one of "
          + EngineChoice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// The instruction set that INSPECT_ISA forces, or the best.
  static func instructionSet() throws -> InstructionSet {
    guard let word = environment("INSPECT_ISA") else { return .best }
    let names = InstructionSet.allCases.map(\.rawValue)
    guard let set = InstructionSet(rawValue: word) else {
      throw CommandError(
        .usage, unknownName("instruction set", word, among: names), at: "INSPECT_ISA",
        advice: "Take one of \(names.joined(separator: ", "))")
    }
    guard InstructionSet.available.contains(set) else {
      let able = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
      throw CommandError(
        .usage, "this processor has no \(word)", at: "INSPECT_ISA", advice: "It has \(able)")
    }
    return set
  }

  /// INSPECT_THREADS, or one a processor.
  static func threads() throws -> Int {
    guard let word = environment("INSPECT_THREADS") else { return Machine.usableProcessors }
    guard let count = Int(word), (1...256).contains(count) else {
      throw CommandError(
        .usage, "'\(word)' is not a number of threads", at: "INSPECT_THREADS",
        advice: "Take 1 to 256")
    }
    return count
  }

  static func runner(
    _ values: ParameterValues?, recipe: EngineChoice = .auto
  ) throws -> OperatorRunner {
    OperatorRunner(
      try choice(values, recipe: recipe),
      machine: Machine(try instructionSet(), threads: min(try threads(), 16)))
  }
}
