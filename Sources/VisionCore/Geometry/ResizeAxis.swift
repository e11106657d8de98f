/// Which pixels of a line, and with which weights, a pixel of the resized line is made of.
struct ResizeAxis {
  enum Method { case nearest, linear, cubic, area, areaGrowing }
  let method: Method
  let from: Int
  let to: Int
  private let scale: Double

  init(_ method: Method, from: Int, to: Int) {
    self.method = method
    self.from = from
    self.to = to
    // As OpenCV computes it: the last bit decides where a pixel's place is nearly whole.
    scale = 1 / (Double(to) / Double(from))
  }

  /// Whether a pixel lies between two.
  var isLinear: Bool { method == .linear || method == .areaGrowing }

  /// At most so many pixels count.
  var taps: Int {
    switch method {
    case .nearest: 1
    case .linear, .areaGrowing: 2
    case .cubic: 4
    case .area: Int(scale.rounded(.up)) + 1
    }
  }

  /// The first pixel that counts.
  func first(_ x: Int) -> Int {
    var place = 0
    each(x) { i, p, _ in if i == 0 { place = p } }
    return place
  }

  /// The same, though it may lie left of the line: from there on they follow each other.
  func start(_ x: Int) -> Int {
    guard method == .cubic else { return first(x) }
    return Int(((Double(x) + 0.5) * scale - 0.5).rounded(.down)) - 1
  }

  func parts(_ x: Int) -> [(Int, Double)] {
    var parts: [(Int, Double)] = []
    each(x) { _, place, weight in if weight != 0 { parts.append((place, weight)) } }
    return parts
  }

  /// Hands out `taps` pixels and weights; those that do not count have the weight 0.
  func each(_ x: Int, _ body: (_ index: Int, _ place: Int, _ weight: Double) -> Void) {
    func inside(_ place: Int) -> Int { min(max(place, 0), from - 1) }
    switch method {
    case .nearest:
      body(0, inside(Int((Double(x) * scale).rounded(.down))), 1)
    case .linear, .areaGrowing:
      var place: Int, part: Double
      if method == .linear {
        let position = (Double(x) + 0.5) * scale - 0.5
        place = Int(position.rounded(.down))
        part = position - Double(place)
      } else {
        place = Int((Double(x) * scale).rounded(.down))
        part = Double(Float(Double(x + 1) - Double(place + 1) * (Double(to) / Double(from))))
        part = part <= 0 ? 0 : part - part.rounded(.down)
      }
      if place < 0 { (place, part) = (0, 0) }
      if place >= from - 1 { (place, part) = (from - 1, 0) }
      body(0, place, 1 - part)
      body(1, inside(place + 1), part)
    case .cubic:
      let position = (Double(x) + 0.5) * scale - 0.5
      let place = Int(position.rounded(.down))
      let weights = cubicWeights(position - Double(place))
      body(0, inside(place - 1), weights.0)
      body(1, inside(place), weights.1)
      body(2, inside(place + 1), weights.2)
      body(3, inside(place + 2), weights.3)
    case .area:
      let begin = Double(x) * scale, end = min(Double(x + 1) * scale, Double(from))
      let first = Int(begin.rounded(.down))
      for i in 0..<taps {
        let place = first + i
        let covered = min(Double(place + 1), end) - max(Double(place), begin)
        // What is covered by less than a thousandth does not count, as with OpenCV.
        body(i, inside(place), covered > 1e-3 && place < from ? covered / (end - begin) : 0)
      }
    }
  }
}

/// Weights of the four pixels around a place that lies `t` behind the second, with a = -0.75.
func cubicWeights(_ t: Double) -> (Double, Double, Double, Double) {
  let a = -0.75
  func near(_ d: Double) -> Double { ((a + 2) * d - (a + 3)) * d * d + 1 }
  func far(_ d: Double) -> Double { ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
  let w0 = far(t + 1), w1 = near(t), w2 = near(1 - t)
  return (w0, w1, w2, 1 - w0 - w1 - w2)
}
