import Foundation
import Testing
@testable import InspectCLI

@Suite struct CommandLineTests {
  private static let board = "samples/board/000001.png"

  /// Command, exit status, words of the one line that says why.
  static let mistakes: [(line: String, status: Int32, words: String)] = [
    ("rnu", 2, "unknown verb 'rnu'; did you mean 'run'?"),
    ("--hlep", 2, "did you mean '--help'?"),
    ("op", 2, "NAME is missing"), ("op gausian -i x", 2, "did you mean 'gaussian'?"),
    ("op gaussian -i \(board) -o /dev/null/x.png", 2, "--size is missing"),
    ("op gaussian --size 4 -i \(board)", 2, "odd whole number from 1 to 255"),
    ("op gaussian --sise 5 -i \(board)", 2, "did you mean '--size'?"),
    ("op gaussian --size 5 -i nowhere.png -o /tmp/x.png", 3, "nowhere.png): No such file"),
    ("op gaussian --size 5 -i README.md -o /tmp/x.png", 3, "not an image of a known format"),
    ("op gaussian --size 5 -i \(board) -o /nowhere/x.png", 4, "/nowhere/x.png): No such file"),
    ("op gaussian --size 5 -i \(board) -o x.gif", 4, "ends in none of"),
    ("op gaussian --size 5 -i \(board)", 2, "-o OUT is missing"),
    ("op absdiff -i \(board)", 2, "--with SECOND is missing"),
    ("op absdiff -i \(board) -i2 samples/surface/000000.png -o /tmp/x.png", 2, "one size and depth"),
    ("op stats -i \(board) -i \(board)", 2, "given twice"),
    ("op stats -i \(board) extra", 2, "unexpected 'extra'"),
    ("op stats -i \(board) --engine nativ", 2, "did you mean 'native'?"),
    ("synth bord -o /tmp/x", 2, "did you mean 'board'?"), ("synth board", 2, "-o DIR is missing"),
    ("recipe check nowhere.json5", 2, "nowhere.json5): No such file"),
    ("recipe chek x", 2, "did you mean 'check'?"), ("recipe", 2, "needs one of: check, new, test"),
    ("run samples/board/recipe.json5 --camera synthetic:bord", 2, "did you mean 'board'?"),
    ("log verify /nowhere", 3, "/nowhere"), ("bench --ops treshold", 2, "did you mean 'threshold'?"),
  ]

  @Test(arguments: mistakes)
  func mistakesAreOneLineWithTheRightStatus(line: String, status: Int32, words: String) throws {
    let result = try Executable.run(line.split(separator: " ").map(String.init))
    #expect(result.status == status)
    #expect(result.errors.hasPrefix("inspect: error: ") && result.errors.contains(words))
    #expect(result.errors.filter { $0 == "\n" }.count == 1 && result.output.isEmpty)
  }

  @Test(arguments: [
    ("INSPECT_ISA", "avx3", "did you mean 'avx2'?"), ("INSPECT_ENGINE", "cv", "unknown engine 'cv'"),
    ("INSPECT_THREADS", "0", "not a number of threads"),
  ])
  func theEnvironmentIsChecked(name: String, value: String, words: String) throws {
    let result = try Executable.run(["doctor"], environment: [name: value])
    #expect(result.status == 2 && result.errors.contains(words) && result.errors.contains(name))
  }

  @Test(arguments: Verbs.all.map(\.name)) func everyVerbHasHelpWithAnExample(name: String) throws {
    let result = try Executable.run(name.split(separator: " ").map(String.init) + ["--help"])
    #expect(result.status == 0)
    #expect(result.output.contains("inspect \(name)") && result.output.contains("example:\n  inspect \(name)"))
  }

  @Test func overviewNamesEveryVerb() throws {
    let help = try Executable.run(["--help"]).output
    for verb in Verbs.all { #expect(help.contains(verb.name)) }
    #expect(try Executable.run(["--version"]).output == "inspect \(Inspect.version)\n")
  }

  /// What the help shows works as it stands.
  @Test func everyExampleRuns() throws {
    let folder = try Executable.exampleFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for verb in Verbs.all {
      var line = verb.example
      if verb.name == "bench" { line += " --size 256 --rounds 3" }
      if verb.name == "demo" { line = line.replacingOccurrences(of: "200", with: "20") }
      if verb.name == "run" { line = line.replacingOccurrences(of: "line-log", with: "other-log") }
      let result = try Executable.shell(line, in: folder)
      let isWithoutPeer = result.errors.contains("cannot compare with OpenCV")
      if isWithoutPeer { print("skipped: \(line): OpenCV is not here") }
      #expect(result.status == 0 || isWithoutPeer, "\(line): \(result.errors)")
    }
  }

  /// The commands of the README, as it shows them.
  @Test func theCommandsOfTheReadmeRun() throws {
    let folder = try Executable.exampleFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let readme = try String(
      contentsOf: Executable.checkout.appendingPathComponent("README.md"), encoding: .utf8)
    var isCode = false
    var commands: [String] = []
    for line in readme.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") { isCode = line == "```sh" } else if isCode { commands.append(String(line)) }
    }
    let ours = commands.filter { $0.hasPrefix("inspect ") }
    #expect(ours.count >= 4)
    #expect(commands.contains("./run demo") && commands.contains("./run test"))
    for line in ours {
      let result = try Executable.shell(line, in: folder)
      #expect(result.status == 0, "\(line): \(result.errors)")
    }
  }
}
