import Configuration
import VisionCore
import VisionImage

/// What the system says about a part. What cannot be decided is FAULT: rejected like NG, counted
/// apart.
public enum Verdict: String, Sendable, CaseIterable {
  case ok = "OK"
  case ng = "NG"
  case fault = "FAULT"
}

/// A place on the part that is not as it should be. A score of 1 or more is beyond the limit.
public struct Defect: Sendable, Equatable {
  public var box: PixelRect
  public var area: Int
  public var score: Double
  public var kind: String?

  public init(box: PixelRect, area: Int, score: Double, kind: String?) {
    self.box = box
    self.area = area
    self.score = score
    self.kind = kind
  }

  var json: JSON {
    var object: JSONObject = [
      "x": .integer(box.x), "y": .integer(box.y), "w": .integer(box.width),
      "h": .integer(box.height), "area": .integer(area), "score": .rounded(score, 4),
    ]
    object["class"] = kind.map { .string($0) }
    return .object(object)
  }
}

/// Everything that is said about one part.
public struct InspectionRecord: Sendable {
  public var image: String
  public var time: String
  public var verdict: Verdict
  /// Rises with what is wrong; 1 is the limit.
  public var score: Double
  /// What is wrong with the part as a whole, and its number; where a judge says so.
  public var partClass: String?
  public var code: Int?
  public var defects: [Defect] = []
  public var matches: [Match] = []
  public var measurements: [Measurement] = []
  /// From the files to the pictures, a reference by rule among them; not part of `elapsedMilliseconds`, and told in a batch's profile only.
  public var decodeMilliseconds = 0.0
  public var elapsedMilliseconds = 0.0
  public var toolMilliseconds: [(name: String, milliseconds: Double)] = []
  public var engine: String
  public var failover: String?
  public var recipe: String
  public var recipeHash: String
  public var modelHash: String?
  public var imageHash: String?
  /// Why there is no verdict; only with FAULT.
  public var error: String?
  /// False where there was no picture that could be inspected: the record's status is then "error".
  public var hasPicture = true
  /// How much every pixel is not as it should be: 10000 is the limit. Only where it was asked for.
  public var map: Image<UInt16>?
  /// Where the map was written.
  public var mapPath: String?

  public var json: JSONObject {
    var object: JSONObject = [
      "image": .string(image), "time": .string(time),
      "status": .string(hasPicture ? "ok" : "error"), "verdict": .string(verdict.rawValue),
      "score": .rounded(score, 4), "defects": .array(defects.map(\.json)),
      "matches": .array(matches.map { .object($0.json) }),
      "measurements": .array(measurements.map { .object($0.json) }), "codes": [],
      "elapsed_ms": .rounded(elapsedMilliseconds, 3),
      "tool_ms": .object(
        JSONObject(toolMilliseconds.map { ($0.name, .rounded($0.milliseconds, 3)) })),
      "engine": .string(engine), "recipe": .string(recipe), "recipe_hash": .string(recipeHash),
    ]
    object["class"] = partClass.map { .string($0) }
    object["ng_code"] = code.map { .integer($0) }
    object["failover"] = failover.map { .string($0) }
    object["model_hash"] = modelHash.map { .string($0) }
    object["image_hash"] = imageHash.map { .string($0) }
    object["map"] = mapPath.map { .string($0) }
    object["error"] = error.map { .string($0) }
    return object
  }
}
