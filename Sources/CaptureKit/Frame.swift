import Threading
import VisionImage

/// One picture from a camera, or the news that there is none. The picture's memory goes back to
/// whoever gave it when the last view of it is gone.
public struct Frame: Sendable {
  public enum Status: Sendable, Equatable {
    case good
    /// The camera or the transfer says that the pixels are not all right.
    case corrupt(String)
  }

  public let status: Status
  /// Nil where the pixels are no good.
  public let picture: RasterView?
  /// Counted by the camera from its start, unwrapped to 64 bits.
  public let sequence: Int
  /// Pictures that were triggered since the last one and never came.
  public let droppedBefore: Int
  /// When it was taken, by the clock of this computer.
  public let captured: MonotonicTime
  /// A file's path, where it came from one.
  public let source: String?
  /// What is really on it, where somebody knows.
  public let truth: [SceneDefect]?

  public init(
    status: Status, picture: RasterView?, sequence: Int, droppedBefore: Int,
    captured: MonotonicTime, source: String? = nil, truth: [SceneDefect]? = nil
  ) {
    self.status = status
    self.picture = picture
    self.sequence = sequence
    self.droppedBefore = droppedBefore
    self.captured = captured
    self.source = source
    self.truth = truth
  }
}

/// Where every picture since the start has gone: delivered + dropped + corrupt + incomplete =
/// last - first + 1, always.
public struct CaptureCounters: Sendable, Equatable {
  public private(set) var delivered = 0
  public private(set) var dropped = 0
  public private(set) var corrupt = 0
  /// Pictures of which only a part came; counted apart from those that are wrong.
  public private(set) var incomplete = 0
  public private(set) var first: Int?
  public private(set) var last: Int?

  public init() {}

  public mutating func count(_ frame: Frame) {
    if first == nil { first = frame.sequence - frame.droppedBefore }
    last = frame.sequence
    dropped += frame.droppedBefore
    switch frame.status {
    case .good: delivered += 1
    case .corrupt: corrupt += 1
    }
  }

  public var isConsistent: Bool {
    guard let first, let last else { return delivered + dropped + corrupt + incomplete == 0 }
    return delivered + dropped + corrupt + incomplete == last - first + 1
  }
}
