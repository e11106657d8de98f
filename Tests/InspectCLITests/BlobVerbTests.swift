import Foundation
import ImageFiles
import Testing
import VisionCore
import VisionImage

@Suite struct BlobVerbTests {
  static let keys: Set = [
    "area", "x", "y", "box", "holes", "perimeter", "circularity", "orientation", "major", "minor",
    "eccentricity", "convexity", "rectangularity", "feret", "min_rect", "mean", "min", "max",
    "contrast",
  ]

  /// Three bright rectangles on grey: 4x2 at (3, 1), 10x10 at (20, 5) with a hole of 2x2, 1x1 at
  /// (50, 20).
  private func picture() throws -> (folder: URL, path: String) {
    let folder = try Executable.temporaryFolder()
    let image = Image<UInt8>(width: 64, height: 32) { x, y in
      if (3..<7).contains(x) && (1..<3).contains(y) { return 200 }
      if (24..<26).contains(x) && (8..<10).contains(y) { return 40 }
      if (20..<30).contains(x) && (5..<15).contains(y) { return 220 }
      return x == 50 && y == 20 ? 130 : 40
    }
    let path = folder.appendingPathComponent("in.png").path
    try ImageFiles.write(image.raster.view, to: path)
    return (folder, path)
  }

  @Test(arguments: ["native", "reference", "opencv", "auto"])
  func figuresAreThoseOfTheContract(engine: String) throws {
    let (folder, path) = try picture()
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Executable.run(
      ["blobs", "-i", path, "--threshold", "100", "--engine", engine])
    if engine == "opencv", result.status == 4 {
      print("skipped: \(result.errors)")
      return
    }
    #expect(result.status == 0 && result.lines.count == 3, "\(result.errors)")
    for i in 0..<3 { #expect(Set(try result.json(i).keys) == Self.keys) }
    let bar = try result.json(0)
    #expect(bar["area"] as? Int == 8 && bar["x"] as? Double == 4.5 && bar["y"] as? Double == 1.5)
    #expect(bar["box"] as? [String: Int] == ["x": 3, "y": 1, "w": 4, "h": 2])
    #expect(bar["min_rect"] as? [String: Double] == ["x": 4.5, "y": 1.5, "w": 3, "h": 1, "angle": 0])
    #expect(bar["mean"] as? Int == 200 && bar["contrast"] as? Int == 160)
    #expect(bar["rectangularity"] as? Int == 1 && bar["holes"] as? Int == 0)
    let square = try result.json(1)
    #expect(square["area"] as? Int == 96 && square["holes"] as? Int == 1)
    let dot = try result.json(2)
    #expect(dot["perimeter"] as? Int == 0 && dot["circularity"] as? Int == 0)
  }

  @Test(arguments: [
    ("--otsu --sort area", [96, 8, 1]), ("--threshold 100 --fill-holes --sort area", [100, 8, 1]),
    ("--threshold 100 --sort area --limit 1", [96]), ("--threshold 100 --sort x", [8, 96, 1]),
    ("--threshold 100 --min-area 2 --max-area 50", [8]), ("--threshold 250", []),
    ("--dark --threshold 100 --max-area 4", [4]), ("", [2048]), ("--adaptive 31,-60 --min-area 9", [96]),
  ])
  func optionsChoose(options: String, areas: [Int]) throws {
    let (folder, path) = try picture()
    defer { try? FileManager.default.removeItem(at: folder) }
    let words = options.split(separator: " ").map(String.init)
    let result = try Executable.run(["blobs", "-i", path] + words)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.lines.indices.map { try result.json($0)["area"] as? Int } == areas)
  }

  @Test(arguments: [
    (["--otsu", "--threshold", "3"], "exclude each other"), (["--bright", "--dark"], "exclude"),
    (["--adaptive", "4,1"], "SIZE is odd"), (["--min-area", "5", "--max-area", "2"], "larger"),
    (["--connectivity", "6"], "one of 4, 8"), (["--treshold", "3"], "--threshold"),
  ])
  func mistakesAreTold(words: [String], why: String) throws {
    let result = try Executable.run(["blobs", "-i", "samples/board/000000.png"] + words)
    #expect(result.status == 2 && result.errors.contains(why), "\(result.errors)")
  }

  @Test func picturesAreAnnotated() throws {
    let (folder, path) = try picture()
    defer { try? FileManager.default.removeItem(at: folder) }
    let out = folder.appendingPathComponent("out.png").path
    let result = try Executable.run(["blobs", "-i", path, "--threshold", "100", "--annotate", out])
    #expect(result.status == 0)
    let picture = try ImageFiles.read(out)
    #expect(picture.format == .rgb8 && picture.width == 64)
    #expect(
      try Executable.run(["blobs", "-i", "/nowhere.png"]).status == 3
        && Executable.run(["blobs", "-i", path, "--annotate", "/nowhere/x.png"]).status == 4)
  }
}
