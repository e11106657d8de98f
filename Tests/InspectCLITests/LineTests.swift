import Foundation
import Testing

@Suite struct LineTests {
  private func records(_ result: Executable.Result) throws -> [[String: Any]] {
    try result.lines.indices.map { try result.json($0) }
  }

  @Test func theDemoTellsTheTruthAndItsLogIsProved() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = folder.appendingPathComponent("log").path
    let demo = try Executable.run(
      ["demo", "--parts", "60", "--fps", "0", "--no-browser", "--log", log, "--json"])
    #expect(demo.status == 0, "\(demo.errors)")
    let all = try records(demo)
    let parts = all.filter { $0["type"] as? String == "part" }
    #expect(parts.count == 60)
    for part in parts {
      let truth = (part["truth"] as? [String: Any])?["verdict"] as? String
      #expect(part["verdict"] as? String == truth)
    }
    #expect(Set(parts.compactMap { $0["verdict"] as? String }) == ["OK", "NG"])
    let summary = try #require(all.last)
    #expect(summary["parts"] as? Int == 60 && summary["fault"] as? Int == 0)
    let verify = try Executable.run(["log", "verify", "--json", log])
    #expect(verify.status == 0)
    #expect(try verify.json()["ok"] as? Bool == true && verify.json()["parts"] as? Int == 60)
    let export = try Executable.run(["log", "export", "--type", "part", log])
    #expect(try records(export).compactMap { $0["result_id"] as? Int } == Array(1...60))
    #expect(try Executable.run(["log", "tail", "-n", "3", log]).lines.count == 3)
    #expect(try Executable.run(["log", "stats", "--json", log]).json()["parts"] as? Int == 60)
  }

  /// A byte that somebody changes is found, with its place.
  @Test func aChangedLogIsFound() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = folder.appendingPathComponent("log")
    _ = try Executable.run(["demo", "--parts", "5", "--fps", "0", "--log", log.path])
    let file = log.appendingPathComponent("line-000001.jsonl")
    let text = try String(contentsOf: file, encoding: .utf8)
    try text.replacingOccurrences(of: "\"result_id\":3", with: "\"result_id\":4")
      .write(to: file, atomically: true, encoding: .utf8)
    let verify = try Executable.run(["log", "verify", "--json", log.path])
    #expect(verify.status == 1)
    #expect((try verify.json()["first_bad"] as? [String: Any])?["line"] as? Int == 4)
    #expect(try Executable.run(["log", "export", log.path]).status == 1)
  }

  /// Every trigger has an outcome, whatever the camera does.
  @Test(arguments: [
    ("drop=0.3", "never came"), ("corrupt=0.3", "damaged"), ("stall=3,1.8", "no picture for"),
    ("unplug=4", "unplugged"),
  ])
  func whatTheCameraDoesWrongIsFault(fault: String, words: String) throws {
    let result = try Executable.run(
      ["run", "samples/surface/recipe.json5", "--camera",
        "synthetic:surface?fps=25&seed=2&defects=0&\(fault)", "--parts", "15", "--json"])
    #expect(result.status == 0, "\(result.errors)")
    let all = try records(result)
    let faults = all.filter { $0["verdict"] as? String == "FAULT" }
    #expect(!faults.isEmpty && faults.allSatisfy { ($0["error"] as? String)?.contains(words) == true })
    #expect(all.last?["parts"] as? Int == 15)
    #expect(all.last?["fault"] as? Int == faults.count)
  }

  @Test func aFolderIsACameraAndEndsByItself() throws {
    let result = try Executable.run(
      ["run", "samples/board/recipe.json5", "--camera", "folder:samples/board", "--json"])
    #expect(result.status == 0)
    let all = try records(result)
    // Four parts and the reference itself.
    #expect(all.count == 6 && all.last?["ng"] as? Int == 2 && all.last?["ok"] as? Int == 3)
  }

  @Test func anInterruptedLineEndsWithASummaryAndAWholeLog() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = folder.appendingPathComponent("log").path
    let result = try Executable.shell(
      "timeout -k 10 -s TERM 1.5 inspect run samples/surface/recipe.json5 "
        + "--camera 'synthetic:surface?fps=30' --json --log \(log)", in: Executable.checkout)
    #expect(try records(result).last?["type"] as? String == "summary", "\(result.errors)")
    let verify = try Executable.run(["log", "verify", "--json", log])
    #expect(try verify.json()["ok"] as? Bool == true)
  }

  /// A killed line goes on where it stopped: nothing promised is lost, numbers go on.
  @Test func aKilledLineGoesOn() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = folder.appendingPathComponent("log").path
    for wait in ["0.5", "0.7", "0.9"] {
      _ = try Executable.shell(
        "timeout -s KILL \(wait) inspect run samples/surface/recipe.json5 "
          + "--camera 'synthetic:surface?fps=100' --json --log \(log) >/dev/null; true",
        in: Executable.checkout)
    }
    let last = try Executable.run(
      ["run", "samples/surface/recipe.json5", "--camera", "synthetic:surface?fps=0", "--parts", "3",
        "--json", "--log", log])
    #expect(last.status == 0, "\(last.errors)")
    let verify = try Executable.run(["log", "verify", "--json", log])
    #expect(try verify.json()["ok"] as? Bool == true)
    let ids = try records(Executable.run(["log", "export", "--type", "part", log]))
      .compactMap { $0["result_id"] as? Int }
    #expect(ids == Array(1...max(1, ids.count)) && ids.count > 3)
  }

  @Test func twoCamerasWorkInOneLine() throws {
    let result = try Executable.run(
      ["run", "samples/surface/recipe.json5", "--camera", "synthetic:surface?fps=0&seed=1",
        "--camera", "synthetic:surface?fps=0&seed=2", "--parts", "20", "--json"])
    let parts = try records(result).filter { $0["type"] as? String == "part" }
    #expect(parts.count == 20)
    #expect(Set(parts.compactMap { $0["camera"] as? String }).count == 2)
  }

  @Test(arguments: ["board", "surface"]) func theSamplesPassTheirTests(sample: String) throws {
    let result = try Executable.run(["recipe", "test", "samples/\(sample)/recipe.json5"])
    #expect(result.status == 0 && result.output.contains("4 passed, 0 failed"))
  }

  @Test func synthTellsTheTruthOfWhatItWrites() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Executable.run(
      ["synth", "surface", "-n", "5", "-o", folder.path, "--seed", "4", "--defects", "0.5"])
    #expect(result.status == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == (0..<5).map { "00000\($0).png" } + ["gt.jsonl", "reference.png"])
    let truth = try String(contentsOf: folder.appendingPathComponent("gt.jsonl"), encoding: .utf8)
    #expect(truth.split(separator: "\n").count == 5)
  }
}
