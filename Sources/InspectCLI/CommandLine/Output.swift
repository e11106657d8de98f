import Configuration

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Results go to stdout, everything else to stderr.
enum Output {
  static func line(_ text: String) { write(text + "\n", 1) }
  static func text(_ text: String) { write(text, 1) }
  static func note(_ text: String) { write(text + "\n", 2) }

  /// A line on the terminal that the next one overwrites.
  static func status(_ text: String) { write("\r\u{1b}[K" + text, 2) }

  /// A report: one line of JSON for programs, indented for people.
  static func report(_ object: JSONObject, json: Bool) {
    line(json ? JSON.object(object).text : JSON.object(object).prettyText)
  }

  static var isTerminal: Bool { isatty(2) == 1 }

  /// Whole lines at once, so that two writers never mix. What cannot be written to stdout ends the
  /// program: results that got lost must not look like success.
  private static func write(_ text: String, _ descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { unistd.write(descriptor, $0) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno != EINTR {
        if descriptor == 2 { return }
        note("inspect: error: cannot write to standard output: \(String(cString: strerror(errno)))")
        exit(ExitStatus.failed.rawValue)
      }
    }
  }

  private enum unistd {
    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    }
  }
}
