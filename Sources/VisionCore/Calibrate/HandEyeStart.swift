/// A X = X B over motions between poses: the rotation after Park and Martin (the axes of the robot's
/// motions are those of the target's, turned by X), then the shift by linear least squares. Trials
/// with a few motions each are judged by the middle error of all, so that outliers do not matter.
struct HandEyeStart {
  private struct Motion {
    let a: RigidTransform
    let b: RigidTransform
  }

  private let pairs: [HandEye.Pair]
  private static let trials = 200
  private static let motionsOfATrial = 8

  init(_ pairs: [HandEye.Pair]) { self.pairs = pairs }

  func best() throws(CalibrationError) -> RigidTransform {
    var random = SeededRandom(seed: 11)
    let all = motions(random: &random)
    var best = solve(all).map { ($0, middleError($0, all)) }
    for _ in 0..<Self.trials where all.count > Self.motionsOfATrial {
      let some = (0..<Self.motionsOfATrial).map { _ in all[Int.random(in: 0..<all.count, using: &random)] }
      guard let trial = solve(some) else { continue }
      let error = middleError(trial, all)
      if error < best?.1 ?? .infinity { best = (trial, error) }
    }
    guard let best else {
      throw CalibrationError(
        "the poses leave the result open", advice: "Turn the flange about at least two axes")
    }
    return best.0
  }

  /// Every pair of few poses, a sample of many.
  private func motions(random: inout SeededRandom) -> [Motion] {
    let n = pairs.count
    var indices: [(Int, Int)] = []
    if n <= 40 {
      for i in 0..<n { for j in i + 1..<max(i + 1, n) { indices.append((i, j)) } }
    } else {
      for _ in 0..<800 {
        let i = Int.random(in: 0..<n, using: &random), j = Int.random(in: 0..<n, using: &random)
        if i != j { indices.append((i, j)) }
      }
    }
    return indices.map { i, j in
      Motion(
        a: pairs[j].robot.inverse * pairs[i].robot, b: pairs[j].target * pairs[i].target.inverse)
    }
  }

  private func solve(_ motions: [Motion]) -> RigidTransform? {
    var correlation = Matrix(rows: 3, columns: 3)
    for motion in motions {
      let a = motion.a.rotation.vector, b = motion.b.rotation.vector
      for i in 0..<3 { for j in 0..<3 { correlation[i, j] += a[i] * b[j] } }
    }
    guard correlation.values.allSatisfy(\.isFinite) else { return nil }
    let strengths = SingularValues(correlation).values
    guard strengths[1] > 1e-6 * strengths[0], strengths[0] > 0 else { return nil }
    let rotation = Rotation(nearest: correlation)
    var system = Matrix(rows: 3 * motions.count, columns: 3)
    var right = [Double](repeating: 0, count: 3 * motions.count)
    for (k, motion) in motions.enumerated() {
      let turn = motion.a.rotation.matrix
      let shift = rotation * motion.b.translation - motion.a.translation
      for i in 0..<3 {
        for j in 0..<3 { system[3 * k + i, j] = turn[i, j] - (i == j ? 1 : 0) }
        right[3 * k + i] = shift[i]
      }
    }
    let parts = SingularValues(system)
    guard parts.condition < 1e8 else { return nil }
    let t = parts.solve(right)
    return RigidTransform(rotation: rotation, translation: Vector3(t[0], t[1], t[2]))
  }

  /// Millimetres, with a degree counting as ten of them.
  private func middleError(_ x: RigidTransform, _ motions: [Motion]) -> Double {
    RobustWeights.median(
      motions.map { motion in
        let left = motion.a * x, right = x * motion.b
        let turn = (left.rotation.inverse * right.rotation).vector.length
        return (left.translation - right.translation).length + turn * 573
      })
  }
}
