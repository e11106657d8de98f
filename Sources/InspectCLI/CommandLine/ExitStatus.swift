/// How a command ends; scripts rely on these numbers.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  /// The answer is no: a part is NG, a gate, test or verification failed.
  case no = 1
  /// The command or the recipe is wrong; nothing was done.
  case usage = 2
  /// Done, but some inputs could not be read.
  case inputs = 3
  /// A device, disk or peer failed for good.
  case failed = 4
  /// Try again later.
  case later = 75

  /// As the manual has it.
  var meaning: String {
    switch self {
    case .done: "done"
    case .no: "the answer is no: a part is NG (with --exit-code), a test or a verification failed"
    case .usage: "the command or the recipe is wrong; nothing was done"
    case .inputs: "done, but some inputs could not be read; each has its own record"
    case .failed: "a device, disk or peer failed for good"
    case .later: "try the same command again later: a lock is held, the disk is full, there is no memory"
    }
  }
}

/// What went wrong, told in one line: WHAT (WHERE): WHY. WHAT TO DO
struct CommandError: Error {
  let status: ExitStatus
  let what: String
  var place: String?
  var why: String?
  var advice: String?

  init(
    _ status: ExitStatus, _ what: String, at place: String? = nil, why: String? = nil,
    advice: String? = nil
  ) {
    self.status = status
    self.what = what
    self.place = place
    self.why = why
    self.advice = advice
  }

  static func usage(_ what: String, _ verb: String? = nil) -> CommandError {
    CommandError(
      .usage, what, advice: "See 'inspect \(verb.map { $0 + " " } ?? "")--help'")
  }

  /// The line, whatever strange characters the parts have in them.
  var line: String {
    var text = "inspect: error: \(what)"
    if let place { text += " (\(place))" }
    if let why { text += ": \(why)" }
    if let advice { text += text.hasSuffix("?") ? " \(advice)" : ". \(advice)" }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
  }
}
