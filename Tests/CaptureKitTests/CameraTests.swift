import CaptureKit
import Testing
import Threading

@Suite struct CameraURLTests {
  @Test(arguments: [
    ("synthetic", "begins with one of"), ("sinthetic:board", "did you mean 'synthetic'"),
    ("synthetic:bord", "did you mean 'board'"), ("synthetic:board?fsp=3", "did you mean 'fps'"),
    ("synthetic:board?fps=x", "a number from 0"), ("synthetic:board?fps=1&fps=2", "stands twice"),
    ("folder:/nowhere", "No such file"), ("synthetic:board?trigger=hard", "one of free, software"),
  ])
  func mistakesAreNamed(url: String, words: String) {
    #expect { try CameraKind.open(url) } throws: { "\($0)".contains(words) }
  }
}

@Suite struct SyntheticCameraTests {
  private func frames(_ options: String, count: Int) throws -> (counters: CaptureCounters, frames: [Frame]) {
    let camera = try CameraKind.open("synthetic:surface?size=256&fps=0&seed=9&\(options)")
    try camera.start()
    var counters = CaptureCounters()
    var frames: [Frame] = []
    while frames.count < count {
      guard let frame = try camera.next(until: .now + 2) else { continue }
      counters.count(frame)
      frames.append(frame)
    }
    camera.stop()
    return (counters, frames)
  }

  @Test(arguments: ["", "drop=0.3", "corrupt=0.3", "drop=0.2&corrupt=0.2"])
  func everyPictureIsAccountedFor(options: String) throws {
    let (counters, frames) = try frames(options, count: 60)
    #expect(counters.isConsistent)
    #expect((counters.dropped > 0) == options.contains("drop"))
    #expect((counters.corrupt > 0) == options.contains("corrupt"))
    #expect(frames.allSatisfy { ($0.picture == nil) == ($0.status != .good) })
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

@Suite struct FrameQueueTests {
  private func frame(_ sequence: Int) -> Frame {
    Frame(
      status: .good, picture: nil, sequence: sequence, droppedBefore: 0, captured: .now)
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
