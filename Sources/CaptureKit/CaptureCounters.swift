/// Where every picture since the start has gone: delivered + dropped + corrupt + incomplete =
/// last - first + 1, always.
public struct CaptureCounters: Sendable, Equatable {
  public private(set) var delivered = 0
  public private(set) var dropped = 0
  public private(set) var corrupt = 0
  /// Pictures of which only a part came; counted apart from those that are wrong.
  public private(set) var incomplete = 0
  /// Those of `dropped` that were lost because no buffer was free.
  public private(set) var starved = 0
  /// Pictures that the camera's clock misses though its numbers do not; no part of the sum.
  public private(set) var clockGaps = 0
  public private(set) var first: Int?
  public private(set) var last: Int?

  public init() {}

  public mutating func count(_ frame: Frame) {
    first = first ?? frame.sequence - frame.droppedBefore
    last = frame.sequence
    dropped += frame.droppedBefore
    starved += frame.starvedBefore
    clockGaps += frame.gapBefore
    switch frame.status {
    case .good: delivered += 1
    case .corrupt: corrupt += 1
    case .incomplete: incomplete += 1
    }
  }

  public var isConsistent: Bool {
    let counted = delivered + dropped + corrupt + incomplete
    guard let first, let last else { return counted == 0 }
    return counted == last - first + 1
  }
}
