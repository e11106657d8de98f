/// Weights that take the force from residuals which are too large to be noise.
public enum RobustWeights {
  /// Middle value; 0 for none.
  public static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted(), half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }

  /// The standard deviation that normal noise with these absolute values has. 1.4826 makes the
  /// median of |x| that of one axis; lengths of 2 and 3 axes have medians 1.1774 and 1.5382 of it.
  public static func scale(ofLengths lengths: [Double], axes: Int = 1) -> Double {
    let medians = [1: 0.6745, 2: 1.1774, 3: 1.5382]
    guard let ratio = medians[axes] else { preconditionFailure("lengths over \(axes) axes") }
    return median(lengths) / ratio
  }

  /// Tukey's: smooth, 0 from `limit` scales on.
  public static func tukey(_ length: Double, scale: Double, limit: Double) -> Double {
    guard scale > 0 else { return length == 0 ? 1 : 0 }
    let ratio = length / (scale * limit)
    guard ratio < 1 else { return 0 }
    return (1 - ratio * ratio) * (1 - ratio * ratio)
  }

  /// Huber's: falls as 1 / length from `limit` scales on.
  public static func huber(_ length: Double, scale: Double, limit: Double) -> Double {
    length <= scale * limit ? 1 : scale * limit / length
  }

  /// The length of each group of residuals.
  public static func lengths(_ residuals: [Double], group: Int) -> [Double] {
    stride(from: 0, to: residuals.count, by: group).map { start in
      residuals[start..<start + group].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }
}
