/// Functions that the C library may round otherwise on another machine, from series of our own.
enum FixedMath {
  /// e to the power of x, to about 1e-14 of itself.
  static func exp(_ x: Double) -> Double {
    guard x > -700 else { return 0 }
    // x = n ln 2 + r, |r| <= ln 2 / 2: the series of r is short.
    let n = (x / ln2).rounded()
    let r = x - n * ln2
    var term = 1.0, sum = 1.0
    for i in 1...16 {
      term *= r / Double(i)
      sum += term
    }
    return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
  }

  /// The natural logarithm of a positive number, to about 1e-15.
  static func log(_ x: Double) -> Double {
    precondition(x > 0, "the logarithm of \(x)")
    // x = m 2^n with m from 0.7 to 1.4; ln m = 2 artanh((m - 1) / (m + 1)).
    var n = Int(x.exponent), m = x.significand
    if m > 1.414 {
      m /= 2
      n += 1
    }
    let s = (m - 1) / (m + 1), square = s * s
    var power = s, sum = 0.0
    for i in 0..<16 {
      sum += power / Double(2 * i + 1)
      power *= square
    }
    return 2 * sum + Double(n) * ln2
  }

  private static let ln2 = 0.693147180559945309417
}
