import Configuration
import InspectionKit
import Testing
import VisionImage

@Suite struct EvaluationTests {
  private func samples(_ scores: [(bad: Bool, score: Double)]) -> Evaluation {
    Evaluation(
      scores.enumerated().map { i, s in
        Evaluation.Sample(
          image: "\(i)", isBad: s.bad, verdict: s.score >= 1 ? .ng : .ok, score: s.score,
          label: s.bad ? "scratch" : nil, said: s.score >= 1 ? "dark" : nil)
      })
  }

  /// Every pair of a bad and a good picture, one by one: the definition.
  private func auroc(_ scores: [(bad: Bool, score: Double)]) -> Double {
    var sum = 0.0, pairs = 0.0
    for b in scores where b.bad {
      for g in scores where !g.bad {
        sum += b.score > g.score ? 1 : b.score == g.score ? 0.5 : 0
        pairs += 1
      }
    }
    return sum / pairs
  }

  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 33)
    }
  }

  @Test(arguments: [1, 2, 3]) func figuresAreThoseOfTheDefinition(seed: UInt64) throws {
    var random = Generator(state: seed)
    // Few levels, so that there are ties.
    let scores = (0..<80).map { i in
      (
        bad: i % 3 == 0,
        score: Double(Int.random(in: 0...20, using: &random) + (i % 3 == 0 ? 4 : 0)) / 12
      )
    }
    let evaluation = samples(scores)
    #expect(abs(try #require(evaluation.auroc) - auroc(scores)) < 1e-12, "seed \(seed)")
    let curve = evaluation.curve
    #expect(curve.last?.recall == 1 && curve.last?.falseAlarms == 1)
    for point in curve {
      let rejected = scores.filter { $0.score >= point.limit }
      let hits = rejected.filter(\.bad).count, bad = scores.filter(\.bad).count
      #expect(point.recall == Double(hits) / Double(bad), "seed \(seed)")
      #expect(
        abs(point.f - 2 * Double(hits) / Double(rejected.count + bad)) < 1e-12, "seed \(seed)")
    }
  }

  /// The maps' pixels are pictures of one pixel each.
  @Test(arguments: [4, 5]) func pixelsAreCountedLikePictures(seed: UInt64) throws {
    var random = Generator(state: seed)
    var pixels = PixelEvaluation(), scores: [(bad: Bool, score: Double)] = []
    for _ in 0..<3 {
      let map = Image<UInt16>(width: 9, height: 5) { _, _ in
        UInt16.random(in: 0...30, using: &random) * 2000
      }
      let mask = (0..<45).map { _ in Int.random(in: 0..<5, using: &random) == 0 }
      pixels.add(map.view) { x, y in mask[y * 9 + x] }
      map.view.withRows { rows in
        for y in 0..<5 { for x in 0..<9 { scores.append((mask[y * 9 + x], Double(rows[y][x]))) } }
      }
    }
    #expect(abs(try #require(pixels.auroc) - auroc(scores)) < 1e-12, "seed \(seed)")
    let precision = try #require(samples(scores).averagePrecision)
    #expect(abs(try #require(pixels.averagePrecision) - precision) < 1e-12, "seed \(seed)")
    #expect(pixels.pictures == 3)
  }

  @Test func masksAreRunsOrPictures() throws {
    let json = try JSONParser.parse("{\"size\": [2, 3], \"runs\": [1, 2, 5, 1]}", as: .json).json
    let runs = try #require(TruthMask(runs: json))
    #expect(runs.pixels(width: 3, height: 2) == [0, 1, 1, 0, 0, 1])
    #expect(runs.pixels(width: 2, height: 3) == nil)
    let picture = TruthMask.picture(
      Image<UInt8>(width: 3, height: 2) { x, y in x > y ? 7 : 0 }.raster)
    #expect(picture.pixels(width: 3, height: 2) == [0, 1, 1, 0, 0, 1])
    #expect(TruthMask.none.pixels(width: 2, height: 1) == [0, 0])
    for wrong in [
      "{\"size\": [2, 3], \"runs\": [5, 2]}", "{\"size\": [2, 3], \"runs\": [1]}",
      "{\"size\": [2], \"runs\": []}", "3",
    ] {
      #expect(TruthMask(runs: try JSONParser.parse(wrong, as: .json).json) == nil)
    }
  }

  @Test func classesAreConfusedByName() {
    let confusion = samples([(true, 2), (true, 0.5), (false, 0.2), (false, 1.5)]).confusion
    #expect(
      JSON.object(confusion).text
        == "{\"good\":{\"dark\":1,\"good\":1},\"scratch\":{\"dark\":1,\"good\":1}}")
  }
}
