import VisionImage

/// One fit of a camera and the poses of all views.
struct CameraFit {
  let target: CalibrationTarget
  let width: Int
  let height: Int
  let views: [CameraCalibration.View]
  let lens: CameraModel.Lens

  struct Result {
    let camera: CameraModel
    let rms: Double
    let sigmas: [Double]
    let views: [CameraCalibration.FittedView]
  }

  func run(markLimit: Double) throws(CalibrationError) -> Result {
    let points = target.points
    let start = try self.start(points)
    let cameraCount = start.camera.parameters.count
    let blocks = views.indices.map { v in
      ResidualBlock(
        parameters: Array(0..<cameraCount) + (0..<6).map { cameraCount + 6 * v + $0 },
        count: 2 * points.count, group: 2
      ) { p, out in
        start.camera.with(parameters: p[0..<cameraCount]).residuals(
          RigidTransform(parameters: p[cameraCount...]), points, views[v].pixels, &out)
      }
    }
    let solver = LevenbergMarquardt(blocks)
    var fit = solver.minimise(start.camera.parameters + start.poses.flatMap(\.parameters))
    var weights = views.map { _ in [Double](repeating: 1, count: points.count) }
    // Soft weights find the bulk, then what does not belong to it is left out altogether: the last
    // fit is plain least squares, which wastes nothing of good data.
    for round in 0..<6 {
      let lengths = fit.residuals.map { RobustWeights.lengths($0, group: 2) }
      let scale = max(RobustWeights.scale(ofLengths: lengths.flatMap { $0 }, axes: 2), 1e-9)
      let next = lengths.map { view in
        let soft = view.map { RobustWeights.huber($0, scale: scale, limit: 2) }
        let near = view.map { $0 <= markLimit * scale ? 1.0 : 0 }
        // A view of which most is far off stays softly in, or nothing would hold its pose: such a
        // view is judged as a whole.
        return round < 2 || 2 * near.reduce(0, +) < Double(view.count) ? soft : near
      }
      if next == weights { break }
      weights = next
      fit = solver.minimise(fit.parameters, weights: weights)
    }
    return try checked(try result(fit, weights, start.camera))
  }

  /// Refuses what the views do not determine, whoever fitted it.
  func checked(_ result: Result) throws(CalibrationError) -> Result {
    let camera = result.camera, sigmas = result.sigmas
    let isSensible =
      camera.fx > 0 && camera.fy > 0 && camera.fx.isFinite && sigmas[0] < 0.1 * camera.fx
      && sigmas[1] < 0.1 * camera.fy
    let normals = result.views.map { $0.pose.rotation * Vector3(0, 0, 1) }
    let isTilted = normals.contains { $0.dot(normals[0]) < Self.cosineOfLeastTilt }
    guard isSensible, isTilted else { throw Self.degenerate }
    return result
  }

  /// Parallel plates add nothing to what one of them says of the camera: 3 degrees.
  private static let cosineOfLeastTilt = 0.9986

  private func result(
    _ fit: LevenbergMarquardt.Fit, _ weights: [[Double]], _ shape: CameraModel
  ) throws(CalibrationError) -> Result {
    let count = shape.parameters.count
    let used = weights.reduce(0) { $0 + $1.reduce(0) { $0 + ($1 > 0 ? 1 : 0) } }
    let freedom = 2 * used - fit.parameters.count
    let camera = shape.with(parameters: fit.parameters[0..<count])
    guard let covariance = fit.covariance, freedom > 0 else { throw Self.degenerate }
    let variance = fit.cost / Double(freedom)
    let sigmas = (0..<count).map { (covariance[$0, $0] * variance).squareRoot() }
    let fitted = views.indices.map { v in
      let residuals = fit.residuals[v]
      let left = weights[v].indices.filter { weights[v][$0] == 0 }
      var sum = 0.0
      for (i, weight) in weights[v].enumerated() where weight > 0 {
        sum += residuals[2 * i] * residuals[2 * i] + residuals[2 * i + 1] * residuals[2 * i + 1]
      }
      return CameraCalibration.FittedView(
        view: views[v], rms: (sum / Double(max(1, weights[v].count - left.count))).squareRoot(),
        pose: RigidTransform(parameters: fit.parameters[(count + 6 * v)..<(count + 6 * v + 6)]),
        residuals: weights[v].indices.map {
          PixelPoint(x: residuals[2 * $0], y: residuals[2 * $0 + 1])
        },
        outliers: left)
    }
    return Result(
      camera: camera, rms: (fit.cost / Double(used)).squareRoot(), sigmas: sigmas, views: fitted)
  }

  static var degenerate: CalibrationError {
    CalibrationError(
      "the views do not determine the camera: the plate is held the same way in all of them",
      advice: "Tilt it by 20 to 45 degrees, to the left, to the right, up and down")
  }

  /// The focal lengths with the centre in the middle of the picture, from the two conditions that
  /// each view's map of the plate holds: its axes are at right angles and equally long.
  private func start(
    _ points: [PlanePoint]
  ) throws(CalibrationError) -> (camera: CameraModel, poses: [RigidTransform]) {
    let cx = Double(width - 1) / 2, cy = Double(height - 1) / 2
    var maps: [Homography] = []
    for view in views {
      guard
        let map = Homography(
          from: points.map { ($0.x, $0.y) }, to: view.pixels.map { ($0.x - cx, $0.y - cy) })
      else { throw CalibrationError("the marks lie on one line", advice: "Check \(view.image)") }
      maps.append(map)
    }
    var system = Matrix(rows: 2 * maps.count, columns: 2)
    var right = [Double](repeating: 0, count: 2 * maps.count)
    for (i, map) in maps.enumerated() {
      let m = map.values
      let a = Vector3(m[0], m[3], m[6]), b = Vector3(m[1], m[4], m[7])
      // Along both diagonals and both axes alike; the third component in units of the picture.
      let s = Double(max(width, height)), norm = 1 / (a.length * b.length)
      system[2 * i, 0] = a.x * b.x * norm
      system[2 * i, 1] = a.y * b.y * norm
      right[2 * i] = -a.z * b.z * s * s * norm
      system[2 * i + 1, 0] = (a.x * a.x - b.x * b.x) * norm
      system[2 * i + 1, 1] = (a.y * a.y - b.y * b.y) * norm
      right[2 * i + 1] = -(a.z * a.z - b.z * b.z) * s * s * norm
    }
    let scale = Double(max(width, height))
    let solution = SingularValues(system).solve(right)
    var fx = solution[0] > 0 ? scale / solution[0].squareRoot() : 0
    var fy = solution[1] > 0 ? scale / solution[1].squareRoot() : 0
    // One of them open: the pixels are square. Both open: a usual lens, and the fit decides.
    if !(0.2 * scale...50 * scale).contains(fx) { fx = fy }
    if !(0.2 * scale...50 * scale).contains(fy) { fy = fx }
    if !(0.2 * scale...50 * scale).contains(fx) { (fx, fy) = (1.2 * scale, 1.2 * scale) }
    if max(fx, fy) > 2 * min(fx, fy) { (fx, fy) = ((fx * fy).squareRoot(), (fx * fy).squareRoot()) }
    let camera = CameraModel(
      width: width, height: height, fx: fx, fy: fy, cx: cx, cy: cy,
      distortion: [Double](repeating: 0, count: lens.coefficients))
    let poses = maps.compactMap { map in
      let m = map.values
      return RigidTransform(
        planeToDirections: Homography(
          (0..<3).map { m[$0] / fx } + (3..<6).map { m[$0] / fy } + m[6...]))
    }
    guard poses.count == maps.count else { throw Self.degenerate }
    return (camera, poses)
  }
}
