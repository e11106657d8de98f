#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import Threading

/// Wall time as records have it: `2026-03-01T08:15:30.042Z`, UTC, milliseconds.
public enum Timestamp {
  public static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return text(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
  }

  /// The wall time of a moment of the monotonic clock, by how long ago it was.
  public static func of(_ moment: MonotonicTime) -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let age = MonotonicTime.now.nanoseconds - moment.nanoseconds
    let total = time.tv_sec * 1_000_000_000 + time.tv_nsec - age
    return text(seconds: total / 1_000_000_000, milliseconds: total % 1_000_000_000 / 1_000_000)
  }

  static func text(seconds: Int, milliseconds: Int) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ value: Int32, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return digits(parts.tm_year + 1900, 4) + "-" + digits(parts.tm_mon + 1, 2) + "-"
      + digits(parts.tm_mday, 2) + "T" + digits(parts.tm_hour, 2) + ":" + digits(parts.tm_min, 2)
      + ":" + digits(parts.tm_sec, 2) + "." + digits(Int32(milliseconds), 3) + "Z"
  }
}
