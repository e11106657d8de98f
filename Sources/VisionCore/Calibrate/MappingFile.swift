import Configuration
import VisionImage

extension PlaneMapping {
  /// The members of a mapping's file that matter for its use.
  public var json: JSONObject {
    var object: JSONObject = ["type": "mapping"]
    if let camera { object["camera"] = .object(camera.json) }
    object["matrix"] = .array(
      (0..<3).map { row in .array((0..<3).map { .number(map.values[3 * row + $0]) }) })
    return object
  }

  /// What 'calibrate plane' or 'calibrate points' wrote.
  public init(_ json: JSON) throws(CalibrationError) {
    guard let rows = json["matrix"]?.array, rows.count == 3 else {
      throw CalibrationError(
        "no mapping: it has no 3x3 matrix", advice: "'inspect calibrate plane' or 'points' makes one")
    }
    let values = rows.flatMap { $0.array?.compactMap(\.number) ?? [] }
    guard values.count == 9 else { throw CalibrationError("the mapping's matrix is not 3x3 numbers") }
    var camera: CameraModel?
    if let lens = json["camera"] { camera = try CameraModel(lens) }
    let map = Homography(values)
    guard map.inverse != nil else { throw CalibrationError("the mapping's matrix is singular") }
    self.init(camera: camera, map: map)
  }
}

extension PlaneRectification {
  public var json: JSONObject {
    [
      "matrix": .array(warp.values.map { .number($0) }),
      "size": [.integer(width), .integer(height)],
      "pixels_per_mm": .number(pixelsPerMillimetre), "mapping": .object(mapping.json),
    ]
  }
}

extension RigidTransform {
  /// Four rows of four numbers.
  public var json: JSON {
    let r = rotation.rows, t = translation
    return .array([
      [.number(r.0.x), .number(r.0.y), .number(r.0.z), .number(t.x)],
      [.number(r.1.x), .number(r.1.y), .number(r.1.z), .number(t.y)],
      [.number(r.2.x), .number(r.2.y), .number(r.2.z), .number(t.z)], [0, 0, 0, 1],
    ])
  }

  /// Refuses what is no rotation: a scale, a mirror, rows in another order.
  public init(_ json: JSON?) throws(CalibrationError) {
    guard let rows = json?.array?.map({ $0.array?.compactMap(\.number) ?? [] }), rows.count == 4,
      rows.allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isFinite) })
    else { throw CalibrationError("a pose is four rows of four numbers") }
    let last = rows[3]
    guard abs(last[0]) + abs(last[1]) + abs(last[2]) + abs(last[3] - 1) < 1e-6 else {
      throw CalibrationError("the last row of a pose is 0, 0, 0, 1")
    }
    let written = Matrix(rows: rows[0..<3].map { Array($0[0..<3]) })
    let nearest = Rotation(nearest: written)
    let off = zip(nearest.matrix.values, written.values).map { abs($0 - $1) }.max() ?? 0
    guard off < 0.01 else {
      throw CalibrationError("the upper left 3x3 of a pose is not a rotation (a mirror, or a scale?)")
    }
    self.init(rotation: nearest, translation: Vector3(rows[0][3], rows[1][3], rows[2][3]))
  }
}
