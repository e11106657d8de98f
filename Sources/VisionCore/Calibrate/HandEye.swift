#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Where a camera sits on a robot's flange, or stands beside the robot: from pairs of poses, a closed
/// form to start with, then both unknown poses at once, with outlying pairs left out.
public struct HandEye: Sendable {
  public enum Mode: String, Sendable, CaseIterable {
    /// The camera is on the flange, the target stands still.
    case eyeInHand = "eye-in-hand"
    /// The camera stands still, the target is on the flange.
    case eyeToHand = "eye-to-hand"
  }

  public struct Pair: Sendable {
    /// The flange in the robot's base.
    public let robot: RigidTransform
    /// The target in the camera.
    public let target: RigidTransform
    public init(robot: RigidTransform, target: RigidTransform) {
      self.robot = robot
      self.target = target
    }
  }

  public struct Residual: Sendable, Equatable {
    public let millimetres: Double
    public let degrees: Double
    public let isOutlier: Bool
  }

  /// The camera in the flange, or in the base where it stands still.
  public let transform: RigidTransform
  /// The target in the base, or in the flange where the camera stands still.
  public let target: RigidTransform
  public let residuals: [Residual]
  /// Standard deviations of the transform: three angles in degrees, three shifts in millimetres.
  /// Nil for a closed form, which does not state them.
  public let sigmas: [Double]?

  /// Root mean squares over the pairs that take part.
  public var rms: (millimetres: Double, degrees: Double) {
    let used = residuals.filter { !$0.isOutlier }, n = Double(max(1, used.count))
    return (
      (used.reduce(0) { $0 + $1.millimetres * $1.millimetres } / n).squareRoot(),
      (used.reduce(0) { $0 + $1.degrees * $1.degrees } / n).squareRoot()
    )
  }

  private static let fewestPairs = 3
  /// Two rotations about axes nearer to each other than this leave a direction open.
  private static let leastAngleBetweenAxes = 5.0 * .pi / 180
  private static let outlierLimit = 4.0
  /// Rounds of fitting and weighing anew, at the most.
  private static let mostRounds = 30

  /// With OpenCV, which weighs all pairs alike, by the closed form of `method`.
  public init(
    _ pairs: [Pair], mode: Mode, engine: Engine = .native, method: Method = .park
  ) throws(CalibrationError) {
    guard pairs.count >= Self.fewestPairs else {
      throw CalibrationError(
        "\(pairs.count) pairs of poses, at least \(Self.fewestPairs) are needed",
        advice: "Take 10 to 20 poses with the flange turned about different axes")
    }
    // A camera that stands still sees the base move as one on the flange sees the target.
    let chains = mode == .eyeInHand
      ? pairs : pairs.map { Pair(robot: $0.robot.inverse, target: $0.target) }
    try Self.requireDifferentAxes(chains)
    if engine == .opencv {
      let camera = try Self.solveWithOpenCV(chains, method)
      let still = Self.middle(chains.map { $0.robot * (camera * $0.target) })
      (transform, target, sigmas) = (camera, still, nil)
      residuals = Self.errors(chains, camera.parameters + still.parameters).map { error in
        Residual(
          millimetres: error.shift.length, degrees: error.turn.length * 180 / .pi, isOutlier: false)
      }
      return
    }
    let start = try HandEyeStart(chains).best()
    let places = chains.map { $0.robot * (start * $0.target) }
    let still = Self.middle(places)
    let fit = Self.refine(chains, start, still)
    guard let covariance = fit.fit.covariance else {
      throw CalibrationError(
        "the poses leave the result open", advice: "Turn the flange about different axes",
        cause: .method)
    }
    transform = RigidTransform(parameters: fit.fit.parameters[0..<6])
    target = RigidTransform(parameters: fit.fit.parameters[6..<12])
    residuals = fit.residuals
    let variance = fit.fit.cost / max(1, 6 * fit.weight - 12)
    sigmas = (0..<6).map { i in
      (covariance[i, i] * variance).squareRoot() * (i < 3 ? 180 / .pi : 1)
    }
  }

  private static func requireDifferentAxes(_ pairs: [Pair]) throws(CalibrationError) {
    var axes = Matrix(rows: pairs.count - 1, columns: 3)
    let first = pairs[0].robot.rotation.inverse
    for (i, pair) in pairs.dropFirst().enumerated() {
      let turn = (first * pair.robot.rotation).vector
      (axes[i, 0], axes[i, 1], axes[i, 2]) = (turn.x, turn.y, turn.z)
    }
    let strengths = SingularValues(axes).values
    guard strengths[1] / Double(pairs.count).squareRoot() > leastAngleBetweenAxes * 0.5 else {
      throw CalibrationError(
        strengths[0] < leastAngleBetweenAxes
          ? "the flange is never turned" : "the flange is turned about one axis only",
        advice: "Turn it about at least two axes, by 20 degrees and more")
    }
  }

  private struct Refined {
    var fit: LevenbergMarquardt.Fit
    var residuals: [Residual]
    /// The pairs that take part, one that counts by half as half of one.
    var weight: Double
  }

  /// Residuals of a pair: how far robot · camera · target is from the still pose, in angle and in
  /// place, each in units of its own spread, which is estimated again and again. The farther off a pair
  /// is, the less it weighs, smoothly to the end: last rounds of all or nothing were worse by a percent on
  /// pairs held back.
  private static func refine(
    _ pairs: [Pair], _ start: RigidTransform, _ still: RigidTransform
  ) -> Refined {
    var x = start.parameters + still.parameters
    var spread = spreads(errors(pairs, x))
    var weights = [[Double]](repeating: [1], count: pairs.count)
    var fit = LevenbergMarquardt.Fit(parameters: x, residuals: [], cost: 0, covariance: nil)
    for _ in 0..<mostRounds {
      let (angle, place) = spread
      let blocks = pairs.map { pair in
        ResidualBlock(parameters: Array(0..<12), count: 6, group: 6) { p, out in
          let error = Self.error(pair, p)
          for k in 0..<3 {
            out[k] = error.turn[k] / angle
            out[3 + k] = error.shift[k] / place
          }
        }
      }
      let before = x
      fit = LevenbergMarquardt(blocks).minimise(x, weights: weights)
      x = fit.parameters
      let found = errors(pairs, x)
      spread = spreads(found)
      let next = found.map { error -> [Double] in
        let length = max(error.turn.length / spread.angle, error.shift.length / spread.place)
        return [RobustWeights.tukey(length, scale: 1.5, limit: outlierLimit)]
      }
      let isSteady = zip(x, before).allSatisfy { abs($0 - $1) < 1e-12 * (1 + abs($0)) }
      if next == weights && isSteady { break }
      weights = next
    }
    let residuals = zip(errors(pairs, x), weights).map { error, weight in
      Residual(
        millimetres: error.shift.length, degrees: error.turn.length * 180 / .pi,
        isOutlier: weight[0] == 0)
    }
    return Refined(
      fit: fit, residuals: residuals, weight: weights.reduce(0) { $0 + $1[0] })
  }

  private static func error(_ pair: Pair, _ p: [Double]) -> (turn: Vector3, shift: Vector3) {
    let chain = pair.robot * (RigidTransform(parameters: p[0..<6]) * pair.target)
    let still = RigidTransform(parameters: p[6..<12])
    return (
      (still.rotation.inverse * chain.rotation).vector, chain.translation - still.translation
    )
  }

  private static func errors(_ pairs: [Pair], _ x: [Double]) -> [(turn: Vector3, shift: Vector3)] {
    pairs.map { error($0, x) }
  }

  /// Never quite 0: simulated poses agree to the last digits.
  private static func spreads(
    _ errors: [(turn: Vector3, shift: Vector3)]
  ) -> (angle: Double, place: Double) {
    (
      max(RobustWeights.scale(ofLengths: errors.map(\.turn.length), axes: 3), 1e-9),
      max(RobustWeights.scale(ofLengths: errors.map(\.shift.length), axes: 3), 1e-7)
    )
  }

  /// A pose amid many, from the middle values of their shifts and the rotation nearest to all.
  private static func middle(_ poses: [RigidTransform]) -> RigidTransform {
    var sum = Matrix(rows: 3, columns: 3)
    for pose in poses {
      let values = pose.rotation.matrix.values
      for i in 0..<9 { sum.values[i] += values[i] }
    }
    func median(_ k: Int) -> Double { RobustWeights.median(poses.map { $0.translation[k] }) }
    return RigidTransform(
      rotation: Rotation(nearest: sum), translation: Vector3(median(0), median(1), median(2)))
  }
}
