import Foundation
import Testing

@Suite struct CameraVerbTests {
  @Test(arguments: ["", "&drop=0.2", "&corrupt=0.2", "&incomplete=0.2&drop=0.1", "&unplug=5"])
  func everyPictureOfAGrabIsAccountedFor(faults: String) throws {
    let folder = try Executable.temporaryFolder()
    let result = try Executable.run(
      ["camera", "grab", "synthetic:surface?size=256&fps=0" + faults, "-n", "20", "-o", "out",
        "--json"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let summary = try result.json(result.lines.count - 1)
    func number(_ key: String) throws -> Int { try #require(summary[key] as? Int, "\(key)") }
    #expect(try number("delivered") == 20)
    let counted = try ["delivered", "dropped", "corrupt", "incomplete"].map(number).reduce(0, +)
    #expect(try counted == number("last_sequence") - number("first_sequence") + 1)
    #expect(try number("starved") <= number("dropped"))
    #expect((try number("dropped") > 0) == faults.contains("drop"))
    #expect((try number("corrupt") > 0) == faults.contains("corrupt"))
    #expect((try number("incomplete") > 0) == faults.contains("incomplete"))
    #expect(summary["size"] as? String == "256x256" && summary["format"] as? String == "Mono8")
    let files = try FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent("out").path)
    #expect(files.count == 20 && files.allSatisfy { $0.hasSuffix(".png") })
  }

  @Test func rawFilesHoldThePixels() throws {
    let folder = try Executable.temporaryFolder()
    let result = try Executable.run(
      ["camera", "grab", "synthetic:surface?size=256&fps=0", "-n", "2", "-o", "out", "--raw"],
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let data = try Data(contentsOf: folder.appendingPathComponent("out/000001.raw"))
    #expect(data.count == 256 * 256)
  }

  @Test(arguments: [
    (["camera", "grab", "v4l2:/dev/video987", "-n", "1"], 4, "there is no /dev/video987"),
    (["camera", "grab", "v4l2:no-such-serial", "-n", "1"], 4, "no camera is called"),
    (["camera", "grab", "synthetic:surface?drop=1&fps=0&size=256", "--patience", "0.5"], 4, "no good picture"),
    (["camera", "grab", "synthetic:surface?fpz=3"], 2, "did you mean 'fps'"),
    (["camera", "grab", "vl4l2:/dev/video0"], 2, "v4l2"),
    (["camera", "set", "synthetic:board", "fps=-3"], 2, "fps"),
    (["camera", "set", "synthetic:board", "nonsense=3"], 2, "nonsense"),
    (["camera", "set", "synthetic:board", "fps"], 2, "NAME=VALUE"),
  ] as [([String], Int32, String)])
  func mistakesAreToldInOneLine(words: [String], status: Int32, says: String) throws {
    let result = try Executable.run(words)
    #expect(result.status == status, "\(result.errors)")
    let lines = result.errors.split(separator: "\n").filter { $0.contains("error:") }
    #expect(lines.count == 1 && lines[0].contains(says), "\(result.errors)")
  }

  @Test func controlsAreSetAndReadBack() throws {
    let set = try Executable.run(["camera", "set", "synthetic:board", "fps=50", "--json"])
    #expect(try set.json()["fps"] as? Int == 50)
    let probe = try Executable.run(["camera", "probe", "synthetic:board", "--json"])
    let report = try probe.json()
    #expect((report["formats"] as? [[String: Any]])?.first?["format"] as? String == "Mono8")
    #expect((report["controls"] as? [[String: Any]])?.isEmpty == false)
  }
}
