import Testing
import Threading
import VisionImage

@testable import CaptureKit

@Suite struct CameraURLTests {
  @Test(arguments: [
    ("synthetic", "begins with one of"), ("sinthetic:board", "did you mean 'synthetic'"),
    ("synthetic:bord", "did you mean 'board'"), ("synthetic:board?fsp=3", "did you mean 'fps'"),
    ("synthetic:board?fps=x", "a number from 0"), ("synthetic:board?fps=1&fps=2", "stands twice"),
    ("folder:/nowhere", "No such file"),
    ("v4l2:/dev/video99?format=GREY", "there is no /dev/video99"),
    ("gigge:1", "did you mean 'gige'"),
    ("synthetic:board?trigger=hard", "one of free, software"),
  ])
  func mistakesAreNamed(url: String, words: String) {
    #expect { try CameraKind.open(url) } throws: { "\($0)".contains(words) }
  }
}

@Suite struct SyntheticCameraTests {
  private func frames(_ options: String, count: Int) throws -> (counters: CaptureCounters, frames: [Frame]) {
    let camera = try CameraKind.open("synthetic:surface?size=256&fps=0&seed=9&buffers=100&\(options)")
    try camera.start()
    var counters = CaptureCounters()
    var frames: [Frame] = []
    while frames.count < count {
      do throws(CaptureError) {
        let frame = try camera.next(until: .now + 2)
        guard let frame else { return (counters, frames) }
        counters.count(frame)
        frames.append(frame)
      } catch {
        guard case .lost = error else { throw error }
        try camera.start()
      }
    }
    camera.stop()
    return (counters, frames)
  }

  @Test(arguments: [
    "", "drop=0.3", "corrupt=0.3", "incomplete=0.3", "drop=0.2&corrupt=0.2&incomplete=0.2",
    "drop=0.3&unplug=30&stall=20,0.05",
  ])
  func everyPictureIsAccountedFor(options: String) throws {
    let (counters, frames) = try frames(options, count: 60)
    #expect(frames.count == 60)
    #expect(counters.isConsistent)
    #expect((counters.dropped > 0) == options.contains("drop"))
    #expect((counters.corrupt > 0) == options.contains("corrupt"))
    #expect((counters.incomplete > 0) == options.contains("incomplete"))
    #expect(counters.delivered + counters.corrupt + counters.incomplete == frames.count)
    #expect(counters.starved == 0)
    #expect(frames.allSatisfy { ($0.picture == nil) == ($0.status != .good) })
  }

  @Test(arguments: [("fps", true), ("F-P s", true), ("fpss", false), ("", false)])
  func aControlIsFoundByItsName(name: String, isThere: Bool) throws {
    let camera = try CameraKind.open("synthetic:board?fps=7")
    #expect((camera.control(name)?.value == 7) == isThere)
  }

  @Test func theSameSeedHasTheSameFaults() throws {
    let a = try frames("drop=0.3&corrupt=0.2", count: 30).frames
    let b = try frames("drop=0.3&corrupt=0.2", count: 30).frames
    #expect(a.map(\.sequence) == b.map(\.sequence) && a.map(\.status) == b.map(\.status))
  }

  @Test func anUnpluggedCameraIsLostAndComesBack() throws {
    let camera = try CameraKind.open("synthetic:surface?size=256&fps=0&unplug=2")
    try camera.start()
    for _ in 0..<2 { #expect(try camera.next(until: .now + 1) != nil) }
    #expect { try camera.next(until: .now + 1) } throws: { "\($0)".contains("unplugged") }
    try camera.start()
    #expect(try camera.next(until: .now + 1) != nil)
  }

  @Test func aStalledCameraSaysNothing() throws {
    let camera = try CameraKind.open("synthetic:surface?size=256&fps=100&stall=1,5")
    try camera.start()
    #expect(try camera.next(until: .now + 1) != nil)
    #expect(try camera.next(until: .now + 0.2) == nil)
  }
}

@Suite struct BufferTests {
  /// A free camera that nobody asks loses what finds no buffer, and says so.
  @Test func whatFindsNoBufferIsStarved() throws {
    let camera = try CameraKind.open("synthetic:surface?size=256&fps=500&buffers=3")
    try camera.start()
    var counters = CaptureCounters()
    let first = try #require(try camera.next(until: .now + 1))
    counters.count(first)
    (MonotonicTime.now + 0.1).sleep()
    counters.count(try #require(try camera.next(until: .now + 1)))
    #expect(counters.starved >= 40 && counters.starved == counters.dropped)
    #expect(counters.isConsistent)
  }

  /// All buffers in use: a camera that is asked waits for one to come back.
  @Test func aLeaseEndsWithTheLastView() throws {
    let camera = try CameraKind.open("synthetic:surface?size=256&fps=0&buffers=2")
    try camera.start()
    var held: [Frame] = []
    for _ in 0..<2 { held.append(try #require(try camera.next(until: .now + 1))) }
    let view = held[0].picture?.cropped(to: PixelRect(x: 3, y: 3, width: 5, height: 5))
    #expect(try camera.next(until: .now + 0.02) == nil)
    held[0] = held[1]
    // The cropped view still lies over the first buffer.
    #expect(try camera.next(until: .now + 0.02) == nil)
    withExtendedLifetime(view) {}
    held = []
    let next = try #require(try camera.next(until: .now + 1))
    #expect(next.sequence == 2 && next.droppedBefore == 0)
  }

  @Test func buffersAreUsedAgainAndNotCopied() throws {
    let camera = try CameraKind.open("synthetic:surface?size=256&fps=0&buffers=1")
    try camera.start()
    var addresses: Set<UInt> = []
    for _ in 0..<5 {
      let picture = try #require(try camera.next(until: .now + 1)?.picture)
      addresses.insert(picture.withBytes { UInt(bitPattern: $0) })
    }
    #expect(addresses.count == 1)
  }

  @Test func picturesOutliveTheirCamera() throws {
    var camera: (any Camera)? = try CameraKind.open("synthetic:board?size=256&fps=0&seed=2")
    try camera?.start()
    let picture = try #require(try camera?.next(until: .now + 1)?.picture)
    camera = nil
    let scene = try #require(SceneKind.find("board")).scene(width: 256, height: 256, seed: 2)
    let part = scene.render(part: 0, defectRate: 0.05).image
    #expect(Image(copying: try #require(ImageView<UInt8>(picture))) == part)
  }
}

@Suite struct LentBufferTests {
  @Test func aBufferIsTakenBackWhenNobodyHoldsIt() {
    var buffers = LentBuffers()
    for _ in 0..<3 { buffers.append(PixelBuffer(byteCount: 64)) }
    var first: PixelBuffer? = buffers.lend(0)
    let second = buffers.lend(1)
    func takeBack(_ accepts: Bool) -> [Int] {
      var offered: [Int] = []
      buffers.takeBack {
        offered.append($0)
        return accepts
      }
      return offered
    }
    #expect(takeBack(true) == [] && buffers.lentCount == 2 && buffers.unused == 2)
    withExtendedLifetime(first) {}
    first = nil
    // Refused: it is offered again.
    #expect(takeBack(false) == [0] && takeBack(true) == [0] && takeBack(true) == [])
    #expect(buffers.lentCount == 1 && buffers.unused == 0)
    withExtendedLifetime(second) {}
  }
}

@Suite struct CameraClockTests {
  /// A camera whose clock began anywhere and runs 50 ppm fast; transfers take 1 ms and up to 4 more.
  @Test func deviceTimeIsTold() {
    var clock = DeviceClock()
    var random = SceneRandom(seed: 3, part: 1)
    var worst = 0.0
    for i in 0..<3000 {
      let taken = 1_000_000_000 + i * 20_000_000
      let device = 77_000_000_000_000 + Int(Double(i * 20_000_000) * 1.00005)
      let arrived = MonotonicTime(nanoseconds: taken + 1_000_000 + Int(4e6 * random.unit()))
      let (time, within) = clock.map(device, arrived: arrived)
      if i < 50 { continue }
      let error = time - MonotonicTime(nanoseconds: taken)
      worst = max(worst, abs(error))
      #expect(abs(error) <= (within ?? 0) + 0.001, "picture \(i)")
    }
    // The fastest transfer, and what the clocks drift apart in two windows.
    #expect(worst < 0.0022)
  }

  @Test func aClockThatStandsStillIsNotTrusted() {
    var clock = DeviceClock()
    for i in 0..<5 {
      let arrived = MonotonicTime(nanoseconds: i * 1_000_000_000)
      let (time, within) = clock.map(0, arrived: arrived)
      #expect(time == arrived && within == nil)
    }
  }

  @Test func whatOnlyTheClockMissesIsTold() {
    var clock = DeviceClock()
    let period = 0.04
    for (step, sequence, gap) in [(0, 0, 0), (1, 1, 0), (3, 2, 1), (7, 6, 0), (8, 7, 0), (11, 8, 2)] {
      let device = 5 + step * 40_000_000 + (step % 2) * 3_000_000
      #expect(clock.gap(device, sequence: sequence, period: period) == gap, "\(sequence)")
    }
  }
}

@Suite struct PaceTests {
  @Test func aFreeCameraKeepsItsRate() throws {
    let camera = try CameraKind.open("synthetic:surface?size=256&fps=200")
    try camera.start()
    let frames = try (0..<20).map { _ in
      let frame = try #require(try camera.next(until: .now + 1))
      return (time: frame.captured, sequence: frame.sequence)
    }
    // Absolute deadlines: late frames do not push the others.
    let passed = Double(frames[19].sequence - frames[0].sequence)
    #expect(abs(frames[19].time - frames[0].time - passed / 200) < 0.0001)
  }

  @Test func controlsAreReadBackAndChecked() throws {
    let camera = try CameraKind.open("synthetic:board?size=256&fps=10")
    try camera.set("fps", to: "50")
    #expect(camera.period == 0.02)
    #expect(camera.description.controls.first { $0.parameter.name == "fps" }?.value == 50)
    #expect(camera.description.formats.first?.rates == [50])
    for (name, value, words) in [
      ("fsp", "5", "did you mean 'fps'"), ("fps", "-1", "a number from 0"),
      ("defects", "2", "a number from 0 to 1"),
    ] {
      #expect { try camera.set(name, to: value) } throws: { "\($0)".contains(words) }
    }
    #expect(camera.period == 0.02)
  }
}

@Suite struct FrameQueueTests {
  private func frame(_ sequence: Int) -> Frame {
    Frame(
      status: .corrupt("for the test"), picture: nil, sequence: sequence, droppedBefore: 0,
      captured: .now)
  }

  @Test func whatFindsNoRoomIsCountedAndTold() {
    let queue = FrameQueue(capacity: 2)
    for i in 0..<5 { queue.push(frame(i)) }
    var told: [Int] = []
    for _ in 0..<2 {
      if case .frame(_, let missed)? = queue.pop(until: .now) { told.append(missed) }
    }
    queue.push(frame(5))
    if case .frame(let frame, let missed)? = queue.pop(until: .now) {
      told.append(missed)
      #expect(frame.sequence == 5)
    }
    #expect(told == [0, 0, 3])
  }

  @Test func theLastOnesMissedAreToldAtTheEnd() {
    let queue = FrameQueue(capacity: 1)
    for i in 0..<3 { queue.push(frame(i)) }
    queue.push(.ended(missed: 0, nil))
    _ = queue.pop(until: .now)
    if case .ended(let missed, _)? = queue.pop(until: .now) {
      #expect(missed == 2)
    } else {
      Issue.record("the end did not come")
    }
  }

  @Test func anEmptyQueueReturnsAtTheDeadline() {
    #expect(FrameQueue(capacity: 1).pop(until: .now + 0.01) == nil)
  }
}
