import Configuration
import LineKit
import Threading

/// The counters of a line on stderr: in place on a terminal, else a plain line every ten seconds.
final class LiveCounters: Sendable {
  private let isLive: Bool
  private let last = Guarded(MonotonicTime.now)

  /// nil where nothing is to be shown.
  init?(progress: Bool) {
    guard progress else { return nil }
    isLive = Output.isTerminal
  }

  func show(_ counters: LineCounters, force: Bool = false) {
    let isDue = last.withLock { last in
      guard force || MonotonicTime.now - last >= (isLive ? 0.1 : 10) else { return false }
      last = .now
      return true
    }
    guard isDue, isLive || !force else { return }
    let line =
      "parts \(counters.parts)  OK \(counters.ok)  NG \(counters.ng)  FAULT \(counters.fault)  "
      + "yield \(JSON.rounded(counters.yield, 1).text) %"
    if isLive {
      Output.status(force ? line + "\n" : line)
    } else {
      Output.note("inspect: " + line)
    }
  }
}
