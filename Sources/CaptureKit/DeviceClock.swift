import Threading

/// A camera's clock told by this computer's.
///
/// A picture arrives some time after it was taken and never before, so the smallest difference of
/// arrival and device time that was seen lately is nearest to the truth. Clocks drift apart: what is
/// older than two windows is forgotten.
struct DeviceClock: Sendable {
  private struct Window {
    var began: MonotonicTime
    var least: Int
    var most: Int
  }

  /// In nanoseconds: two clocks of 100 ppm drift 2 ms apart in so long.
  private static let span = 10.0

  private var now: Window?
  private var before: Window?
  private var lastDevice = Int.min
  private var last: (device: Int, sequence: Int)?

  /// When a picture was taken, and by how many seconds that may be wrong: as far as the arrivals
  /// seen lately vary. Nil for the first picture, of which nothing is known.
  mutating func map(_ device: Int, arrived: MonotonicTime) -> (time: MonotonicTime, within: Double?) {
    let difference = arrived.nanoseconds - device
    defer { lastDevice = device }
    // A clock that stands still or was set back tells nothing.
    guard device > lastDevice, var window = now else {
      before = nil
      now = Window(began: arrived, least: difference, most: difference)
      return (arrived, nil)
    }
    if arrived - window.began > Self.span {
      before = window
      window = Window(began: arrived, least: difference, most: difference)
    }
    window.least = min(window.least, difference)
    window.most = max(window.most, difference)
    now = window
    let least = min(window.least, before?.least ?? .max)
    let most = max(window.most, before?.most ?? .min)
    return (MonotonicTime(nanoseconds: device + least), Double(most - least) * 1e-9)
  }

  /// How many pictures should have come before this one by the camera's clock though their numbers
  /// follow one another: lost where the camera had not counted yet, or taken later than its rate says.
  mutating func gap(_ device: Int, sequence: Int, period: Double) -> Int {
    defer { last = (device, sequence) }
    guard let last, period > 0, device > last.device else { return 0 }
    let periods = (Double(device - last.device) * 1e-9 / period).rounded()
    return max(0, Int(min(periods, 1e9)) - (sequence - last.sequence))
  }
}
