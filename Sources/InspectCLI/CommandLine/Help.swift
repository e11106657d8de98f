import Configuration

/// Help pages, made from the table of verbs.
enum Help {
  static var overview: String {
    var text = """
      inspect — machine vision for the line: defect detection, positioning, measuring

      usage: inspect VERB [OPTIONS]

      verbs:

      """
    text += table(Verbs.all.map { ($0.name, $0.summary) })
    text += """

      'inspect VERB --help' tells more, with an example each; 'inspect --version' the version.
      start with: inspect demo

      """
    return text
  }

  static func family(_ name: String, _ verbs: [Verb]) -> String {
    "usage: inspect \(name) VERB [OPTIONS]\n\n" + table(verbs.map { ($0.name, $0.summary) })
      + "\n'inspect VERB --help' tells more, for instance 'inspect \(verbs[0].name) --help'\n"
  }

  static func verb(_ verb: Verb, _ more: [Parameter]) -> String {
    let options = verb.options + more
    var text = "inspect \(verb.name) — \(verb.summary)\n\nusage: \(usage(verb, options))\n"
    if !options.isEmpty {
      text += "\noptions:\n"
      text += table(options.map { (spelling($0), explanation($0)) })
    }
    if !verb.details.isEmpty { text += "\n\(verb.details)\n" }
    text += "\nexample:\n  \(verb.example)\n"
    return text
  }

  static func usage(_ verb: Verb, _ options: [Parameter]) -> String {
    let required = options.filter { $0.fallback == nil && !$0.isOptional && !$0.isRepeatable }
    var usage = "inspect \(verb.name)"
    if !verb.operands.isEmpty { usage += " \(verb.operands)" }
    for option in required { usage += " \(spelling(option))" }
    return options.count > required.count ? usage + " [OPTIONS]" : usage
  }

  static func spelling(_ option: Parameter) -> String {
    let name = (option.short.map { "-\($0), " } ?? "") + "--\(option.name)"
    return option.placeholder.isEmpty ? name : "\(name) \(option.placeholder)"
  }

  static func explanation(_ option: Parameter) -> String {
    var text = option.help
    switch option.fallback {
    case .flag?, nil: break
    case .whole(let n)?: text += " (default \(n))"
    case .real(let x)?: text += " (default \(JSON.number(x).text))"
    case .size(let w, let h)?: text += " (default \(w == h ? "\(w)" : "\(w)x\(h)"))"
    case .numbers(let list)?:
      text += " (default \(list.map { JSON.number($0).text }.joined(separator: ",")))"
    case .text(let word)?: text += word.isEmpty ? "" : " (default \(word))"
    case .texts?, .words?, .codes?: break
    }
    return text
  }

  /// Two columns; a long left side gets a line of its own.
  private static func table(_ rows: [(String, String)]) -> String {
    let width = min(30, rows.map(\.0.count).max() ?? 0)
    return rows.map { left, right in
      left.count > width
        ? "  \(left)\n" + String(repeating: " ", count: width + 4) + right + "\n"
        : "  \(left)" + String(repeating: " ", count: width - left.count + 2) + right + "\n"
    }.joined()
  }
}
