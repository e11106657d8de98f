import Configuration
import VisionCore
import VisionImage

/// Who calibrates, and the two engines held against each other; the same for every calibrate verb.
enum CalibrationEngines {
  static let parameters = [
    Parameter(
      "engine", .choice(["native", "opencv", "auto"]), optional: true,
      "who computes; auto is native with OpenCV behind it"),
    Parameter("cross-check", .flag, "compute with the other engine too, and say how far they are apart"),
  ]

  static let details = """


    --cross-check needs OpenCV; nothing is written without it.
    """

  static func choice(_ values: ParameterValues) throws -> EngineChoice {
    try EngineOptions.choice(values)
  }

  static func other(_ engine: Engine) -> Engine { engine == .native ? .opencv : .native }

  /// Says who computed, and why it was not the first.
  static func note<Value>(_ answer: Calibrated<Value>, in report: inout JSONObject) {
    report["engine"] = .string(answer.engine.rawValue)
    guard let why = answer.failover else { return }
    report["failover"] = .string(why)
    Output.note("note: OpenCV computed; native: \(why)")
  }

  /// A cross-check that cannot be made is an error; nothing is written.
  static func orAlone<R>(_ body: () throws(CalibrationError) -> R) throws -> R {
    do throws(CalibrationError) {
      return try body()
    } catch {
      throw CommandError(
        error.cause == .engine ? .failed : .no, "cannot cross-check", why: error.description,
        advice: error.cause == .engine ? error.advice : nil)
    }
  }

  /// Distances under their name in the report, and in words.
  static func tell(
    _ engine: Engine,
    _ distances: [(member: String, words: String, unit: String, distance: CalibrationDistance)],
    in report: inout JSONObject, silent: Bool
  ) {
    var check: JSONObject = ["engine": .string(engine.rawValue)]
    for entry in distances { check[entry.member] = .object(entry.distance.json) }
    report["cross_check"] = .object(check)
    if silent { return }
    let words = distances.map { "\($0.words) \($0.distance.text) \($0.unit)" }
    Output.line("cross-check with \(engine.rawValue): \(words.joined(separator: ", ")) apart")
  }

  /// The marks of one engine in the order of the other's: a plate that looks the same when it is
  /// turned may start at another corner.
  static func inOrder(_ marks: [PixelPoint], of others: [PixelPoint]) -> [PixelPoint] {
    func square(_ a: PixelPoint, _ b: PixelPoint) -> Double {
      (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)
    }
    return others.map { other in
      marks.min { square($0, other) < square($1, other) } ?? other
    }
  }
}

extension CalibrationDistance {
  var json: JSONObject { ["rms": .number(rms), "max": .number(max)] }
  var text: String { "\(JSON.rounded(rms, 4).text) (at most \(JSON.rounded(max, 4).text))" }
}
