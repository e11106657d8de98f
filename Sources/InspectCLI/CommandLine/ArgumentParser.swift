import Configuration

/// What the words after `inspect` ask for.
enum Request {
  case run(Invocation)
  case help(String)
  case version
}

enum ArgumentParser {
  static func parse(_ words: [String]) throws -> Request {
    guard let first = words.first else { return .help(Help.overview) }
    switch first {
    case "--help", "-h": return .help(Help.overview)
    case "--version": return .version
    case "help":
      guard words.count > 1 else { return .help(Help.overview) }
      return try parse(Array(words.dropFirst()) + ["--help"])
    default: break
    }
    let groups = Set(Verbs.all.map { $0.name.split(separator: " ").first.map(String.init) ?? "" })
    guard groups.contains(first) else {
      throw CommandError.usage(
        first.hasPrefix("-")
          ? unknownName("option", first, among: ["--help", "--version"])
          : unknownName("verb", first, among: groups.sorted()))
    }
    if let verb = Verbs.all.first(where: { $0.name == first }) {
      return try parse(verb, Array(words.dropFirst()))
    }
    // A verb of two words.
    let family = Verbs.all.filter { $0.name.hasPrefix(first + " ") }
    guard words.count > 1, words[1] != "--help", words[1] != "-h" else {
      guard words.count > 1 else {
        let names = family.map { $0.name.dropFirst(first.count + 1) }.joined(separator: ", ")
        throw CommandError.usage("'\(first)' needs one of: \(names)", first)
      }
      return .help(Help.family(first, family))
    }
    guard let verb = family.first(where: { $0.name == first + " " + words[1] }) else {
      let names = family.map { String($0.name.dropFirst(first.count + 1)) }
      throw CommandError.usage(unknownName("\(first) verb", words[1], among: names), first)
    }
    return try parse(verb, Array(words.dropFirst(2)))
  }

  private static func parse(_ verb: Verb, _ words: [String]) throws -> Request {
    if words.contains("--help") || words.contains("-h") {
      let operands = words.filter { !$0.hasPrefix("-") }
      let more = (try? verb.moreOptions(operands)) ?? []
      return .help(Help.verb(verb, more))
    }
    // Operands come first where options depend on them.
    let known = verb.options
    var operands: [String] = []
    var pending: [(option: String, value: String?)] = []
    var i = 0
    while i < words.count {
      let word = words[i]
      i += 1
      if word == "--" {
        operands += words[i...]
        break
      }
      guard word.hasPrefix("-"), word.count > 1, Double(word) == nil else {
        operands.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if parts.count == 2 && name.hasPrefix("--") {
        pending.append((name, String(parts[1])))
        continue
      }
      // Whether a value follows is known once the option is; the operator's own options are asked
      // for with the operands that stand before.
      let parameter =
        find(name, known) ?? find(name, (try? verb.moreOptions(operands)) ?? [])
      if let parameter, case .flag = parameter.kind {
        pending.append((name, nil))
      } else if i < words.count {
        pending.append((name, words[i]))
        i += 1
      } else {
        pending.append((name, nil))
      }
    }
    let options = known + (try verb.moreOptions(operands))
    var given: [String: ParameterValue] = [:]
    for (name, written) in pending {
      guard let parameter = find(name, options) else {
        throw CommandError.usage(
          unknownName("option", name, among: options.flatMap(spellings)), verb.name)
      }
      let value: ParameterValue
      if case .flag = parameter.kind {
        guard written == nil else {
          throw CommandError.usage("\(name) takes no value", verb.name)
        }
        value = .flag(true)
      } else {
        guard let written else { throw CommandError.usage("\(name) needs a value", verb.name) }
        do throws(ParameterError) {
          value = try parameter.parse(written)
        } catch {
          throw CommandError(.usage, name, why: error.message)
        }
      }
      if parameter.isRepeatable, case .text(let text) = value {
        var texts: [String] = []
        if case .texts(let before)? = given[parameter.name] { texts = before }
        given[parameter.name] = .texts(texts + [text])
      } else if given.updateValue(value, forKey: parameter.name) != nil {
        throw CommandError.usage("\(name) is given twice", verb.name)
      }
    }
    guard verb.operandCount.contains(operands.count) else {
      let problem =
        operands.count < verb.operandCount.lowerBound
        ? "\(verb.operands) is missing"
        : "unexpected '\(operands[verb.operandCount.upperBound])'"
      throw CommandError.usage(problem, verb.name)
    }
    do throws(ParameterError) {
      let values = try ParameterValues(given, of: options)
      return .run(Invocation(verb: verb, operands: operands, values: values))
    } catch {
      throw CommandError.usage(error.message, verb.name)
    }
  }

  private static func spellings(_ parameter: Parameter) -> [String] {
    ["--" + parameter.name] + (parameter.short.map { ["-" + $0] } ?? [])
  }

  private static func find(_ word: String, _ options: [Parameter]) -> Parameter? {
    options.first { spellings($0).contains(word) }
  }
}
