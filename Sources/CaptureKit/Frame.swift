import Threading
import VisionImage

/// One picture from a camera, or the news that there is none. The picture's memory goes back to
/// whoever gave it when the last view of it is gone.
public struct Frame: Sendable {
  public enum Status: Sendable, Equatable {
    case good
    /// The camera or the transfer says that the pixels are not all right.
    case corrupt(String)
    /// A part of the picture never came.
    case incomplete(String)

    /// Why the picture is not to be used; nil for a good one.
    public var trouble: String? {
      switch self {
      case .good: nil
      case .corrupt(let why): "the picture is damaged: \(why)"
      case .incomplete(let why): "the picture is incomplete: \(why)"
      }
    }
  }

  /// A time as the camera tells it.
  public struct DeviceTime: Sendable, Equatable {
    public enum Clock: String, Sendable {
      /// The monotonic clock of this computer.
      case monotonic
      /// The camera's own, which begins anywhere and drifts.
      case camera
    }
    public let nanoseconds: Int
    public let clock: Clock

    public init(nanoseconds: Int, clock: Clock) {
      self.nanoseconds = nanoseconds
      self.clock = clock
    }
  }

  public let status: Status
  /// Nil where the pixels are no good.
  public let picture: RasterView?
  /// Counted by the camera from its start, unwrapped to 64 bits.
  public let sequence: Int
  /// Pictures that were triggered since the last one and never came.
  public let droppedBefore: Int
  /// How many of those were lost because no buffer was free.
  public let starvedBefore: Int
  /// When it was taken, by the clock of this computer.
  public let captured: MonotonicTime
  /// When it was handed to us.
  public let arrived: MonotonicTime
  /// When it was taken, as the camera says; nil where it has no clock.
  public let deviceTime: DeviceTime?
  /// A file's path, where it came from one.
  public let source: String?
  /// What is really on it, where somebody knows.
  public let truth: [SceneDefect]?

  public init(
    status: Status, picture: RasterView?, sequence: Int, droppedBefore: Int, starvedBefore: Int = 0,
    captured: MonotonicTime, arrived: MonotonicTime = .now, deviceTime: DeviceTime? = nil,
    source: String? = nil, truth: [SceneDefect]? = nil
  ) {
    precondition(
      (picture != nil) == (status == .good), "a \(status) frame, picture: \(picture != nil)")
    precondition(
      0 <= starvedBefore && starvedBefore <= droppedBefore,
      "\(starvedBefore) starved of \(droppedBefore) dropped")
    self.status = status
    self.picture = picture
    self.sequence = sequence
    self.droppedBefore = droppedBefore
    self.starvedBefore = starvedBefore
    self.captured = captured
    self.arrived = arrived
    self.deviceTime = deviceTime
    self.source = source
    self.truth = truth
  }
}
