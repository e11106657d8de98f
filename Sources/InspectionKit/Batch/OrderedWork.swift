import Threading

/// Work on numbered items by several threads, the results handed over in order by the caller's
/// thread. A worker that is far ahead waits, so that memory stays bounded.
enum OrderedWork {
  private struct State<Result> {
    var next = 0
    var done: [Int: Result] = [:]
    var delivered = 0
    var isCancelled = false
  }

  /// `makeWorker` is called on every thread once; what it returns works on item after item. `deliver`
  /// answers false to stop early.
  static func run<Result: Sendable, E: Error>(
    count: Int, jobs: Int, makeWorker: @escaping @Sendable () -> (Int) -> Result,
    deliver: (Int, Result) throws(E) -> Bool
  ) throws(E) {
    guard count > 0 else { return }
    let jobs = max(1, min(jobs, count))
    let window = 8 * jobs
    let shared = Shared<Result>()
    let threads = (0..<jobs).map { i in
      let thread = NamedThread(name: "batch-\(i)")
      thread.start {
        let work = makeWorker()
        while let index = shared.take(count: count, window: window) {
          shared.finish(index, work(index))
        }
      }
      return thread
    }
    defer {
      shared.cancel()
      threads.forEach { $0.join() }
    }
    for index in 0..<count {
      guard try deliver(index, shared.result(index)) else { return }
    }
  }

  private final class Shared<Result: Sendable>: Sendable {
    private let state = Guarded(State<Result>())
    private let finished = Signal()
    private let taken = Signal()

    func take(count: Int, window: Int) -> Int? {
      while true {
        let seen = taken.count
        let (index, isOver) = state.withLock { state -> (Int?, Bool) in
          if state.isCancelled || state.next >= count { return (nil, true) }
          guard state.next < state.delivered + window else { return (nil, false) }
          state.next += 1
          return (state.next - 1, false)
        }
        if let index { return index }
        if isOver { return nil }
        taken.wait(after: seen)
      }
    }

    func finish(_ index: Int, _ result: Result) {
      state.withLock { $0.done[index] = result }
      finished.raise()
    }

    func result(_ index: Int) -> Result {
      while true {
        let seen = finished.count
        let result = state.withLock { state -> Result? in
          guard let result = state.done.removeValue(forKey: index) else { return nil }
          state.delivered = index + 1
          return result
        }
        if let result {
          taken.raise()
          return result
        }
        finished.wait(after: seen)
      }
    }

    func cancel() {
      state.withLock { $0.isCancelled = true }
      taken.raise()
    }
  }
}
