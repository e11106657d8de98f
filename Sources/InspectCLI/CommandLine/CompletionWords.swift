import Configuration

/// What may stand on the command line, and where: the shells' completions are made from this.
struct CompletionWords {
  struct Word {
    let text: String
    let summary: String
  }

  /// The words before the cursor that are known: "", "recipe", "recipe check", "op gaussian".
  struct Context {
    let name: String
    /// What may come next, besides options.
    let words: [Word]
    let options: [Parameter]
    /// Whether operands may be files.
    let takesFiles: Bool
  }

  let contexts: [Context]

  init(_ verbs: [Verb]) {
    var contexts: [Context] = []
    var top: [Word] = []
    var families: [String: [Word]] = [:]
    for verb in verbs {
      let words = verb.name.split(separator: " ").map(String.init)
      if words.count == 1 {
        top.append(Word(text: words[0], summary: verb.summary))
      } else {
        if families[words[0]] == nil { top.append(Word(text: words[0], summary: "")) }
        families[words[0], default: []].append(Word(text: words[1], summary: verb.summary))
      }
    }
    for i in top.indices {
      if let family = families[top[i].text] {
        top[i] = Word(text: top[i].text, summary: family.map(\.text).joined(separator: ", "))
        contexts.append(
          Context(name: top[i].text, words: family, options: [], takesFiles: false))
      }
    }
    for verb in verbs { contexts += Self.contexts(of: verb) }
    self.contexts =
      [Context(name: "", words: top, options: Self.general, takesFiles: false)] + contexts
  }

  private static let general = [Parameter("version", .flag, "the version")]
  private static let help = Parameter(
    "help", .flag, short: "h", "what the verb does, with an example")

  private static func contexts(of verb: Verb) -> [Context] {
    let options = verb.options + [help]
    let own = Context(
      name: verb.name, words: verb.operandWords.map { Word(text: $0, summary: "") },
      options: options, takesFiles: verb.operandWords.isEmpty && verb.operandCount.upperBound > 0)
    // A word that brings options of its own is a context of its own.
    return [own]
      + verb.operandWords.compactMap { word in
        guard let more = try? verb.moreOptions([word]), !more.isEmpty else { return nil }
        return Context(
          name: verb.name + " " + word, words: [], options: more + options, takesFiles: false)
      }
  }
}

extension Parameter {
  /// "--output", "-o"
  var spellings: [String] { ["--" + name] + (short.map { ["-" + $0] } ?? []) }

  enum Completion {
    case nothing
    case words([String])
    case files
    /// A value follows that nobody can guess.
    case value
  }

  var completion: Completion {
    switch kind {
    case .flag: .nothing
    case .choice(let words): .words(words)
    case .path, .picture: .files
    default: .value
    }
  }
}
