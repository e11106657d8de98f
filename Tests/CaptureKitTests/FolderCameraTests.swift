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

  /// The same faults as the synthetic camera has, by the same words.
  @Test func faultsOnDemand() throws {
    try withFolder { folder in
      let camera = try CameraKind.open(
        "folder:\(folder)?loop=1&drop=0.2&corrupt=0.2&incomplete=0.2&unplug=10&stall=20,0.05&seed=4")
      try camera.start()
      var counters = CaptureCounters()
      var losses = 0
      while counters.delivered < 30 {
        do throws(CaptureError) {
          if let frame = try camera.next(until: .now + 0.02) { counters.count(frame) }
        } catch {
          guard case .lost = error else { throw error }
          losses += 1
          try camera.start()
        }
      }
      #expect(losses == 1 && counters.isConsistent)
      #expect(counters.dropped > 0 && counters.corrupt > 0 && counters.incomplete > 0)
    }
  }

  @Test func filesComeAsFarApartAsTheyWereWritten() throws {
    try withFolder { folder in
      for (i, name) in ["a.pgm", "b.pgm", "deeper/c.pgm"].enumerated() {
        let time = timespec(tv_sec: 1_700_000_000, tv_nsec: [0, 50, 200][i] * 1_000_000)
        utimensat(AT_FDCWD, folder + "/" + name, [time, time], 0)
      }
      let camera = try CameraKind.open("folder:\(folder)?timing=recorded")
      try camera.start()
      let times = try (0..<3).map { _ in try #require(try camera.next(until: .now + 1)).captured }
      #expect(times[1] - times[0] >= 0.049 && times[2] - times[1] >= 0.149)
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
