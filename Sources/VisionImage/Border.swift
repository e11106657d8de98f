/// What a filter sees outside the image. Operators name theirs; nothing has a silent default.
@frozen public enum Border: Sendable, Hashable {
  /// One value everywhere outside: `vvvv|abcdefgh|vvvv`
  case constant(Double)
  /// The outermost pixel goes on: `aaaa|abcdefgh|hhhh`
  case replicate
  /// Mirrored with the outermost pixel doubled: `dcba|abcdefgh|hgfe`
  case reflect
  /// Mirrored at the outermost pixel: `edcb|abcdefgh|gfed`
  case reflect101
  /// From the other side: `efgh|abcdefgh|abcd`
  case wrap

  /// The inside coordinate that stands for `position` on a line of `length` pixels; nil where the
  /// constant stands. Right for any distance, also where the image is smaller than the filter.
  @inlinable
  public func source(_ position: Int, length: Int) -> Int? {
    precondition(length > 0, "a line of \(length) pixels")
    if position >= 0 && position < length { return position }
    // Most places are less than a line away; dividing would cost more than all else.
    let mirrored: Int
    switch self {
    case .constant: return nil
    case .replicate: return position < 0 ? 0 : length - 1
    case .reflect: mirrored = position < 0 ? -1 - position : 2 * length - 1 - position
    case .reflect101: mirrored = position < 0 ? -position : 2 * length - 2 - position
    case .wrap: mirrored = position < 0 ? position + length : position - length
    }
    return mirrored >= 0 && mirrored < length ? mirrored : far(position, length)
  }

  /// More than a line away.
  @usableFromInline
  func far(_ position: Int, _ length: Int) -> Int {
    switch self {
    case .constant, .replicate: preconditionFailure("no place stands for another")
    case .reflect:
      let folded = Self.modulo(position, 2 * length)
      return folded < length ? folded : 2 * length - 1 - folded
    case .reflect101:
      if length == 1 { return 0 }
      let folded = Self.modulo(position, 2 * length - 2)
      return folded < length ? folded : 2 * length - 2 - folded
    case .wrap:
      return Self.modulo(position, length)
    }
  }

  private static func modulo(_ a: Int, _ n: Int) -> Int {
    let rest = a % n
    return rest < 0 ? rest + n : rest
  }
}
