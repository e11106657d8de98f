import Foundation
import ImageFiles
import Testing
import VisionCore
import VisionImage

@Suite struct OperatorVerbTests {
  @Test func everyOperatorIsListedAsTheContractSays() throws {
    let result = try Executable.run(["op", "--list", "--json"])
    #expect(result.lines.count == OperatorRegistry.all.count)
    for i in result.lines.indices {
      let object = try result.json(i)
      #expect(Set(object.keys) == ["name", "options", "engines"])
      #expect((object["engines"] as? [String: Bool])?["native"] == true)
    }
  }

  @Test(arguments: [
    "gaussian --size 5", "box --size 15", "erode --size 3", "threshold --value 100 --type tozero",
  ])
  func enginesWriteTheSamePicture(settings: String) throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var pictures: [String: Raster] = [:]
    for engine in ["reference", "native", "opencv"] {
      let out = folder.appendingPathComponent("\(engine).png").path
      let words = ["op"] + settings.split(separator: " ").map(String.init)
      let result = try Executable.run(
        words + ["-i", "samples/surface/000001.png", "-o", out, "--engine", engine])
      if engine == "opencv", result.status == 4 {
        print("skipped: \(result.errors)")
        continue
      }
      #expect(result.status == 0, "\(result.errors)")
      pictures[engine] = try ImageFiles.read(out)
    }
    for (engine, picture) in pictures {
      let why = Agreement.disagreement(
        (picture.view, []), (pictures["reference"]?.view, []), within: .levels(1))
      #expect(why == nil, "\(engine)")
    }
  }

  @Test func sixteenBitsStaySixteenBits() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let deep = Image<UInt16>(width: 70, height: 20) { x, y in UInt16(x * 900 + y) }
    let path = folder.appendingPathComponent("deep.png").path
    try ImageFiles.write(deep.raster.view, to: path)
    let out = folder.appendingPathComponent("out.tif").path
    let result = try Executable.run(["op", "box", "--size", "3", "-i", path, "-o", out])
    #expect(result.status == 0)
    #expect(try ImageFiles.read(out).format == .u16)
    let histogram = try Executable.run(["op", "histogram", "-i", path])
    #expect(histogram.status == 2 && histogram.errors.contains("only on u8"))
  }

  @Test func aRegionLeavesTheOtherPixelsAsTheyAre() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let out = folder.appendingPathComponent("out.png").path
    let sample = "samples/surface/000001.png"
    let result = try Executable.run(
      ["op", "not", "-i", sample, "-o", out, "--region", "circle:40,30,20"])
    #expect(result.status == 0, "\(result.errors)")
    let before = try #require(Image<UInt8>(try ImageFiles.read(sample, colour: .grey)))
    let after = try #require(Image<UInt8>(try ImageFiles.read(out)))
    for (x, y) in [(40, 30), (60, 30), (40, 11)] { #expect(after[x, y] == ~before[x, y]) }
    for (x, y) in [(61, 30), (0, 0), (55, 45)] { #expect(after[x, y] == before[x, y]) }
    // The same pixels as a mask.
    let mask = folder.appendingPathComponent("mask.png").path
    let drawn = Region.circle(around: PixelPoint(x: 40, y: 30), radius: 20)
    try ImageFiles.write(
      drawn.mask(width: before.width, height: before.height).raster.view, to: mask)
    for name in ["stats", "histogram", "otsu"] {
      let words = ["op", name, "-i", sample, "--region"]
      let a = try Executable.run(words + ["circle:40,30,20"])
      let b = try Executable.run(words + ["mask:\(mask)"])
      let all = try Executable.run(["op", name, "-i", sample])
      #expect(a.status == 0 && a.lines == b.lines && a.lines != all.lines)
    }
    for (words, status) in [
      (["not", "-o", out, "--region", "circel:1,2,3"], 2), (["not", "-o", out, "--region", "circle:1,2"], 2),
      (["resize", "--size", "9x9", "-o", out, "--region", "circle:9,9,3"], 2),
      (["not", "-o", out, "--region", "mask:/nowhere.png"], 3), (["stats", "--region", "rect:9000,0,5,5"], 2),
    ] {
      #expect(try Executable.run(["op"] + words + ["-i", sample]).status == Int32(status), "\(words)")
    }
  }

  @Test func realPixelsStayReal() throws {
    let folder = try Executable.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("real.tif").path
    let out = folder.appendingPathComponent("out.tif").path
    let plane = Image<Float>(width: 70, height: 20) { x, y in Float(x) * 0.125 - Float(y) }
    try ImageFiles.write(plane.raster.view, to: path)
    let sobel = try Executable.run(["op", "sobel", "-i", path, "-o", out])
    #expect(sobel.status == 0, "\(sobel.errors)")
    let slope = try #require(Image<Float>(try ImageFiles.read(out)))
    #expect(slope[35, 10] == 1 && slope[0, 10] == 0)
    #expect(try Executable.run(["op", "canny", "--low", "1", "--high", "2", "-i", path, "-o", out]).status == 2)
    #expect(try Executable.run(["op", "not", "-i", path, "-o", out]).status == 2)
  }

  @Test(arguments: [
    ("stats", ["mean", "stddev", "min", "max"]), ("otsu", ["value"]), ("histogram", ["bins"]),
  ])
  func numbersAreOneObject(name: String, keys: [String]) throws {
    let result = try Executable.run(["op", name, "-i", "samples/board/000000.png"])
    #expect(result.status == 0 && result.lines.count == 1)
    #expect(Set(try result.json().keys) == Set(keys))
  }

  @Test func aMissingSecondSourceIsToldAndAutoGoesOn() throws {
    let gone = ["INSPECT_PLUGINS": "/nowhere"]
    let doctor = try Executable.run(["doctor", "--json"], environment: gone)
    #expect(doctor.status == 0)
    #expect((try doctor.json()["engines"] as? [String: Any])?["opencv"] is NSNull)
    let words = ["op", "stats", "-i", "samples/board/000000.png", "--engine"]
    #expect(try Executable.run(words + ["auto"], environment: gone).status == 0)
    let forced = try Executable.run(words + ["opencv"], environment: gone)
    #expect(forced.status == 4 && forced.errors.contains("libOpenCVEngine.so is not in /nowhere"))
  }

  @Test(arguments: InstructionSet.available) func theInstructionSetIsHonoured(set: InstructionSet) throws {
    let result = try Executable.run(["doctor", "--json"], environment: ["INSPECT_ISA": set.rawValue])
    #expect(try result.json()["isa"] as? String == set.rawValue)
  }

  /// The second source costs nothing until it is asked for.
  @Test func noOpenCVIsLinkedToTheProgram() throws {
    let result = try Executable.shell("ldd \(Executable.path)", in: Executable.checkout)
    #expect(result.status == 0 && !result.output.contains("opencv"))
  }

  /// Real and deliberately broken files, where the collection is at hand.
  @Test func badInputsAreDecodedOrRefused() throws {
    let shared = ProcessInfo.processInfo.environment["INSPECT_SHARED"]
      ?? Executable.checkout.appendingPathComponent("../shared").path
    let folder = shared + "/data/bad_input"
    guard let list = try? String(contentsOfFile: folder + "/gt.jsonl", encoding: .utf8) else {
      print("skipped: no \(folder)")
      return
    }
    for line in list.split(separator: "\n") {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let image = try #require(object["image"] as? String)
      let result = try Executable.run(["op", "stats", "-i", folder + "/" + image])
      let isRefused = result.status != 0
      #expect((0...3).contains(result.status), "\(image)")
      #expect(!isRefused || result.errors.filter { $0 == "\n" }.count == 1, "\(image)")
      switch object["expect"] as? String {
      case "decode": #expect(!isRefused, "\(image): \(result.errors)")
      case "reject": #expect(isRefused, "\(image)")
      default: break
      }
    }
  }
}
