import CaptureKit
import ImageFiles
import Testing
import Threading
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct FolderCameraTests {
  /// A folder with b.pgm, broken a.pgm and deeper/c.pgm, gone after the test.
  private func withFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/folder-camera-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let files = ["a.pgm", "b.pgm", "deeper/c.pgm", "notes.txt"].map { folder + "/" + $0 }
    defer {
      files.forEach { unlink($0) }
      rmdir(folder + "/deeper")
      rmdir(folder)
    }
    mkdir(folder + "/deeper", 0o700)
    let picture = Image<UInt8>(width: 6, height: 4) { x, y in UInt8(10 * x + y) }
    try AtomicFile.write(Array("P5 6 4 255 cut".utf8), to: files[0])
    try ImageFiles.write(picture.view.raster, to: files[1])
    try ImageFiles.write(picture.view.raster, to: files[2])
    try AtomicFile.write(Array("no picture".utf8), to: files[3])
    try body(folder)
  }

  @Test func filesComeInOrderAndBrokenOnesAreCorrupt() throws {
    try withFolder { folder in
      let camera = try CameraKind.open("folder:" + folder)
      try camera.start()
      var counters = CaptureCounters()
      var seen: [String] = []
      for _ in 0..<3 {
        let frame = try #require(try camera.next(until: .now + 1))
        counters.count(frame)
        seen.append((frame.status == .good ? "good " : "bad ") + (frame.source ?? "").dropFirst(folder.count))
      }
      #expect(seen == ["bad /a.pgm", "good /b.pgm", "good /deeper/c.pgm"])
      #expect(counters.isConsistent && counters.delivered == 2 && counters.corrupt == 1)
      #expect(throws: CaptureError.ended) { try camera.next(until: .now + 1) }
    }
  }

  @Test func aLoopBeginsAgain() throws {
    try withFolder { folder in
      let camera = try CameraKind.open("folder:\(folder)?loop=1&fps=1000")
      try camera.start()
      let frames = try (0..<7).map { _ in try #require(try camera.next(until: .now + 1)) }
      #expect(frames.map(\.sequence) == Array(0..<7))
      #expect(frames[0].source == frames[3].source && frames[3].source == frames[6].source)
    }
  }

  @Test func aFolderWithoutPicturesIsAnError() throws {
    try withFolder { folder in
      unlink(folder + "/deeper/c.pgm")
      #expect { try CameraKind.open("folder:\(folder)/deeper") } throws: {
        "\($0)".contains("no pictures in the folder")
      }
    }
  }
}
