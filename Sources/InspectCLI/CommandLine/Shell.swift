import Configuration

/// Completion scripts for the shells, made from the table of verbs.
enum Shell: String, CaseIterable {
  case bash, zsh, fish

  func completions(_ words: CompletionWords) -> String {
    switch self {
    case .bash: Self.bash(words)
    case .zsh: Self.zsh(words)
    case .fish: Self.fish(words)
    }
  }

  var installation: String {
    switch self {
    case .bash: "inspect completions bash > ~/.local/share/bash-completion/completions/inspect"
    case .zsh:
      "inspect completions zsh > ~/.zfunc/_inspect   (with fpath+=~/.zfunc before compinit)"
    case .fish: "inspect completions fish > ~/.config/fish/completions/inspect.fish"
    }
  }

  // MARK: bash and zsh

  /// How bash and zsh say what comes next; they share the words and the form of a `case`.
  private struct Phrases {
    /// A command that offers these words.
    let offer: ([String]) -> String
    /// One that offers files.
    let files: String
    /// Sets what may stand in a context.
    let context: (CompletionWords.Context) -> String
  }

  /// The arms of two `case`s: over the context with an option behind it, where that takes a value, and
  /// over the context.
  private static func arms(
    _ words: CompletionWords, _ phrases: Phrases
  ) -> (values: String, contexts: String) {
    var values = "", contexts = ""
    for context in words.contexts {
      for option in context.options {
        let patterns = option.spellings.map { "\"\(context.name) \($0)\"" }.joined(separator: "|")
        let command: String? =
          switch option.completion {
          case .nothing: nil
          case .words(let list): phrases.offer(list) + "; return"
          case .files: phrases.files + "; return"
          case .value: "return"
          }
        if let command { values += "    (\(patterns)) \(command) ;;\n" }
      }
      contexts += "    (\"\(context.name)\") \(phrases.context(context)) "
      contexts += "files=\(context.takesFiles ? "yes" : "") ;;\n"
    }
    return (values, contexts)
  }

  private static func bash(_ words: CompletionWords) -> String {
    let (values, contexts) = arms(
      words,
      Phrases(
        offer: { "COMPREPLY=($(compgen -W '\($0.joined(separator: " "))' -- \"$cur\"))" },
        files: "_inspect_files",
        context: { context in
          let options = context.options.map { "--" + $0.name }.joined(separator: " ")
          return "options='\(options)' words='\(context.words.map(\.text).joined(separator: " "))'"
        }))
    return """
      # Completions of inspect for bash; \(Shell.bash.installation)
      _inspect_files() {
        compopt -o filenames 2>/dev/null
        local IFS=$'\\n'
        COMPREPLY=($(compgen -f -- "$cur"))
      }

      _inspect() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
        local context= longer i options= words= files=
        COMPREPLY=()
        for ((i = 1; i < COMP_CWORD; i++)); do
          longer="${context:+$context }${COMP_WORDS[i]}"
          case "$longer" in
            \(known(words).map { "\"\($0)\"" }.joined(separator: "|"))) context=$longer ;;
          esac
        done
        case "$context $prev" in
      \(values)  esac
        case "$context" in
      \(contexts)  esac
        if [[ $cur == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$cur"))
        elif [[ -n $words ]]; then
          COMPREPLY=($(compgen -W "$words" -- "$cur"))
        elif [[ -n $files ]]; then
          _inspect_files
        fi
      }
      complete -F _inspect inspect

      """
  }

  private static func known(_ words: CompletionWords) -> [String] {
    words.contexts.map(\.name).filter { !$0.isEmpty }
  }

  private static func zsh(_ words: CompletionWords) -> String {
    func described(_ word: String, _ text: String) -> String {
      // A colon ends the word.
      quoted("\(word):\(text.replacing(":", with: "\\:"))")
    }
    let (values, contexts) = arms(
      words,
      Phrases(
        offer: { "compadd -- " + $0.joined(separator: " ") }, files: "_files",
        context: { context in
          let options = context.options.map { described("--" + $0.name, $0.help) }
          let next = context.words.map { described($0.text, $0.summary) }
          return "options=(\(options.joined(separator: " "))) next=(\(next.joined(separator: " ")))"
        }))
    return """
      #compdef inspect
      # Completions of inspect for zsh; \(Shell.zsh.installation)
      _inspect() {
        local known= longer files= i
        local -a options next
        for ((i = 2; i < CURRENT; i++)); do
          longer="${known:+$known }${words[i]}"
          case "$longer" in
            (\(known(words).map { "\"\($0)\"" }.joined(separator: "|"))) known=$longer ;;
          esac
        done
        case "$known ${words[CURRENT-1]}" in
      \(values)  esac
        case "$known" in
      \(contexts)  esac
        if [[ ${words[CURRENT]} == -* ]]; then
          _describe -o option options
        elif (( $#next )); then
          _describe word next
        elif [[ -n $files ]]; then
          _files
        fi
      }
      compdef _inspect inspect

      """
  }

  // MARK: fish

  private static func fish(_ words: CompletionWords) -> String {
    var lines = ""
    for context in words.contexts {
      let here = "complete -c inspect -n '__inspect_at \"\(context.name)\"'"
      if context.takesFiles { lines += "\(here) -F\n" }
      for word in context.words {
        lines += "\(here) -a \(word.text) -d \(quoted(word.summary))\n"
      }
      for option in context.options {
        var line = "\(here) -l \(option.name)"
        // fish knows one-letter options and old-style ones, as -i2 is.
        if let short = option.short { line += short.count == 1 ? " -s \(short)" : " -o \(short)" }
        switch option.completion {
        case .nothing: break
        case .words(let list): line += " -x -a '\(list.joined(separator: " "))'"
        case .files: line += " -r -F"
        case .value: line += " -x"
        }
        lines += "\(line) -d \(quoted(option.help))\n"
      }
    }
    return """
      # Completions of inspect for fish; \(Shell.fish.installation)
      set -g __inspect_contexts \(known(words).map(quoted).joined(separator: " "))

      function __inspect_at
        set -l context
        for word in (commandline -opc)[2..]
          set -l longer (string join -- ' ' $context $word)
          contains -- "$longer" $__inspect_contexts; and set context $longer
        end
        test "$context" = "$argv[1]"
      end

      complete -c inspect -f
      \(lines)
      """
  }

  /// In single quotes, for all three; an apostrophe inside becomes one that needs none.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "’") + "'"
  }
}
