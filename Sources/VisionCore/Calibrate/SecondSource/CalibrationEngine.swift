/// A result, and which engine it is from.
public struct Calibrated<Value: Sendable>: Sendable {
  public let value: Value
  public let engine: Engine
  /// Why the native engine did not answer, where OpenCV did in its place.
  public let failover: String?
}

extension EngineChoice {
  /// Computes with the engine of choice. `auto` is native; where that fails by itself, and not
  /// because what was given cannot be right, OpenCV is asked, and the outcome says so.
  public func calibrate<Value>(
    _ compute: (Engine) throws(CalibrationError) -> Value
  ) throws(CalibrationError) -> Calibrated<Value> {
    guard self != .reference else {
      throw CalibrationError(
        "calibration has no reference form", advice: "Take native, opencv or auto", cause: .engine)
    }
    let failure: CalibrationError
    do throws(CalibrationError) {
      return Calibrated(value: try compute(first), engine: first, failover: nil)
    } catch {
      failure = error
    }
    guard let second, failure.cause == .method, OpenCVLibrary.calibration != nil else {
      throw failure
    }
    do throws(CalibrationError) {
      return Calibrated(
        value: try compute(second), engine: second, failover: failure.description)
    } catch {
      // What the native engine says is nearer to what can be done about it.
      throw failure
    }
  }
}
