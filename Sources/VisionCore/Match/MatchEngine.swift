import VisionImage

/// What was found, and by whom.
public struct MatchOutcome: Sendable {
  public let matches: [Match]
  public let engine: Engine
  /// Why the first engine did not answer, where the second one did.
  public let failover: String?
}

extension OperatorRunner {
  /// The parts in a picture of 8 or 16 bits, best first, by the engine of choice. OpenCV and the
  /// reference know `ncc` only.
  public func matches(
    of model: MatchModel, in picture: RasterView, _ query: MatchQuery
  ) throws(MatchError) -> MatchOutcome {
    let grey = try MatchTemplate.grey(picture)
    let query = query.started()
    let outcome: MatchOutcome
    do throws(OperatorError) {
      let found = try onEngine("match") { (engine) throws(OperatorError) in
        switch engine {
        case .native: model.matches(in: grey, query, on: machine)
        case .opencv:
          try plainly(model, engine, grey, query, .openCV(openCV(for: "match")))
        case .reference: try plainly(model, engine, grey, query, .reference)
        }
      }
      outcome = MatchOutcome(matches: found.answer, engine: found.engine, failover: found.failover)
    } catch {
      throw .engine(error.description)
    }
    if query.isOver, let timeout = query.timeout { throw .timeout(milliseconds: timeout) }
    return outcome
  }

  private func plainly(
    _ model: MatchModel, _ engine: Engine, _ picture: ImageView<UInt8>, _ query: MatchQuery,
    _ correlator: Correlator
  ) throws(OperatorError) -> [Match] {
    guard model.method == .ncc else {
      throw .engineUnavailable(
        engine: engine, name: "match", why: "matching by edges has the native form only")
    }
    let search = PlainSearch(model.template, model.range, correlator, on: machine)
    return try search.matches(in: picture, query, on: machine)
  }
}
