import Threading

@testable import LineKit

/// A disk that keeps what was synced, may lose what was not, and tears a write at any byte.
final class SimulatedDisk: LogDisk {
  struct Trouble {
    /// Bytes that fit; later writes are cut short.
    var capacity = Int.max
    /// The sync that fails, counted from 1.
    var failingSync = Int.max
  }
  private struct State {
    var files: [String: (bytes: [UInt8], synced: Int)] = [:]
    var aside: [String: [UInt8]] = [:]
    var trouble: Trouble
    var syncs = 0
  }
  private let state: Guarded<State>

  init(_ trouble: Trouble = Trouble()) { state = Guarded(State(trouble: trouble)) }

  /// The disk after a power cut: of what was not synced any beginning may be there.
  func afterCrash(keeping share: (Int) -> Int) -> SimulatedDisk {
    let disk = SimulatedDisk()
    state.withLock { old in
      disk.state.withLock { new in
        for (name, file) in old.files {
          let kept = file.synced + share(file.bytes.count - file.synced)
          new.files[name] = (Array(file.bytes[..<kept]), kept)
        }
      }
    }
    return disk
  }

  func edit(_ name: String, _ change: (inout [UInt8]) -> Void) {
    state.withLock { state in
      var bytes = state.files[name]?.bytes ?? []
      change(&bytes)
      state.files[name] = (bytes, bytes.count)
    }
  }

  var asideNames: [String] { state.withLock { $0.aside.keys.sorted() } }

  func segments() -> [String] { state.withLock { $0.files.keys.sorted() } }
  func read(_ name: String) -> [UInt8] { state.withLock { $0.files[name]?.bytes ?? [] } }
  func create(_ name: String) { state.withLock { $0.files[name] = ([], 0) } }
  func append(_ bytes: [UInt8], to name: String) throws(LogDiskError) {
    let fits = state.withLock { state in
      let used = state.files.values.reduce(0) { $0 + $1.bytes.count }
      let room = max(0, state.trouble.capacity - used)
      state.files[name]?.bytes += bytes.prefix(room)
      return room >= bytes.count
    }
    if !fits { throw LogDiskError("write", name, 28) }
  }
  func sync(_ name: String) throws(LogDiskError) {
    let works = state.withLock { state in
      state.syncs += 1
      if state.syncs == state.trouble.failingSync { return false }
      if let bytes = state.files[name]?.bytes { state.files[name] = (bytes, bytes.count) }
      return true
    }
    if !works { throw LogDiskError("sync", name, 5) }
  }
  func truncate(_ name: String, to size: Int) {
    state.withLock { state in
      let bytes = Array((state.files[name]?.bytes ?? []).prefix(size))
      state.files[name] = (bytes, bytes.count)
    }
  }
  func keepAside(_ bytes: [UInt8], as name: String) { state.withLock { $0.aside[name] = bytes } }
}
