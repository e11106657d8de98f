/// What a filter sees outside the image. Operators name theirs; nothing has a silent default.
public enum Border: Sendable, Hashable {
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
  public func source(_ position: Int, length: Int) -> Int? {
    precondition(length > 0, "a line of \(length) pixels")
    if position >= 0 && position < length { return position }
    switch self {
    case .constant:
      return nil
    case .replicate:
      return position < 0 ? 0 : length - 1
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
