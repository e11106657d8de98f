import ImageFiles
import Threading
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writes pictures on a thread of its own, so that compressing them does not hold the camera up. What
/// waits is a copy: the camera has its buffer back at once.
final class PictureWriter: Sendable {
  struct Job: Sendable {
    let path: String
    let content: Content
    /// What the file is dated: a folder can be replayed as it was recorded.
    let taken: MonotonicTime

    enum Content: Sendable {
      case picture(Raster)
      case bytes([UInt8])
    }

    var byteCount: Int {
      switch content {
      case .picture(let raster): raster.layout.rowBytes * raster.height
      case .bytes(let bytes): bytes.count
      }
    }
  }

  private struct State {
    var jobs: [Job] = []
    var waitingBytes = 0
    var isOver = false
    var failure: CommandError?
  }

  private let state = Guarded(State())
  private let arrived = Signal()
  private let written = Signal()
  private let thread = NamedThread(name: "pictures")

  /// So much may wait in memory; beyond it the camera waits, and loses pictures that are counted.
  private static let limit = 256 << 20

  init() { thread.start { [self] in work() } }

  func write(_ job: Job) throws(CommandError) {
    while true {
      let seen = written.count
      let (isTaken, failure) = state.withLock { state in
        let hasRoom = state.jobs.isEmpty || state.waitingBytes + job.byteCount <= Self.limit
        if hasRoom {
          state.jobs.append(job)
          state.waitingBytes += job.byteCount
        }
        return (hasRoom, state.failure)
      }
      if let failure { throw failure }
      if isTaken { break }
      written.wait(after: seen)
    }
    arrived.raise()
  }

  /// Returns when everything is on the disk.
  func finish() throws(CommandError) {
    state.withLock { $0.isOver = true }
    arrived.raise()
    thread.join()
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  private func work() {
    while true {
      let seen = arrived.count
      let (job, isOver) = state.withLock { ($0.jobs.first, $0.isOver) }
      guard let job else {
        if isOver { return }
        arrived.wait(after: seen)
        continue
      }
      let failure = store(job)
      state.withLock { state in
        state.jobs.removeFirst()
        state.waitingBytes -= job.byteCount
        state.failure = state.failure ?? failure
      }
      written.raise()
    }
  }

  private static func date(_ path: String, _ time: MonotonicTime) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let age = MonotonicTime.now.nanoseconds - time.nanoseconds
    let taken = now.tv_sec * 1_000_000_000 + now.tv_nsec - age
    let stamp = timespec(tv_sec: taken / 1_000_000_000, tv_nsec: taken % 1_000_000_000)
    // A file system that keeps no times does no harm to the picture.
    _ = utimensat(AT_FDCWD, path, [stamp, stamp], 0)
  }

  private func store(_ job: Job) -> CommandError? {
    do throws(ImageFileError) {
      switch job.content {
      case .picture(let raster): try ImageFiles.write(raster.view, to: job.path)
      case .bytes(let bytes): try AtomicFile.write(bytes, to: job.path)
      }
      Self.date(job.path, job.taken)
      return nil
    } catch {
      return CommandError(.failed, "cannot write", at: job.path, why: error.reason)
    }
  }
}
