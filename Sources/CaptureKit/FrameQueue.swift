import Threading

/// Pictures between the camera's thread and the inspection, a few at the most. Where the inspection
/// is too slow for a camera that runs free, pictures are lost; they are counted, and the next one
/// that gets through says how many: every trigger has an outcome.
public final class FrameQueue: Sendable {
  public enum Item: Sendable {
    /// A picture, and how many were lost here before it.
    case frame(Frame, missedBefore: Int)
    /// The camera is gone or silent; it may come back.
    case outage(String)
    /// The camera is back.
    case recovered
    /// Nothing comes after this; the last pictures lost, and why it ended where that is an error.
    case ended(missed: Int, CaptureError?)
  }

  private struct State {
    var items: [Item] = []
    var missed = 0
    var isClosed = false
  }

  private let state = Guarded(State())
  private let arrived = Signal()
  private let taken = Signal()
  private let capacity: Int

  public init(capacity: Int) { self.capacity = capacity }

  /// Puts a picture in, or counts it as missed where there is no room.
  public func push(_ frame: Frame) {
    state.withLock { state in
      if state.items.count < capacity {
        state.items.append(.frame(frame, missedBefore: state.missed))
        state.missed = 0
      } else {
        state.missed += 1 + frame.droppedBefore
      }
    }
    arrived.raise()
  }

  /// Puts a picture in when there is room: for cameras that wait to be asked.
  public func pushWaiting(_ frame: Frame) {
    while true {
      let seen = taken.count
      let done = state.withLock { state in
        guard state.items.count < capacity || state.isClosed else { return false }
        if !state.isClosed { state.items.append(.frame(frame, missedBefore: 0)) }
        return true
      }
      if done { break }
      taken.wait(after: seen)
    }
    arrived.raise()
  }

  /// News always get through.
  public func push(_ news: Item) {
    state.withLock { state in
      if case .ended(let missed, let why) = news {
        state.items.append(.ended(missed: missed + state.missed, why))
        state.missed = 0
      } else {
        state.items.append(news)
      }
    }
    arrived.raise()
  }

  /// The next item; nil where none came until the deadline.
  public func pop(until deadline: MonotonicTime) -> Item? {
    while true {
      let seen = arrived.count
      if let item = state.withLock({ $0.items.isEmpty ? nil : $0.items.removeFirst() }) {
        taken.raise()
        return item
      }
      guard arrived.wait(after: seen, until: deadline) else { return nil }
    }
  }

  /// Nobody will take anything any more: whoever waits for room goes on.
  public func close() {
    state.withLock { $0.isClosed = true }
    taken.raise()
  }
}
