#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

public typealias Vector3 = SIMD3<Double>

extension Vector3 {
  func dot(_ other: Vector3) -> Double { x * other.x + y * other.y + z * other.z }
  var length: Double { dot(self).squareRoot() }
  func cross(_ b: Vector3) -> Vector3 {
    Vector3(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x)
  }
}

/// A rotation of space, by its rows.
public struct Rotation: Sendable, Equatable {
  public var rows: (Vector3, Vector3, Vector3)

  public static func == (a: Rotation, b: Rotation) -> Bool { a.rows == b.rows }

  public static let identity = Rotation(
    rows: (Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)))

  public init(rows: (Vector3, Vector3, Vector3)) { self.rows = rows }

  /// By an axis whose length is the angle in radians.
  public init(vector: Vector3) {
    let angle = vector.length
    let (s, c) = angle < 1e-8 ? (1.0, 0.5) : (sin(angle) / angle, (1 - cos(angle)) / (angle * angle))
    let v = vector
    rows = (
      Vector3(1 - c * (v.y * v.y + v.z * v.z), c * v.x * v.y - s * v.z, c * v.x * v.z + s * v.y),
      Vector3(c * v.x * v.y + s * v.z, 1 - c * (v.x * v.x + v.z * v.z), c * v.y * v.z - s * v.x),
      Vector3(c * v.x * v.z - s * v.y, c * v.y * v.z + s * v.x, 1 - c * (v.x * v.x + v.y * v.y))
    )
  }

  /// The rotation nearest to a 3x3 matrix.
  public init(nearest matrix: Matrix) {
    let parts = SingularValues(matrix)
    var product = parts.u * parts.v.transposed
    if Self.determinant(product) < 0 {
      var u = parts.u
      for i in 0..<3 { u[i, 2] = -u[i, 2] }
      product = u * parts.v.transposed
    }
    rows = (
      Vector3(product[0, 0], product[0, 1], product[0, 2]),
      Vector3(product[1, 0], product[1, 1], product[1, 2]),
      Vector3(product[2, 0], product[2, 1], product[2, 2])
    )
  }

  static func determinant(_ m: Matrix) -> Double {
    Vector3(m[0, 0], m[0, 1], m[0, 2]).dot(
      Vector3(m[1, 0], m[1, 1], m[1, 2]).cross(Vector3(m[2, 0], m[2, 1], m[2, 2])))
  }

  public var matrix: Matrix {
    Matrix(rows: [rows.0, rows.1, rows.2].map { [$0.x, $0.y, $0.z] })
  }

  public var inverse: Rotation {
    Rotation(
      rows: (
        Vector3(rows.0.x, rows.1.x, rows.2.x), Vector3(rows.0.y, rows.1.y, rows.2.y),
        Vector3(rows.0.z, rows.1.z, rows.2.z)
      ))
  }

  public static func * (a: Rotation, v: Vector3) -> Vector3 {
    Vector3(a.rows.0.dot(v), a.rows.1.dot(v), a.rows.2.dot(v))
  }

  public static func * (a: Rotation, b: Rotation) -> Rotation {
    let columns = b.inverse.rows
    func row(_ r: Vector3) -> Vector3 { Vector3(r.dot(columns.0), r.dot(columns.1), r.dot(columns.2)) }
    return Rotation(rows: (row(a.rows.0), row(a.rows.1), row(a.rows.2)))
  }

  /// The axis with the angle as its length, 0 to pi.
  public var vector: Vector3 {
    let r = rows
    let twice = Vector3(r.2.y - r.1.z, r.0.z - r.2.x, r.1.x - r.0.y)
    let sine = twice.length / 2, cosine = (r.0.x + r.1.y + r.2.z - 1) / 2
    let angle = atan2(sine, cosine)
    if sine > 1e-6 { return twice * (angle / (2 * sine)) }
    if cosine > 0 { return twice * 0.5 }
    // Half a turn: the axis is what R + 1 keeps; of its columns the longest is the surest.
    let columns = inverse.rows
    let candidates = [
      columns.0 + Vector3(1, 0, 0), columns.1 + Vector3(0, 1, 0), columns.2 + Vector3(0, 0, 1),
    ]
    guard let axis = candidates.max(by: { $0.length < $1.length }) else { return .zero }
    let sign = axis.dot(twice) < 0 ? -1.0 : 1.0
    return axis * (sign * angle / axis.length)
  }
}

/// A pose: a rotation, then a shift in millimetres.
public struct RigidTransform: Sendable, Equatable {
  public var rotation: Rotation
  public var translation: Vector3

  public init(rotation: Rotation, translation: Vector3) {
    self.rotation = rotation
    self.translation = translation
  }

  /// Rotation vector and shift: six numbers.
  public init(parameters p: ArraySlice<Double>) {
    let i = p.startIndex
    rotation = Rotation(vector: Vector3(p[i], p[i + 1], p[i + 2]))
    translation = Vector3(p[i + 3], p[i + 4], p[i + 5])
  }

  public var parameters: [Double] {
    let v = rotation.vector
    return [v.x, v.y, v.z, translation.x, translation.y, translation.z]
  }

  public var inverse: RigidTransform {
    let back = rotation.inverse
    return RigidTransform(rotation: back, translation: back * -translation)
  }

  public static func * (a: RigidTransform, p: Vector3) -> Vector3 { a.rotation * p + a.translation }

  public static func * (a: RigidTransform, b: RigidTransform) -> RigidTransform {
    RigidTransform(rotation: a.rotation * b.rotation, translation: a * b.translation)
  }
}
