import Foundation
import Testing

/// The calibrate verbs on the sample pictures, with one engine, with the other, with both.
@Suite struct CalibrationVerbTests {
  private static let views = (1...8).map { "samples/calibration/view0\($0).png" }
  private static let plate = ["--grid", "9x6", "--pitch", "5"]
  private static let lines: [[String]] = [
    ["camera"] + plate + views,
    ["plane", views[0], "--calibration", "samples/calibration/camera.json"] + plate,
    ["points", "--pairs", "samples/calibration/points.jsonl"],
    ["hand-eye", "--pairs", "samples/calibration/poses.jsonl"],
  ]

  private func calibrate(
    _ line: [String], _ more: [String], environment: [String: String] = [:]
  ) throws -> (result: Executable.Result, isWritten: Bool) {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("out.json").path
    let result = try Executable.run(
      ["calibrate"] + line + ["-o", file, "--json"] + more, environment: environment)
    return (result, FileManager.default.fileExists(atPath: file))
  }

  private func number(_ json: Any?, _ path: String...) -> Double? {
    path.reduce(json) { ($0 as? [String: Any])?[$1] } as? Double
  }

  @Test(arguments: lines) func bothEnginesAgree(line: [String]) throws {
    let (result, isWritten) = try calibrate(line, ["--cross-check"])
    if result.errors.contains("OpenCV's calibration is not here") {
      print("skipped: \(line[0]): \(result.errors)")
      return
    }
    #expect(result.status == 0 && isWritten, "\(result.errors)")
    let check = try #require(try result.json()["cross_check"] as? [String: Any])
    #expect(check["engine"] as? String == "opencv")
    switch line[0] {
    case "camera":
      // The plate has not been in the corners of the picture, where models go their own ways.
      #expect(try #require(number(check, "marks_px", "rms")) < 0.05)
      #expect(try #require(number(check, "model_px", "rms")) < 0.7)
      #expect(try #require(number(check, "model_of_same_marks_px", "rms")) < 0.2)
    case "hand-eye":
      let poses = try #require(check["poses"] as? [[String: Any]])
      #expect(poses.count == 5)
      #expect(poses.allSatisfy { number($0, "mm") ?? 9 < 1 && number($0, "deg") ?? 9 < 0.2 }, "\(poses)")
    default:
      #expect(try #require(number(check, "map_mm", "max")) < 0.05)
    }
    let other = try calibrate(line, ["--engine", "opencv"]).result
    #expect(other.status == 0, "\(other.errors)")
    #expect(try other.json()["engine"] as? String == "opencv")
  }

  @Test func withoutTheLibraryOnlyWhatNeedsItIsRefused() throws {
    let without = ["INSPECT_PLUGINS": "/nowhere"]
    for line in Self.lines.suffix(2) {
      let auto = try calibrate(line, ["--engine", "auto"], environment: without)
      #expect(auto.result.status == 0 && auto.isWritten)
      let asked = try calibrate(line, ["--engine", "opencv"], environment: without)
      #expect(asked.result.status == 2 && !asked.isWritten)
      #expect(asked.result.errors.contains("libOpenCVCalibration.so is not in /nowhere"))
      let both = try calibrate(line, ["--cross-check"], environment: without)
      #expect(both.result.status == 4 && !both.isWritten && both.result.errors.contains("cannot cross-check"))
    }
  }

  @Test func theAxisOfTheToolIsFound() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("turns.jsonl")
    let sights = (0..<6).map { i -> String in
      let degrees = 30 * Double(i), a = degrees * .pi / 180
      return "{\"pixel\":[\(250 + 90 * cos(a)),\(180 - 90 * sin(a))],\"angle\":\(degrees)}"
    }
    try Data(sights.joined(separator: "\n").utf8).write(to: file)
    let line = ["points", "--pairs", "samples/calibration/points.jsonl", "--kind", "similarity"]
    let (result, _) = try calibrate(line, ["--rotation", file.path])
    #expect(result.status == 0, "\(result.errors)")
    let rotation = try #require(try result.json()["rotation"] as? [String: Any])
    let pixel = try #require(rotation["pixel"] as? [Double])
    #expect(abs(pixel[0] - 250) < 1e-6 && abs(pixel[1] - 180) < 1e-6)
    try Data(sights[0].utf8).write(to: file)
    let refused = try calibrate(line, ["--rotation", file.path])
    #expect(refused.result.status == 2 && !refused.isWritten)
    #expect(refused.result.errors.contains("at least 3 are needed"))
  }
}
