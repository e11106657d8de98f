import Configuration
import VisionImage

/// The window of erosion and dilation: of every row one run of pixels.
public struct StructuringElement: Sendable, Equatable {
  public enum Shape: String, Sendable, CaseIterable {
    case rect, cross, ellipse
  }

  public let shape: Shape
  public let width: Int
  public let height: Int

  public init(_ shape: Shape, width: Int, height: Int) {
    precondition((1...255).contains(width) && (1...255).contains(height), "\(width)x\(height)")
    self.shape = shape
    self.width = width
    self.height = height
  }

  static let parameters = [
    Parameter("shape", .choice(Shape.allCases.map(\.rawValue)), default: "rect", "the window's shape"),
    Parameter("size", .size(1...255), default: 3, "the window's width and height in pixels"),
  ]

  init(_ values: ParameterValues) {
    let size = values.size("size")
    self.init(
      Shape(rawValue: values.text("shape"))!, width: size.width, height: size.height)
  }

  /// The window's centre, as OpenCV has it: past the middle where a side is even.
  var anchorX: Int { width / 2 }
  var anchorY: Int { height / 2 }

  /// The columns of a row of the window that belong to it.
  func run(_ row: Int) -> Range<Int> {
    switch shape {
    case .rect:
      return 0..<width
    case .cross:
      return row == anchorY ? 0..<width : anchorX..<anchorX + 1
    case .ellipse:
      if row == anchorY { return 0..<width }
      let radius = Double(height / 2)
      let dy = Double(row - height / 2)
      guard abs(dy) <= radius else { return 0..<0 }
      let inverse = radius > 0 ? 1 / (radius * radius) : 0
      let half = Double(width / 2) * ((radius * radius - dy * dy) * inverse).squareRoot()
      let dx = Int(half.rounded(.toNearestOrEven))
      return max(width / 2 - dx, 0)..<min(width / 2 + dx + 1, width)
    }
  }

  /// The element that does at once what this one does `iterations` times; nil where there is none.
  func repeated(_ iterations: Int) -> StructuringElement? {
    if iterations == 1 { return self }
    let wide = width + (iterations - 1) * (width - 1)
    let high = height + (iterations - 1) * (height - 1)
    // Even windows repeated do not keep their anchor in the middle.
    guard shape == .rect, width % 2 == 1, height % 2 == 1, wide <= 255, high <= 255 else {
      return nil
    }
    return StructuringElement(.rect, width: wide, height: high)
  }
}
