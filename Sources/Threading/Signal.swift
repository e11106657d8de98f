#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A counter that threads wait on: whoever changed something raises it, whoever waits first reads
/// the count, then looks at what it waits for, then waits for a higher count. No wake-up is lost.
public final class Signal: @unchecked Sendable {
  // The mutex guards the count; both live at fixed addresses of their own.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var value = 0

  public init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // Deadlines must not move when somebody sets the clock.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  public var count: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return value
  }

  public func raise() {
    pthread_mutex_lock(mutex)
    value += 1
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Returns when the count has passed `seen`, or at the time of the monotonic clock; true for the
  /// former.
  @discardableResult
  public func wait(after seen: Int, until deadline: MonotonicTime? = nil) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while value <= seen {
      guard let deadline else {
        pthread_cond_wait(condition, mutex)
        continue
      }
      var time = deadline.timespec
      if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return value > seen }
    }
    return true
  }
}

/// A moment of the monotonic clock, in nanoseconds.
public struct MonotonicTime: Sendable, Hashable, Comparable {
  public var nanoseconds: Int

  public init(nanoseconds: Int) { self.nanoseconds = nanoseconds }

  public static var now: MonotonicTime {
    var time = Glibc.timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: time.tv_sec * 1_000_000_000 + time.tv_nsec)
  }

  public static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds < b.nanoseconds }
  public static func + (a: MonotonicTime, seconds: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: a.nanoseconds + Int(seconds * 1e9))
  }
  /// Seconds from `b` to `a`.
  public static func - (a: MonotonicTime, b: MonotonicTime) -> Double {
    Double(a.nanoseconds - b.nanoseconds) * 1e-9
  }

  /// Sleeps until then.
  public func sleep() {
    var time = timespec
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }

  var timespec: Glibc.timespec {
    Glibc.timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
  }
}
