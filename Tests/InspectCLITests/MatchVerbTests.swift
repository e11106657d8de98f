import Foundation
import Testing

/// Matching as a person asks for it, on rendered parts.
@Suite struct MatchVerbTests {
  @Test func onlyTheRegionIsSearchedAndInTime() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let made = try Executable.run(
      ["synth", "parts", "-n", "1", "-o", folder.path, "--seed", "3", "--defects", "0"])
    #expect(made.status == 0, "\(made.errors)")
    let line = try Data(contentsOf: folder.appendingPathComponent("gt.jsonl"))
    let truth = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    let poses = try #require(truth["matches"] as? [[String: Double]])
    #expect(poses.count == 4 && poses.allSatisfy { Set($0.keys) == ["x", "y", "angle", "scale"] })

    let search = ["match", "-t", "template.png", "-i", "000000.png", "--method", "shape", "--angles", "-180,180"]
    let whole = try Executable.run(search, in: folder)
    #expect((try whole.json()["matches"] as? [Any])?.count == 4, "\(whole.output)")

    let first = poses[0], x = try #require(first["x"]), y = try #require(first["y"])
    let region = "\(Int(x) - 84),\(Int(y) - 84),168,168"
    let part = try Executable.run(search + ["--roi", region], in: folder)
    let found = try #require(try part.json()["matches"] as? [[String: Double]], "\(part.errors)")
    #expect(found.count == 1)
    #expect(abs((found.first?["x"] ?? 0) - x) < 0.3 && abs((found.first?["y"] ?? 0) - y) < 0.3)

    let late = try Executable.run(search + ["--timeout", "0.1"], in: folder)
    #expect(late.status == 3 && late.errors.contains("longer than 0.1 ms"), "\(late.errors)")
    let outside = try Executable.run(search + ["--roi", "5000,5000,9,9"], in: folder)
    #expect(outside.status == 3 && outside.errors.contains("--roi lies outside"), "\(outside.errors)")
    let wrong = try Executable.run(search + ["--roi", "1,2,3"], in: folder)
    #expect(wrong.status == 2)
  }
}
