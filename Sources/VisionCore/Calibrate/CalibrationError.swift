/// Why something cannot be calibrated, in words for the person who holds the board.
public struct CalibrationError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  /// What to do about it.
  public let advice: String?

  public init(_ description: String, advice: String? = nil) {
    self.description = description
    self.advice = advice
  }
}
