import Configuration

let completionsVerb = Verb(
  "completions", "completions of verbs, options and words for a shell", operands: "SHELL",
  count: 1...1,
  example: "inspect completions bash > inspect.bash",
  details: "Shells: bash, zsh, fish. To have them in every shell that you open:\n"
    + Shell.allCases.map { "  \($0.installation)" }.joined(separator: "\n"),
  operandWords: Shell.allCases.map(\.rawValue),
  run: { call in
    guard let shell = Shell(rawValue: call.operands[0]) else {
      throw CommandError.usage(
        unknownName("shell", call.operands[0], among: Shell.allCases.map(\.rawValue)), "completions"
      )
    }
    Output.text(shell.completions(CompletionWords(Verbs.all)))
    return .done
  })

let manVerb = Verb(
  "man", "the manual page, for 'man -l'",
  options: [
    Parameter("output", .path, optional: true, short: "o", "where it goes; stdout where left out")
  ],
  example: "inspect man -o inspect.1",
  details: "'man -l inspect.1' shows it; in /usr/local/share/man/man1 'man inspect' finds it.",
  run: { call in
    let text = ManualPage.text(version: Inspect.version)
    if call.values.has("output") {
      try writeText(text, to: call.values.text("output"))
    } else {
      Output.text(text)
    }
    return .done
  })
