import Threading

/// Pictures from an open device. The stream ends when it is stopped or nobody holds it.
protocol CameraStream: AnyObject {
  func stop()
}

/// What a camera of a driver has open, what was set on it, and when it last gave a sign of life. All
/// of it is found again after the camera was away.
struct CameraConnection<Device, Stream: CameraStream> {
  private(set) var device: Device?
  private(set) var stream: Stream?
  private var isLost = false
  /// Pictures a second; 0 where nobody knows.
  private(set) var rate = 0.0
  /// The controls that somebody set, to be set again after the camera was away.
  private(set) var controls: [(name: String, value: String)]
  var sequence: SequenceCounter
  var clock = DeviceClock()
  private(set) var lastSign = MonotonicTime.now
  private(set) var hasPictures = false

  init(
    _ device: Device, controls: [(name: String, value: String)] = [],
    sequence: SequenceCounter = SequenceCounter()
  ) {
    self.device = device
    self.controls = controls
    self.sequence = sequence
  }

  mutating func keep(_ control: String, value: String) {
    controls.removeAll { $0.name == control }
    controls.append((control, value))
  }

  mutating func begin(_ stream: Stream, from device: Device, rate: Double) {
    self.device = device
    self.stream = stream
    isLost = false
    self.rate = rate
    sequence.restart()
    clock = DeviceClock()
    lastSign = .now
    hasPictures = false
  }

  /// It lives: nothing is missed before now.
  mutating func sawLife(at time: MonotonicTime = .now, picture: Bool = false) {
    lastSign = time
    if picture { hasPictures = true }
  }

  /// The camera is gone. What is open of it is let go at the next start: that may take seconds, for
  /// which the news must not wait.
  mutating func lose() { isLost = true }

  /// What is to be used; nothing of a camera that is gone.
  var running: (stream: Stream, device: Device)? {
    guard !isLost, let stream, let device else { return nil }
    return (stream, device)
  }

  fileprivate mutating func takeStream() -> Stream? {
    defer { stream = nil }
    return stream
  }

  fileprivate mutating func takeLost() -> Device? {
    defer { if isLost { device = nil } }
    return isLost ? device : nil
  }
}

extension Guarded {
  /// Ends the stream; pictures that are still looked at keep their memory.
  func stop<Device, Stream: CameraStream>() where Value == CameraConnection<Device, Stream> {
    withLock { $0.takeStream() }?.stop()
  }

  /// Ends what is left of the time before, and closes a device that is gone: its driver lets go of it
  /// only then.
  func clear<Device, Stream: CameraStream>() where Value == CameraConnection<Device, Stream> {
    stop()
    _ = withLock { $0.takeLost() }
  }
}

extension CameraURL {
  /// The controls of `set=NAME:VALUE,NAME:VALUE`.
  func controlSettings() throws(CaptureError) -> [(name: String, value: String)] {
    var all: [(name: String, value: String)] = []
    for pair in values.has("set") ? values.text("set").split(separator: ",") : [] {
      let sides = pair.split(separator: ":", maxSplits: 1)
      guard sides.count == 2 else {
        throw .cannotOpen(url: text, why: "'\(pair)' is not NAME:VALUE")
      }
      all.append((String(sides[0]), String(sides[1])))
    }
    return all
  }
}
