import Configuration

/// The one list of operators. A new one is added here and nowhere else.
public enum OperatorRegistry {
  public static let all: [any Operator.Type] = [
    Threshold.self, Otsu.self, Box.self, Gaussian.self, Erode.self, Dilate.self,
    AbsoluteDifference.self, Add.self, Subtract.self, Minimum.self, Maximum.self, BitAnd.self,
    BitOr.self, BitXor.self, Statistics.self, Histogram.self,
  ]

  public static var names: [String] { all.map { $0.descriptor.name } }

  public static func find(_ name: String) -> (any Operator.Type)? {
    all.first { $0.descriptor.name == name }
  }
}
