#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The weights of a Gaussian window as whole parts of 256 or 65536.
///
/// Rounding each weight by itself would make a sum that is not exactly one; instead what rounding
/// left over is carried to the next weight, from the outside in, and the centre takes the rest.
/// OpenCV spreads the error in the same way, which is why results agree to the last bit.
enum GaussianWeights {
  /// The width of the curve that fits a window, where none is given.
  static func sigma(forSize size: Int) -> Double { 0.3 * (Double(size - 1) * 0.5 - 1) + 0.8 }

  /// Small windows without a sigma have weights of their own, near binomial, not sampled.
  private static let small: [Int: [Double]] = [
    1: [1], 3: [0.25, 0.5, 0.25], 5: [0.0625, 0.25, 0.375, 0.25, 0.0625],
    7: [0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125],
    9: [4, 13, 30, 51, 60, 51, 30, 13, 4].map { $0 / 256 },
  ]

  static func whole(size: Int, sigma: Double, parts: Int) -> [Int] {
    var weights = [Int](repeating: 0, count: size)
    write(size: size, sigma: sigma, parts: parts) { weights[$0] = $1 }
    return weights
  }

  /// Hands out every weight once, not rounded; allocates nothing.
  static func writeReal(size: Int, sigma: Double, _ store: (Int, Double) -> Void) {
    if sigma <= 0, let small = small[size] {
      for i in 0..<size { store(i, small[i]) }
      return
    }
    let sigma = sigma > 0 ? sigma : Self.sigma(forSize: size)
    func curve(_ i: Int) -> Double {
      let x = Double(i - size / 2)
      return exp(-0.5 / (sigma * sigma) * x * x)
    }
    let total = (0..<size).reduce(0.0) { $0 + curve($1) }
    for i in 0..<size { store(i, curve(i) / total) }
  }

  /// Hands out every weight once; allocates nothing.
  static func write(size: Int, sigma: Double, parts: Int, _ store: (Int, Int) -> Void) {
    let half = size / 2
    let small = sigma <= 0 ? small[size] : nil
    let sigma = sigma > 0 ? sigma : Self.sigma(forSize: size)
    let scale = -0.5 / (sigma * sigma)
    func curve(_ i: Int) -> Double {
      let x = Double(i - half)
      return exp(scale * x * x)
    }
    var total = 1.0
    for i in 0..<half { total += 2 * curve(i) }
    var left = 0.0, sum = 0
    for i in 0..<half {
      let wanted = (small?[i] ?? curve(i) / total) * Double(parts) + left
      let weight = wanted.rounded(.toNearestOrEven)
      left = wanted - weight
      sum += Int(weight)
      store(i, Int(weight))
      store(size - 1 - i, Int(weight))
    }
    store(half, parts - 2 * sum)
  }
}
