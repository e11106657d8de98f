import Configuration

/// A verb of the command line. Parsing, help, completions and the man page come from this.
struct Verb: Sendable {
  /// "op", or "log verify" for a verb of two words.
  let name: String
  /// One line for the list of verbs.
  let summary: String
  /// What stands on the line besides options, as the help shows it: "NAME", "RECIPE PATH…".
  let operands: String
  /// The words that the first operand may be, where these are known.
  let operandWords: [String]
  /// How many operands there may be.
  let operandCount: ClosedRange<Int>
  let options: [Parameter]
  /// A line that works as it stands.
  let example: String
  /// More about it: paragraphs under the options.
  let details: String
  /// Options that depend on the operands: the settings of the operator that was named.
  let moreOptions: @Sendable (_ operands: [String]) throws -> [Parameter]
  let run: @Sendable (Invocation) throws -> ExitStatus

  init(
    _ name: String, _ summary: String, operands: String = "",
    count operandCount: ClosedRange<Int> = 0...0, options: [Parameter] = [], example: String,
    details: String = "", operandWords: [String] = [],
    moreOptions: @escaping @Sendable ([String]) throws -> [Parameter] = { _ in [] },
    run: @escaping @Sendable (Invocation) throws -> ExitStatus
  ) {
    self.name = name
    self.summary = summary
    self.operands = operands
    self.operandWords = operandWords
    self.operandCount = operandCount
    self.options = options
    self.example = example
    self.details = details
    self.moreOptions = moreOptions
    self.run = run
  }
}

/// A verb as it was called.
struct Invocation: Sendable {
  let verb: Verb
  let operands: [String]
  let values: ParameterValues
}

/// Every verb there is; a new one is added here and nowhere else.
enum Verbs {
  static let all: [Verb] =
    [opVerb, blobsVerb, contoursVerb, matchVerb, measureVerb, runVerb, trainVerb, batchVerb, mergeVerb]
    + [evaluateVerb] + calibrateVerbs + recipeVerbs + [recipeDiffVerb, recipeSchemaVerb] + logVerbs
    + cameraVerbs + [synthVerb, demoVerb, benchVerb, doctorVerb, completionsVerb, manVerb]
}
