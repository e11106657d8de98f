import VisionImage

/// A camera's model from views of a flat plate: Zhang's start, then everything at once by least
/// squares with weights that outliers cannot bend.
public struct CameraCalibration: Sendable {
  /// The marks of one picture, in the order of the target's points.
  public struct View: Sendable {
    public let image: String
    public let pixels: [PixelPoint]
    public init(image: String, pixels: [PixelPoint]) {
      self.image = image
      self.pixels = pixels
    }
  }

  public struct FittedView: Sendable {
    public let view: View
    public let rms: Double
    /// The plate in the camera's frame, millimetres.
    public let pose: RigidTransform
    /// From where each mark is seen to where the model has it.
    public let residuals: [PixelPoint]
    /// Marks that are no part of the fit: too far off to be noise.
    public let outliers: [Int]
  }

  public struct Rejected: Sendable {
    public let image: String
    public let why: String
    public init(image: String, why: String) {
      self.image = image
      self.why = why
    }
  }

  public let camera: CameraModel
  /// Pixels, over all marks that take part.
  public let rms: Double
  /// Standard deviations of fx, fy, cx, cy and the distortion.
  public let sigmas: [Double]
  public let views: [FittedView]
  public let rejected: [Rejected]

  static let fewestViews = 3
  /// Of the scale of the others: beyond this a mark is no noise, or a view no view of the plate.
  private static let markLimit = 4.5
  private static let viewLimit = 4.0

  public init(
    target: CalibrationTarget, width: Int, height: Int, views: [View],
    lens: CameraModel.Lens = .pinhole, engine: Engine = .native
  ) throws(CalibrationError) {
    var used = views
    var rejected: [Rejected] = []
    while true {
      guard used.count >= Self.fewestViews else {
        throw CalibrationError(
          "\(used.count) usable views of the plate, at least \(Self.fewestViews) are needed",
          advice: "Take 10 to 20 pictures with the plate tilted in different ways")
      }
      let job = CameraFit(target: target, width: width, height: height, views: used, lens: lens)
      let fit = engine == .opencv ? try job.runWithOpenCV() : try job.run(markLimit: Self.markLimit)
      let typical = RobustWeights.median(fit.views.map(\.rmsOfAll))
      let worst = fit.views.indices.max { fit.views[$0].rmsOfAll < fit.views[$1].rmsOfAll }
      if let worst, fit.views[worst].rmsOfAll > max(Self.viewLimit * typical, 0.5), used.count > 3 {
        let error = fit.views[worst].rmsOfAll
        rejected.append(
          Rejected(
            image: used[worst].image,
            why: "its marks are \(Self.words(error)) px off, the others \(Self.words(typical)) px"))
        used.remove(at: worst)
        continue
      }
      camera = fit.camera
      rms = fit.rms
      sigmas = fit.sigmas
      self.views = fit.views
      self.rejected = rejected
      return
    }
  }

  private static func words(_ value: Double) -> String {
    "\((value * 100).rounded() / 100)"
  }

  /// Where the plate has not been, in words; empty where the picture is covered.
  public var advice: [String] {
    var seen = [Int](repeating: 0, count: 9)
    for view in views {
      for p in view.view.pixels {
        let column = min(2, max(0, Int(3 * p.x / Double(camera.width))))
        let row = min(2, max(0, Int(3 * p.y / Double(camera.height))))
        seen[3 * row + column] += 1
      }
    }
    let names = [
      "upper left", "upper middle", "upper right", "middle left", "middle", "middle right",
      "lower left", "lower middle", "lower right",
    ]
    let total = seen.reduce(0, +)
    var advice = zip(names, seen).filter { 50 * $0.1 < total }.map {
      "move the board to the \($0.0) of the picture"
    }
    let tilts = views.map { abs($0.pose.rotation.rows.2.z) }
    if tilts.filter({ $0 < 0.94 }).count < 3 { advice.append("tilt the board more, by 20 to 45 degrees") }
    if views.count < 8 { advice.append("take more views, 10 to 20") }
    return advice
  }
}

extension CameraCalibration.FittedView {
  /// Pixels, over all marks, those that were left out too.
  var rmsOfAll: Double {
    let sum = residuals.reduce(0) { $0 + $1.x * $1.x + $1.y * $1.y }
    return (sum / Double(residuals.count)).squareRoot()
  }
}
