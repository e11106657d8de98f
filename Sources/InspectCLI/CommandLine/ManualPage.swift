import Configuration

/// The manual page, made from the table of verbs.
enum ManualPage {
  static func text(version: String) -> String {
    var page = """
      .TH INSPECT 1 "" "inspect \(version)" "User Commands"
      .SH NAME
      inspect \\- machine vision for the line: defect detection, positioning, measuring
      .SH SYNOPSIS
      .B inspect
      .I VERB
      .RI [ OPTIONS ]
      .SH DESCRIPTION
      A recipe, a text, says what is to be done with a picture and what decides. Results go to
      standard output, records as JSON Lines; everything else goes to standard error. An error is one
      line that says what is wrong, where, why, and what to do.
      .SH VERBS

      """
    for verb in Verbs.all { page += section(verb) }
    page += ".SH EXIT STATUS\n"
    for status in ExitStatus.allCases {
      page += ".TP\n.B \(status.rawValue)\n\(escaped(status.meaning))\n"
    }
    page += ".SH ENVIRONMENT\n"
    for (name, meaning) in EngineOptions.variables {
      page += ".TP\n.B \(name)\n\(escaped(meaning))\n"
    }
    return page
  }

  private static func section(_ verb: Verb) -> String {
    var text = """
      .SS inspect \(escaped(verb.name))
      \(escaped(verb.summary))
      .PP
      .B \(escaped(Help.usage(verb, verb.options)))

      """
    for option in verb.options {
      text += ".TP\n.B \(escaped(Help.spelling(option)))\n\(escaped(Help.explanation(option)))\n"
    }
    for paragraph in verb.details.split(separator: "\n\n") {
      text += ".PP\n\(lines(paragraph))\n"
    }
    return text + ".PP\n.EX\n\(escaped(verb.example))\n.EE\n"
  }

  /// Indented lines stay as they are.
  private static func lines(_ paragraph: Substring) -> String {
    var text: [String] = []
    var isIndented = false  // troff breaks the line before an indented one by itself
    for line in paragraph.split(separator: "\n") {
      if isIndented && !line.hasPrefix(" ") { text.append(".br") }
      isIndented = line.hasPrefix(" ")
      text.append(escaped(String(line)))
    }
    return text.joined(separator: "\n")
  }

  /// What troff would take for its own.
  private static func escaped(_ text: String) -> String {
    let safe = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
      .replacing("…", with: "...").replacing("—", with: "\\(em").replacing("’", with: "'")
    return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
  }
}
