import Configuration
import VisionImage
import VisionKernelsABI

extension OperatorInputs {
  /// The inputs as 8-bit or as 16-bit images, whichever they are. Formats were checked before.
  func asUnsigned<R>(
    u8: (ImageView<UInt8>, ImageView<UInt8>?) -> R, u16: (ImageView<UInt16>, ImageView<UInt16>?) -> R
  ) -> R {
    if let first = ImageView<UInt8>(first) { return u8(first, second.flatMap { .init($0) }) }
    if let first = ImageView<UInt16>(first) { return u16(first, second.flatMap { .init($0) }) }
    preconditionFailure("\(first.layout) reached an operator of unsigned pixels")
  }

  /// The same, or images of single precision.
  func asGrey<R>(
    u8: (ImageView<UInt8>, ImageView<UInt8>?) -> R, u16: (ImageView<UInt16>, ImageView<UInt16>?) -> R,
    f32: (ImageView<Float>, ImageView<Float>?) -> R
  ) -> R {
    if let first = ImageView<Float>(first) { return f32(first, second.flatMap { .init($0) }) }
    return asUnsigned(u8: u8, u16: u16)
  }
}

extension MutableRasterView {
  /// The pixels to write as a type that the operator's `outputLayout` asked for.
  func pixels<P: Pixel>(as type: P.Type) -> MutableImageView<P> {
    guard let view = MutableImageView<P>(self) else {
      preconditionFailure("\(layout) instead of \(P.format.rawValue) pixels to write")
    }
    return view
  }
}

extension ImageView where P: GreyPixel {
  /// The pixel there, or what the border puts there. For definitions; slow.
  func real(_ x: Int, _ y: Int, _ border: Border) -> Double {
    guard let insideX = border.source(x, length: width),
      let insideY = border.source(y, length: height)
    else {
      if case .constant(let value) = border { return P(saturating: value).real }
      preconditionFailure("\(border) has no pixel at (\(x), \(y))")
    }
    return self[insideX, insideY].real
  }
}

extension MutableImageView where P: GreyPixel {
  /// Writes every pixel; for definitions.
  func fill(_ pixel: (_ x: Int, _ y: Int) -> Double) {
    for y in 0..<height {
      let row = row(y)
      for x in 0..<width { row[x] = P(saturating: pixel(x, y)) }
    }
  }
}

extension Border {
  /// The parameter of filters that look past the image's edge.
  static func parameter(default name: String) -> Parameter {
    Parameter(
      "border", .choice(["reflect101", "reflect", "replicate", "black"]),
      default: .text(name), "what lies outside the image")
  }

  init(named name: String) {
    switch name {
    case "reflect101": self = .reflect101
    case "reflect": self = .reflect
    case "replicate": self = .replicate
    case "black": self = .constant(0)
    default: preconditionFailure("border '\(name)' passed the check of its parameter")
    }
  }

  /// OpenCV's number for it.
  var openCVCode: Double {
    switch self {
    case .constant: 0
    case .replicate: 1
    case .reflect: 2
    case .wrap: 3
    case .reflect101: 4
    }
  }
}
