import Configuration
import VisionImage

/// A template made ready for search, by either method.
public enum MatchModel: Sendable {
  case ncc(CorrelationModel)
  case shape(ShapeModel)

  public init(
    _ method: MatchMethod, _ template: MatchTemplate, _ range: MatchRange,
    on machine: Machine = Machine()
  ) throws(MatchError) {
    switch method {
    case .ncc: self = .ncc(try CorrelationModel(template, range, on: machine))
    case .shape: self = .shape(try ShapeModel(template, range, on: machine))
    }
  }

  public var method: MatchMethod {
    switch self {
    case .ncc: .ncc
    case .shape: .shape
    }
  }
  public var template: MatchTemplate {
    switch self {
    case .ncc(let model): model.template
    case .shape(let model): model.template
    }
  }
  public var range: MatchRange {
    switch self {
    case .ncc(let model): model.range
    case .shape(let model): model.range
    }
  }
  public var levels: Int {
    switch self {
    case .ncc(let model): model.levels
    case .shape(let model): model.levels
    }
  }

  /// The parts in a picture by the native engine, best first.
  func matches(
    in picture: Image<UInt8>, _ query: MatchQuery = MatchQuery(), on machine: Machine
  ) -> [Match] {
    matches(in: picture.view, query, on: machine)
  }

  /// The same of a view whose rows are wide enough for kernels.
  func matches(in picture: ImageView<UInt8>, _ query: MatchQuery, on machine: Machine) -> [Match] {
    switch self {
    case .ncc(let model): model.matches(in: picture, query, on: machine)
    case .shape(let model): model.matches(in: picture, query, on: machine)
    }
  }

  /// The corners of the template at a match, clockwise on the screen from its upper left one.
  public func corners(_ match: Match) -> [PixelPoint] {
    OverlapFilter.corners(match, width: template.width, height: template.height)
  }

  /// Where the points of the outline lie at a match; none for `ncc`.
  public func outline(_ match: Match) -> [PixelPoint] {
    guard case .shape(let model) = self else { return [] }
    let pose = Similarity(x: match.x, y: match.y, degrees: match.angle.degrees, scale: match.scale)
    return model.contour.map { point in
      let at = pose(point.x - template.centre.x, point.y - template.centre.y)
      return PixelPoint(x: at.x, y: at.y)
    }
  }
}

/// Why a model file cannot be used.
public struct MatchModelError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// A model as a file: JSON with what the model was made from. Everything else follows from it and is
/// computed when it is read, so that the file serves every version that knows it; what training found
/// out stands in it for people.
extension MatchModel {
  private static let format = "inspect match model"
  private static let version = 1

  public var json: JSONObject {
    var object: JSONObject = [
      "format": .string(Self.format), "version": .integer(Self.version),
      "method": .string(method.rawValue),
      "angles": [.number(range.angles.lowerBound), .number(range.angles.upperBound)],
      "scales": [.number(range.scales.lowerBound), .number(range.scales.upperBound)],
      "levels": .integer(levels), "width": .integer(template.width),
      "height": .integer(template.height), "pixels": .string(Self.hex(template.pixels)),
    ]
    object["training"] = .object(training.json)
    object["mask"] = template.mask.map { .string(Self.hex($0)) }
    return object
  }

  public init(json: JSON, on machine: Machine = Machine()) throws(MatchModelError) {
    guard json["format"]?.string == Self.format else {
      throw MatchModelError(description: "not a model of 'inspect match train'")
    }
    guard json["version"]?.integer == Self.version else {
      throw MatchModelError(description: "a model of another version than \(Self.version); train it anew")
    }
    guard let method = json["method"]?.string.flatMap(MatchMethod.init),
      let angles = Self.range(json["angles"], within: -3600...3600),
      let scales = Self.range(json["scales"], within: 0.1...10),
      let levels = json["levels"]?.integer, (1...10).contains(levels),
      let width = json["width"]?.integer, let height = json["height"]?.integer,
      (1...65535).contains(width), (1...65535).contains(height),
      let pixels = Self.image(json["pixels"]?.string, width, height)
    else { throw MatchModelError(description: "the model is damaged") }
    var mask: Image<UInt8>?
    if let text = json["mask"]?.string {
      mask = Self.image(text, width, height)
      if mask == nil { throw MatchModelError(description: "the model's mask is damaged") }
    }
    do throws(MatchError) {
      let template = try MatchTemplate(pixels.raster.view, mask: mask?.raster.view)
      let range = MatchRange(angles: angles, scales: scales, levels: levels)
      self = try MatchModel(method, template, range, on: machine)
    } catch {
      throw MatchModelError(description: error.description)
    }
  }

  private static func range(
    _ json: JSON?, within limits: ClosedRange<Double>
  ) -> ClosedRange<Double>? {
    guard let list = json?.array, list.count == 2, let low = list[0].number,
      let high = list[1].number, low <= high, limits.contains(low), limits.contains(high)
    else { return nil }
    return low...high
  }

  private static func hex(_ image: Image<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * image.width * image.height)
    for y in 0..<image.height {
      for x in 0..<image.width {
        text.append(digits[Int(image[x, y] >> 4)])
        text.append(digits[Int(image[x, y] & 15)])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func image(_ text: String?, _ width: Int, _ height: Int) -> Image<UInt8>? {
    guard let text = text.map({ Array($0.utf8) }), text.count == 2 * width * height else {
      return nil
    }
    func digit(_ c: UInt8) -> UInt8? {
      switch c {
      case 48...57: c - 48
      case 97...102: c - 87
      default: nil
      }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height)
    for i in stride(from: 0, to: text.count, by: 2) {
      guard let high = digit(text[i]), let low = digit(text[i + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return Image(width: width, height: height) { bytes[$1 * width + $0] }
  }
}

extension MatchModel {
  /// A model as the options of the command line and the keys of a recipe describe it: method (where
  /// it is not told), angles, scales, levels.
  public static func trained(
    _ values: ParameterValues, _ picture: RasterView, mask: RasterView?,
    method: MatchMethod? = nil, on machine: Machine
  ) throws(ParameterError) -> MatchModel {
    let angles = values.numbers("angles"), scales = values.numbers("scales")
    guard angles[0] <= angles[1], angles[1] - angles[0] <= 3600 else {
      throw ParameterError("angles: the smaller one first, at most ten turns apart")
    }
    guard scales[0] <= scales[1], scales[0] >= 0.1, scales[1] <= 10 else {
      throw ParameterError("scales: two numbers 0.1 to 10, the smaller one first")
    }
    let range = MatchRange(
      angles: angles[0]...angles[1], scales: scales[0]...scales[1],
      levels: values.has("levels") ? values.whole("levels") : nil)
    do throws(MatchError) {
      return try MatchModel(
        method ?? MatchMethod(rawValue: values.text("method")) ?? .ncc,
        MatchTemplate(picture, mask: mask), range, on: machine)
    } catch {
      throw ParameterError(error.description)
    }
  }
}
