import Foundation
import Testing
@testable import InspectCLI

/// The completions as the shells themselves make them; a shell that is not here is skipped aloud.
@Suite struct CompletionTests {
  /// A line up to the cursor, and what must be among what is offered.
  static let lines: [(line: String, offered: [String])] = [
    ("inspect rec", ["recipe"]), ("inspect recipe ch", ["check"]),
    ("inspect recipe check --j", ["--json"]), ("inspect op gaus", ["gaussian"]),
    ("inspect op gaussian --si", ["--sigma", "--size"]),
    ("inspect batch r.json5 --engine nat", ["native"]),
    ("inspect completions ", ["bash", "fish", "zsh"]), ("inspect synth surf", ["surface"]),
    ("inspect batch -o unu", ["unusual.jsonl"]), ("inspect merge unu", ["unusual.jsonl"]),
    ("inspect batch --jobs unu", []),
    ("inspect op gaussian --engine native --si", ["--sigma", "--size"]),
  ]

  /// A folder with the script and one file whose name nobody else has.
  private func folder(_ shell: Shell) throws -> URL? {
    guard try Executable.shell("command -v \(shell)", in: Executable.checkout).status == 0 else {
      print("skipped: \(shell) is not here")
      return nil
    }
    let folder = try Executable.temporaryFolder()
    try Executable.run(["completions", shell.rawValue]).output.write(
      to: folder.appendingPathComponent("script"), atomically: true, encoding: .utf8)
    try Data().write(to: folder.appendingPathComponent("unusual.jsonl"))
    return folder
  }

  private func check(
    _ shell: Shell, _ ask: (_ line: String, _ folder: URL) throws -> Executable.Result
  ) throws {
    guard let folder = try folder(shell) else { return }
    defer { try? FileManager.default.removeItem(at: folder) }
    for (line, offered) in Self.lines {
      let result = try ask(line, folder)
      #expect(result.errors.isEmpty && result.status == 0, "\(shell): \(line): \(result.errors)")
      let words = Set(result.lines.map { $0.trimmingCharacters(in: .whitespaces) })
      #expect(words == Set(offered), "\(shell): \(line)")
    }
  }

  @Test func bashOffersWhatFits() throws {
    try check(.bash) { line, folder in
      try Executable.shell(
        """
        source ./script
        COMP_WORDS=(\(line)\(line.hasSuffix(" ") ? "''" : "")); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _inspect
        printf '%s\\n' "${COMPREPLY[@]}"
        """, in: folder)
    }
  }

  @Test func fishOffersWhatFits() throws {
    try check(.fish) { line, folder in
      try Executable.shell(
        "fish --no-config -c 'source ./script; complete -C \"\(line)\"' | cut -f1", in: folder)
    }
  }

  /// zsh completes only where somebody types: on a terminal of its own.
  @Test func zshOffersWhatFits() throws {
    try check(.zsh) { line, folder in
      try Executable.shell(
        """
        cat > ask <<'TXT'
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PROMPT=; autoload -U compinit; compinit -u -d ./dump; source ./script
          compadd() { local -a found; builtin compadd -O found \\"\\$@\\"
            print -rl -- \\$found >> offered; builtin compadd \\"\\$@\\" }
          print READY"
        text=
        repeat 200 { zpty -rt shell more && text+=$more; [[ $text == *READY$'\\r'* ]] && break; sleep 0.05 }
        zpty -w -n shell \(Self.quoted(line))$'\\t'
        repeat 40 { sleep 0.05; [[ -s offered ]] && break }
        sleep 0.1
        zpty -d shell
        TXT
        : > offered
        zsh -f ask
        sort -u offered | grep -v '^$' || true
        """, in: folder)
    }
  }

  private static func quoted(_ text: String) -> String { "'" + text + "'" }

  @Test func theManualPageNamesEverythingAndIsRight() throws {
    let page = try Executable.run(["man"]).output
    for verb in Verbs.all {
      #expect(page.contains(".SS inspect \(verb.name.replacingOccurrences(of: "-", with: "\\-"))"))
      for option in verb.options {
        #expect(page.contains("\\-\\-" + option.name.replacingOccurrences(of: "-", with: "\\-")))
      }
    }
    for (tool, command) in [("mandoc", "mandoc -T lint -W error"), ("man", "man --warnings -l")] {
      guard try Executable.shell("command -v \(tool)", in: Executable.checkout).status == 0 else {
        print("skipped: \(tool) is not here")
        continue
      }
      let folder = try Executable.temporaryFolder()
      defer { try? FileManager.default.removeItem(at: folder) }
      try page.write(
        to: folder.appendingPathComponent("inspect.1"), atomically: true, encoding: .utf8)
      let result = try Executable.shell("\(command) inspect.1", in: folder)
      #expect(result.status == 0 && result.errors.isEmpty, "\(tool): \(result.errors)")
    }
  }
}
