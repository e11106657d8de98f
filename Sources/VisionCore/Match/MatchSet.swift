import VisionImage

/// Several parts that are looked for at once: where two of them are found at one place, the one that
/// fits better wins.
public struct MatchSet: Sendable {
  public struct Member: Sendable {
    public let name: String
    public let model: MatchModel
    /// The least score of this part, where it is not the query's.
    public let minScore: Double?

    public init(_ name: String, _ model: MatchModel, minScore: Double? = nil) {
      self.name = name
      self.model = model
      self.minScore = minScore
    }

    func query(_ query: MatchQuery) -> MatchQuery { minScore.map(query.asking) ?? query }
  }

  public let members: [Member]

  public init(_ members: [Member]) {
    precondition(!members.isEmpty, "a search for nothing")
    self.members = members
  }

  /// The member that a match is of.
  public func model(of match: Match) -> MatchModel {
    members.first { $0.name == match.partClass }?.model ?? members[0].model
  }

  /// The parts in a picture, best first; they carry their class where there are several.
  public func matches(
    in picture: RasterView, _ query: MatchQuery, _ runner: OperatorRunner
  ) throws(MatchError) -> MatchOutcome {
    let query = query.started()
    guard members.count > 1 else {
      return try runner.matches(of: members[0].model, in: picture, members[0].query(query))
    }
    var all: [Match] = []
    var engine = Engine.native
    var failover: String?
    for member in members {
      let outcome = try runner.matches(of: member.model, in: picture, member.query(query))
      engine = outcome.engine
      failover = failover ?? outcome.failover
      all += outcome.matches.map { match in
        var match = match
        match.partClass = member.name
        return match
      }
    }
    let kept = OverlapFilter.kept(all, share: query.maxOverlap, limit: query.maxMatches) {
      model(of: $0).corners($0)
    }
    return MatchOutcome(matches: kept, engine: engine, failover: failover)
  }
}
