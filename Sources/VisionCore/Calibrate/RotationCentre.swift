import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The axis about which a robot's tool turns, in the robot's plane: from where one mark of a part is
/// seen while the tool holds it at known angles.
public struct RotationCentre: Sendable {
  public struct Sight: Sendable, Equatable {
    /// In the robot's plane.
    public let place: PlanePoint
    /// Of the tool, as the robot states it.
    public let angle: Angle
    public init(place: PlanePoint, angle: Angle) {
      self.place = place
      self.angle = angle
    }
  }

  public let centre: PlanePoint
  /// From the axis to the mark, millimetres.
  public let radius: Double
  /// Whether the mark goes from x to y as the stated angles grow; not so where the tool points
  /// against the plane's normal, as a gripper above a table mostly does.
  public let turnsFromXToY: Bool
  /// Millimetres from where each mark is to where the axis and its angle have it.
  public let residuals: [Double]
  public let rms: Double
  /// Standard deviation of the centre in x and in y.
  public let sigma: Double
  /// Sights that took no part: too far off to be noise.
  public let outliers: [Int]

  private static let fewestSights = 3
  /// Over a smaller turn the centre is lost in the noise.
  private static let leastTurn = 10.0 * .pi / 180
  private static let outlierLimit = 8.0

  public init(_ sights: [Sight]) throws(CalibrationError) {
    guard sights.count >= Self.fewestSights else {
      throw CalibrationError(
        "\(sights.count) sights of the mark, at least \(Self.fewestSights) are needed",
        advice: "Turn the tool to 5 or more angles, as far round as the mark stays in view")
    }
    guard Self.widestTurn(sights) >= Self.leastTurn else {
      throw CalibrationError(
        "the tool is hardly turned", advice: "Turn it by 10 degrees at the least, better by 90")
    }
    guard var fit = Self.fit(sights) else { throw Self.still }
    var outliers: [Int] = []
    // Each sight is held against the others; the worst that is no noise goes first.
    while sights.count - outliers.count > Self.fewestSights + 1 {
      let used = sights.indices.filter { !outliers.contains($0) }
      let trials = used.compactMap { left -> (sight: Int, error: Double, fit: Fit, scale: Double)? in
        let others = used.filter { $0 != left }.map { sights[$0] }
        guard Self.widestTurn(others) >= Self.leastTurn, let fit = Self.fit(others) else {
          return nil
        }
        let scale = RobustWeights.scale(ofLengths: others.map { fit.error($0) }, axes: 2)
        return (left, fit.error(sights[left]), fit, max(scale, 1e-6))
      }
      guard let worst = trials.max(by: { $0.error / $0.scale < $1.error / $1.scale }),
        worst.error > Self.outlierLimit * worst.scale
      else { break }
      outliers.append(worst.sight)
      fit = worst.fit
    }
    let used = sights.indices.filter { !outliers.contains($0) }
    let squares = used.reduce(0) { $0 + fit.error(sights[$1]) * fit.error(sights[$1]) }
    guard fit.radius > 1e-9, squares < 0.25 * fit.radius * fit.radius * Double(used.count) else {
      throw Self.still
    }
    centre = fit.centre
    radius = fit.radius
    turnsFromXToY = fit.sense > 0
    residuals = sights.map { fit.error($0) }
    rms = (squares / Double(used.count)).squareRoot()
    sigma = (squares / Double(2 * used.count - 4) * fit.spread).squareRoot()
    self.outliers = outliers.sorted()
  }

  private static var still: CalibrationError {
    CalibrationError(
      "the mark does not go round as the angles say",
      advice: "Take a mark away from the axis, turn nothing but the tool, and check the angles")
  }

  private static func widestTurn(_ sights: [Sight]) -> Double {
    let angles = sights.map(\.angle.radians)
    return (angles.max() ?? 0) - (angles.min() ?? 0)
  }

  private struct Fit {
    let centre: PlanePoint
    /// Where the mark is from the centre at the angle 0.
    let arm: PlanePoint
    let sense: Double
    /// The variance of the centre's x for a variance of 1 of each coordinate.
    let spread: Double

    var radius: Double { hypot(arm.x, arm.y) }

    func error(_ sight: Sight) -> Double {
      let c = cos(sight.angle.radians), s = sense * sin(sight.angle.radians)
      return hypot(
        centre.x + c * arm.x - s * arm.y - sight.place.x,
        centre.y + s * arm.x + c * arm.y - sight.place.y)
    }
  }

  /// Linear in the centre and the arm, once for each sense of the angles.
  private static func fit(_ sights: [Sight]) -> Fit? {
    let fits = [1.0, -1.0].compactMap { sense -> Fit? in
      var system = Matrix(rows: 2 * sights.count, columns: 4)
      for (i, sight) in sights.enumerated() {
        let c = cos(sight.angle.radians), s = sense * sin(sight.angle.radians)
        for (j, value) in [1, 0, c, -s].enumerated() { system[2 * i, j] = value }
        for (j, value) in [0, 1, s, c].enumerated() { system[2 * i + 1, j] = value }
      }
      let parts = SingularValues(system)
      guard parts.condition < 1e6 else { return nil }
      let p = parts.solve(sights.flatMap { [$0.place.x, $0.place.y] })
      let spread = parts.values.indices.reduce(0) {
        $0 + parts.v[0, $1] * parts.v[0, $1] / (parts.values[$1] * parts.values[$1])
      }
      return Fit(
        centre: PlanePoint(x: p[0], y: p[1]), arm: PlanePoint(x: p[2], y: p[3]), sense: sense,
        spread: spread)
    }
    func squares(_ fit: Fit) -> Double {
      sights.reduce(0) { $0 + fit.error($1) * fit.error($1) }
    }
    return fits.min { squares($0) < squares($1) }
  }
}
