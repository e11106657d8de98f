#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import CSystem

/// A thread of the operating system with a name that `top -H` shows. Work that blocks (a camera, a
/// disk) runs on such a thread, never on the cooperative pool.
public final class NamedThread: Sendable {
  private let name: String
  private let handle = Guarded<pthread_t?>(nil)

  /// The system keeps 15 characters of the name.
  public init(name: String) { self.name = name }

  deinit {
    // Nobody waits for it any more: its remains are cleared away when it ends.
    if let thread = handle.withLock({ $0 }) { pthread_detach(thread) }
  }

  /// Starts the thread; once.
  public func start(_ body: @escaping @Sendable () -> Void) {
    let name = String(name.prefix(15))
    let work = Unmanaged.passRetained(
      Work {
        system_name_thread(name)
        body()
      })
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    precondition(status == 0, "cannot start the thread \(name): \(status)")
    handle.withLock { handle in
      precondition(handle == nil, "the thread \(name) was started twice")
      handle = thread
    }
  }

  /// Returns when the thread has ended; at once where it never started or was joined before.
  public func join() {
    let thread = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    if let thread { pthread_join(thread, nil) }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
