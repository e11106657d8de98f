import VisionImage

/// An operator whose native code makes any rows of the result by themselves, from a few rows around
/// them: a plan can run it strip by strip.
protocol RowOperator: Operator {
  /// How many rows above or below a row of the result hangs on, whichever is more; nil where these
  /// settings need more than that.
  var reach: Int? { get }
}

/// An operator that makes a pixel of the pixel at the same place, and of nothing else.
protocol PixelMap: RowOperator {}
extension PixelMap {
  var reach: Int? { 0 }
}

extension Threshold: PixelMap {}
extension Not: PixelMap {}
extension Gamma: PixelMap {}
extension LookUp: PixelMap {}

extension PairOperator {
  var reach: Int? { 0 }
}
extension AbsoluteDifference: RowOperator {}
extension Add: RowOperator {}
extension Subtract: RowOperator {}
extension Minimum: RowOperator {}
extension Maximum: RowOperator {}
extension BitAnd: RowOperator {}
extension BitOr: RowOperator {}
extension BitXor: RowOperator {}
extension Multiply: RowOperator { var reach: Int? { 0 } }

extension Box: RowOperator { var reach: Int? { height / 2 } }
extension Gaussian: RowOperator { var reach: Int? { size / 2 } }
extension Median: RowOperator { var reach: Int? { size / 2 } }
extension Gradient: RowOperator { var reach: Int? { 1 } }
extension Sobel: RowOperator { var reach: Int? { max(size, 3) / 2 } }
extension Scharr: RowOperator { var reach: Int? { 1 } }
extension Laplacian: RowOperator { var reach: Int? { max(size, 3) / 2 } }

extension StructuringElement {
  /// Repeated elements that are not one larger element go over the whole picture each time.
  fileprivate func reach(_ iterations: Int) -> Int? { repeated(iterations).map { $0.height / 2 } }
}
extension Erode: RowOperator { var reach: Int? { element.reach(iterations) } }
extension Dilate: RowOperator { var reach: Int? { element.reach(iterations) } }
