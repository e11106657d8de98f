/// Why something cannot be calibrated, in words for the person who holds the board.
public struct CalibrationError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Cause: Sendable {
    /// What was given cannot be right, whoever computes.
    case input
    /// The way it was computed came to nothing; another way might do.
    case method
    /// The engine that was asked for is not there.
    case engine
  }

  public let description: String
  /// What to do about it.
  public let advice: String?
  public let cause: Cause

  public init(_ description: String, advice: String? = nil, cause: Cause = .input) {
    self.description = description
    self.advice = advice
    self.cause = cause
  }
}
