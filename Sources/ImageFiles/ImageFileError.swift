/// Why an image file could not be read or written, in words for one line.
public struct ImageFileError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// The file cannot be opened or read; the system's number.
    case cannotOpen(errno: Int32)
    case cannotWrite(errno: Int32)
    /// The first bytes are of no format that is known.
    case unknownFormat
    /// The data ends before the image does.
    case truncated
    /// The data contradicts itself.
    case corrupt
    /// The file says that the image is larger than allowed.
    case overLimit
    /// The file says that the image has no pixels.
    case zeroSize
    /// A valid file of a kind that has no use here.
    case unsupported
  }

  public let kind: Kind
  public let path: String
  /// What is wrong, without the path.
  public let reason: String

  public init(_ kind: Kind, _ path: String, _ reason: String) {
    self.kind = kind
    self.path = path
    // The libraries below have words of their own, some with line breaks.
    let words = reason.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }
    self.reason = String(String.UnicodeScalarView(words))
  }

  public var description: String { "\(path): \(reason)" }
}
