import Foundation
import Testing

/// Batches of rendered parts, as scripts run them.
@Suite struct BatchTests {
  private static let recipe = Executable.checkout.appendingPathComponent(
    "samples/surface/recipe.json5"
  ).path

  /// A folder with pictures in two folders below it, of the sample's size.
  private func folder(parts: Int) throws -> URL {
    let folder = try Executable.temporaryFolder()
    for (name, seed) in [("b", 1), ("a", 2)] {
      let synth = try Executable.run(
        ["synth", "surface", "-n", "\(parts / 2)", "-o", "parts/\(name)", "--seed", "\(seed)"],
        in: folder)
      #expect(synth.status == 0, "\(synth.errors)")
      try FileManager.default.removeItem(
        at: folder.appendingPathComponent("parts/\(name)/reference.png"))
    }
    return folder
  }

  private func batch(_ arguments: [String], in folder: URL) throws -> Executable.Result {
    try Executable.run(["batch", Self.recipe, "parts", "--no-progress"] + arguments, in: folder)
  }

  private func text(_ name: String, in folder: URL) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  /// The records without what differs from run to run.
  private func records(_ name: String, in folder: URL) throws -> [String] {
    try text(name, in: folder).split(separator: "\n").map { line in
      let any = try JSONSerialization.jsonObject(with: Data(line.utf8))
      var record = try #require(any as? [String: Any])
      for key in ["time", "elapsed_ms", "tool_ms"] { record[key] = nil }
      let bytes = try JSONSerialization.data(withJSONObject: record, options: .sortedKeys)
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test func recordsAreTheSameForAnyNumberOfJobsShardsAndInstructionSets() throws {
    let folder = try folder(parts: 24)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try batch(["-o", "one.jsonl", "--jobs", "1"], in: folder).status == 0)
    let one = try records("one.jsonl", in: folder)
    #expect(
      one.count == 24 && one.contains { $0.contains("\"NG\"") }
        && one.contains { $0.contains("\"OK\"") })
    // The paths are in order, those of the folder that was written last first.
    #expect(one[0].contains("parts\\/a\\/000000.png") && one[23].contains("parts\\/b\\/000011.png"))

    #expect(try batch(["-o", "two.jsonl", "--jobs", "3"], in: folder).status == 0)
    #expect(try records("two.jsonl", in: folder) == one)

    let baseline = try Executable.run(
      ["batch", Self.recipe, "parts", "--no-progress", "-o", "old.jsonl"], in: folder,
      environment: ["INSPECT_ISA": "baseline"])
    #expect(baseline.status == 0)
    #expect(try records("old.jsonl", in: folder) == one)

    for shard in [2, 0, 1] {
      #expect(try batch(["-o", "shards", "--shard", "\(shard)/3"], in: folder).status == 0)
    }
    let merge = ["merge", "shards", "-o", "merged.jsonl"]
    #expect(try Executable.run(merge, in: folder).status == 0)
    #expect(try records("merged.jsonl", in: folder) == one)

    // A shard that is missing is named, and the old file stays as it is.
    let files = FileManager.default
    try files.removeItem(at: folder.appendingPathComponent("shards/part-1-of-3.jsonl"))
    let missing = try Executable.run(merge, in: folder)
    #expect(missing.status == 1 && missing.errors.contains("part-1-of-3.jsonl"))
    #expect(try records("merged.jsonl", in: folder) == one)
    // One by another recipe does not fit the others.
    let path = folder.appendingPathComponent("shards/part-1-of-3.jsonl")
    let other = try text("shards/part-0-of-3.jsonl", in: folder)
      .replacingOccurrences(of: "\"recipe_hash\":\"", with: "\"recipe_hash\":\"0")
    try other.write(to: path, atomically: true, encoding: .utf8)
    let foreign = try Executable.run(merge, in: folder)
    #expect(foreign.status == 1 && foreign.errors.contains("part-0-of-3.jsonl and part-1-of-3.jsonl"))
    try files.removeItem(at: path)
    // So is one that is there twice.
    try files.copyItem(
      at: folder.appendingPathComponent("shards/part-0-of-3.jsonl"),
      to: folder.appendingPathComponent("shards/part-1-of-3.jsonl"))
    let doubled = try Executable.run(merge, in: folder)
    #expect(doubled.status == 1 && doubled.errors.contains("in two shards"))
  }

  /// Killed at moments that nobody chose, taken up again, and in the end the same file.
  @Test func aBatchThatIsKilledGoesOn() throws {
    let folder = try folder(parts: 40)
    defer { try? FileManager.default.removeItem(at: folder) }
    let clock = ContinuousClock(), start = clock.now
    #expect(try batch(["-o", "whole.jsonl", "--jobs", "1"], in: folder).status == 0)
    let seconds = (clock.now - start) / .seconds(1)
    var kills = 0, random = SystemRandomNumberGenerator()
    var waits: [Double] = []
    for _ in 0..<40 {
      // The first time well before the end, on a fast computer too.
      let share = Double.random(in: 0.1...(waits.isEmpty ? 0.5 : 0.9), using: &random)
      waits.append(max(0.01, share * seconds))
      let run = try Executable.shell(
        "timeout -s KILL \(waits[waits.count - 1]) inspect batch \(Self.recipe) parts -o killed.jsonl "
          + "--resume --no-progress --jobs 1; echo $?", in: folder)
      if run.lines.last == "137" { kills += 1 } else { break }
    }
    #expect(kills > 0, "never killed: \(waits)")
    #expect(try batch(["-o", "killed.jsonl", "--resume"], in: folder).status == 0)
    let killed = try records("killed.jsonl", in: folder),
      whole = try records("whole.jsonl", in: folder)
    #expect(killed == whole, "killed after \(waits)")
  }

  /// The torn line of a run that was killed while it wrote is written again.
  @Test func aTornLineIsWrittenAgain() throws {
    let folder = try folder(parts: 6)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try batch(["-o", "whole.jsonl"], in: folder).status == 0)
    let whole = try text("whole.jsonl", in: folder)
    try String(whole.prefix(whole.count / 2)).write(
      to: folder.appendingPathComponent("torn.jsonl.part"), atomically: true, encoding: .utf8)
    #expect(try batch(["-o", "torn.jsonl", "--resume"], in: folder).status == 0)
    #expect(try records("torn.jsonl", in: folder) == records("whole.jsonl", in: folder))
    let leftover = folder.appendingPathComponent("torn.jsonl.part").path
    #expect(!FileManager.default.fileExists(atPath: leftover))
  }

  @Test func aDamagedFileIsARecordAndTheRestGoesOn() throws {
    let folder = try folder(parts: 6)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bytes = try Data(contentsOf: folder.appendingPathComponent("parts/a/000001.png"))
    try bytes.prefix(bytes.count / 2).write(
      to: folder.appendingPathComponent("parts/a/000001x.png"))
    let result = try batch(["-o", "results.jsonl", "--exit-code"], in: folder)
    #expect(result.status == 3, "\(result.errors)")
    let lines = try text("results.jsonl", in: folder).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.count == 7)
    for line in lines {
      let isDamaged = line["image"] as? String == "parts/a/000001x.png"
      #expect(line["status"] as? String == (isDamaged ? "error" : "ok"))
      #expect((line["verdict"] as? String == "FAULT") == isDamaged)
      #expect((line["error"] as? String)?.isEmpty == (isDamaged ? false : nil))
    }
  }

  /// Foreign and broken files of every format: what each must be is known; the others stay as they are.
  @Test func badFilesInTheMiddleHarmNobody() throws {
    let shared = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["INSPECT_SHARED"] ?? "../shared",
      relativeTo: Executable.checkout
    ).appendingPathComponent("data/bad_input")
    guard let truth = try? String(contentsOf: shared.appendingPathComponent("gt.jsonl"), encoding: .utf8)
    else {
      print("skipped: no data/bad_input in INSPECT_SHARED or ../shared")
      return
    }
    let folder = try folder(parts: 8)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try Executable.run(["recipe", "new", "-o", "any.json5"], in: folder).status == 0)
    func run(_ output: String) throws -> Int32 {
      try Executable.run(
        ["batch", "any.json5", "parts", "--no-progress", "--jobs", "2", "-o", output], in: folder
      ).status
    }
    #expect(try run("without.jsonl") == 0)
    try FileManager.default.createSymbolicLink(
      at: folder.appendingPathComponent("parts/ab"), withDestinationURL: shared)
    #expect(try run("with.jsonl") == 3)
    var bad: [String: String] = [:], others: [String] = []
    for line in try records("with.jsonl", in: folder) {
      let any = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let record = try #require(any as? [String: Any])
      let image = try #require(record["image"] as? String)
      if image.hasPrefix("parts/ab/") {
        bad[String(image.dropFirst("parts/ab/".count))] = record["status"] as? String
      } else {
        others.append(line)
      }
    }
    #expect(others == (try records("without.jsonl", in: folder)))
    let able = ["decode": ["ok"], "reject": ["error"], "either": ["ok", "error"]]
    var known = 0
    for line in truth.split(separator: "\n") {
      let any = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let file = try #require(any as? [String: String])
      let image = file["image"] ?? "", expect = file["expect"] ?? "", status = bad[image] ?? "no record"
      #expect(able[expect]?.contains(status) == true, "\(image): expected \(expect), got \(status)")
      known += 1
    }
    #expect(known > 0 && bad.count == known)
  }

  /// Two folders with pictures of the same names: neither's maps are written over the other's.
  @Test func outputsOfPicturesWithTheSameNameKeepApart() throws {
    let folder = try folder(parts: 4)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try Executable.run(
      ["batch", Self.recipe, "parts/a", "parts/b", "--no-progress", "--maps", "maps", "--annotate", "marked"],
      in: folder)
    #expect(run.status == 0, "\(run.errors)")
    let maps = Set(try (0..<4).map { try run.json($0)["map"] as? String })
    #expect(maps.count == 4 && !maps.contains(nil), "\(maps)")
    for map in maps {
      let path = folder.appendingPathComponent(map ?? "").path
      #expect(FileManager.default.fileExists(atPath: path))
      let marked = path.replacingOccurrences(of: "/maps/", with: "/marked/")
      #expect(FileManager.default.fileExists(atPath: marked))
    }
  }

  /// That is no fault of the picture.
  @Test(arguments: ["--maps", "--annotate"])
  func anOutputThatCannotBeWrittenEndsTheRun(option: String) throws {
    let folder = try folder(parts: 4)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try Executable.shell(
      "touch file; inspect batch \(Self.recipe) parts --no-progress \(option) file/below; echo $?",
      in: folder)
    #expect(run.lines == ["4"], "\(run.errors)")
    #expect(run.errors.contains("file/below"))
  }

  /// A picture that was read but not judged is no unreadable input: FAULT, and 1 where it is asked for.
  @Test func aLatePartIsAFault() throws {
    let folder = try folder(parts: 2)
    defer { try? FileManager.default.removeItem(at: folder) }
    try """
      { version: 1, name: "slow", deadline_ms: 1, tools: [
        { tool: "preprocess", operator: "median", size: 31 },
        { tool: "preprocess", operator: "bilateral", diameter: 25 }, { tool: "blob" } ] }
      """.write(to: folder.appendingPathComponent("slow.json5"), atomically: true, encoding: .utf8)
    let batch = ["batch", "slow.json5", "parts", "--no-progress"]
    let result = try Executable.run(batch, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    for i in 0..<2 {
      let record = try result.json(i)
      #expect(record["verdict"] as? String == "FAULT" && record["status"] as? String == "ok")
      #expect((record["error"] as? String)?.hasPrefix("late: ") == true)
    }
    #expect(try Executable.run(batch + ["--exit-code"], in: folder).status == 1)
  }

  /// Nobody writes to the pipe: opening it must not wait.
  @Test func aPipeIsNoPicture() throws {
    let folder = try folder(parts: 2)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Executable.shell(
      """
      mkfifo parts/a/pipe.png
      timeout 20 inspect batch \(Self.recipe) parts --no-progress; echo $?
      timeout 20 inspect batch \(Self.recipe) --paths-from <(echo parts/b/000000.png) --no-progress; echo $?
      """, in: folder)
    #expect(result.lines.count == 6 && result.lines[3] == "3" && result.lines[5] == "0", "\(result.errors)")
    #expect(result.lines[1].contains("a pipe or a device, not a file"))
  }

  @Test func whatChangedAgainstAnEarlierRunIsNamed() throws {
    let folder = try folder(parts: 6)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try batch(["-o", "old.jsonl"], in: folder).status == 0)
    #expect(try batch(["-o", "new.jsonl", "--against", "old.jsonl"], in: folder).status == 0)
    let old = try text("old.jsonl", in: folder)
      .replacingOccurrences(of: "\"verdict\":\"NG\"", with: "\"verdict\":\"OK\"")
    try old.write(to: folder.appendingPathComponent("old.jsonl"), atomically: true, encoding: .utf8)
    let changed = try batch(["-o", "new.jsonl", "--against", "old.jsonl"], in: folder)
    #expect(changed.status == 1 && changed.errors.contains("verdict was \"OK\", is \"NG\""))
  }

  /// Two runs that write the same file: the second is told to come back later.
  @Test func aFileThatAnotherRunWritesIsLocked() throws {
    let folder = try folder(parts: 2)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Executable.shell(
      "exec 8>busy.jsonl.part; flock 8; inspect batch \(Self.recipe) parts -o busy.jsonl; echo $?",
      in: folder)
    #expect(result.lines.last == "75", "\(result.errors)")
  }

  /// What the guide tells about several machines.
  @Test func theShardsOfParallelGiveTheWhole() throws {
    guard try Executable.shell("command -v parallel", in: Executable.checkout).status == 0 else {
      print("skipped: GNU parallel is not here")
      return
    }
    let folder = try folder(parts: 16)
    defer { try? FileManager.default.removeItem(at: folder) }
    let guide = try String(
      contentsOf: Executable.checkout.appendingPathComponent("Guides/batch.md"), encoding: .utf8)
    let command = try #require(
      guide.split(separator: "\n").first { $0.hasPrefix("parallel ") }, "the guide has no command")
    #expect(try batch(["-o", "whole.jsonl"], in: folder).status == 0)
    // A worker that dies on its first try, and one whose disk was full.
    let run = try Executable.shell(
      """
      export RECIPE=\(Self.recipe) IMAGES=parts OUT=out
      mkdir -p bin
      printf '%s\\n' '#!/bin/bash' 'case "$*" in' \
        '  *2/8*) [ -e killed ] || { touch killed; exec timeout -s KILL 0.01 \(Executable.path) "$@"; } ;;' \
        '  *3/8*) [ -e full ] || { touch full; exit 75; } ;;' \
        'esac' 'exec \(Executable.path) "$@"' > bin/inspect
      chmod +x bin/inspect
      export PATH=$PWD/bin:$PATH
      \(command)
      [ -e killed ] && [ -e full ]
      """, in: folder)
    #expect(run.status == 0, "\(run.errors)")
    let merge = try Executable.run(["merge", "out", "-o", "merged.jsonl"], in: folder)
    #expect(merge.status == 0, "\(merge.errors)")
    #expect(try records("merged.jsonl", in: folder) == records("whole.jsonl", in: folder))
  }
}

/// Records held against the truth, with maps and masks.
@Suite struct EvaluateTests {
  @Test func mapsAndMasksGiveFiguresOfPixelsATableAndAPage() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let synth = try Executable.run(
      ["synth", "surface", "-n", "12", "-o", "parts", "--seed", "3", "--defects", "0.5"], in: folder
    )
    #expect(synth.status == 0)
    // Boxes as masks: what is inside them is not all bad, so the figure is not 1.
    let file = folder.appendingPathComponent("parts/gt.jsonl")
    var truth: [String] = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let any = try JSONSerialization.jsonObject(with: Data(line.utf8))
      var record = try #require(any as? [String: Any])
      let boxes = record["defects"] as? [[String: Any]] ?? []
      var runs: [Int] = []
      for box in boxes {
        let x = box["x"] as? Int ?? 0, y = box["y"] as? Int ?? 0
        let w = box["w"] as? Int ?? 0, h = box["h"] as? Int ?? 0
        for row in y..<y + h { runs += [row * Self.width + x, w] }
      }
      record["mask_rle"] = ["size": [Self.height, Self.width], "runs": runs]
      truth.append(
        String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self))
    }
    try truth.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    let recipe = Executable.checkout.appendingPathComponent("samples/surface/recipe.json5").path
    let batch = try Executable.run(
      ["batch", recipe, "parts", "--maps", "maps", "-o", "results.jsonl", "--no-progress"],
      in: folder)
    #expect(batch.status == 0, "\(batch.errors)")
    let result = try Executable.run(
      [
        "evaluate", "--truth", "parts/gt.jsonl", "results.jsonl", "--json", "--csv", "t.csv",
        "--report", "t.html",
      ],
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let report = try result.json()
    #expect(report["auroc"] as? Double == 1 && report["f_max"] as? Double == 1)
    #expect(report["pixel_images"] as? Int == 12)
    let pixels = try #require(report["pixel_auroc"] as? Double)
    #expect(pixels > 0.55 && pixels < 1)
    let table = try String(contentsOf: folder.appendingPathComponent("t.csv"), encoding: .utf8)
    #expect(table.hasPrefix("image,truth,label,verdict,class,score,outcome\r\nparts/000000.png,"))
    #expect(table.components(separatedBy: "\r\n").count == 14)
    let page = try String(contentsOf: folder.appendingPathComponent("t.html"), encoding: .utf8)
    #expect(page.contains("<li id=\"auroc\">auroc: <b>1</b></li>") && page.contains("id=\"roc\""))
    #expect(page.contains("What went wrong: 0"))
  }

  /// Of the scene's own pictures.
  private static let width = 800, height = 600
}
