import CSystem
import Synchronization

/// Threads that work together on one picture: the caller does a part, and so does each of them.
/// After its part a thread spins for a moment, since the next operator usually follows at once,
/// and then sleeps.
public final class BandPool: @unchecked Sendable {
  /// Threads that work, the caller's included.
  public let count: Int

  private let workers: [NamedThread]
  private let shared: Shared

  /// What caller and workers share. The body is written before the round is raised and taken back
  /// after the last worker has said that it is done.
  private final class Shared: @unchecked Sendable {
    let round = Atomic<Int>(0)
    let working = Atomic<Int>(0)
    let sleeping = Atomic<Int>(0)
    let isEnding = Atomic<Bool>(false)
    let wake = Signal()
    var body: ((Int) -> Void)?
  }

  /// Some 30 microseconds.
  private static let spins = 1500

  public init(count: Int) {
    precondition(count >= 1, "a pool of \(count) threads")
    self.count = count
    shared = Shared()
    workers = (1..<max(count, 1)).map { NamedThread(name: "bands-\($0)") }
    for (i, worker) in workers.enumerated() {
      worker.start { [shared] in Self.work(i + 1, shared) }
    }
  }

  deinit {
    shared.isEnding.store(true, ordering: .releasing)
    shared.round.add(1, ordering: .sequentiallyConsistent)
    shared.wake.raise()
    for worker in workers { worker.join() }
  }

  /// Calls `body` with 0 ..< parts, all at the same time; returns when all have returned. One caller
  /// at a time.
  public func run(parts: Int, _ body: (Int) -> Void) {
    precondition(parts >= 1 && parts <= count, "\(parts) parts for \(count) threads")
    guard parts > 1 else { return body(0) }
    withoutActuallyEscaping(body) { body in
      shared.body = { index in if index < parts { body(index) } }
      shared.working.store(workers.count, ordering: .relaxed)
      shared.round.add(1, ordering: .sequentiallyConsistent)
      if shared.sleeping.load(ordering: .sequentiallyConsistent) > 0 { shared.wake.raise() }
      body(0)
      var spins = 0
      while shared.working.load(ordering: .acquiring) > 0 {
        system_pause()
        spins += 1
        // A worker may have lost its processor to somebody else.
        if spins > Self.spins { system_yield() }
      }
      shared.body = nil
    }
  }

  private static func work(_ index: Int, _ shared: Shared) {
    var seen = 0
    while true {
      var spins = 0
      while shared.round.load(ordering: .acquiring) == seen {
        spins += 1
        if spins < Self.spins {
          system_pause()
          continue
        }
        let raised = shared.wake.count
        shared.sleeping.add(1, ordering: .sequentiallyConsistent)
        if shared.round.load(ordering: .sequentiallyConsistent) == seen {
          shared.wake.wait(after: raised)
        }
        shared.sleeping.subtract(1, ordering: .sequentiallyConsistent)
      }
      seen += 1
      if shared.isEnding.load(ordering: .acquiring) { return }
      shared.body?(index)
      shared.working.subtract(1, ordering: .releasing)
    }
  }
}
