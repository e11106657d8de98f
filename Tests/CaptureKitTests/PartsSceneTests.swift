@testable import CaptureKit
import Testing
import VisionCore
import VisionImage

@Suite struct PartsSceneTests {
  /// The truth about poses is exact: a search finds the parts where they are said to be, and no others.
  @Test func partsLieWhereTheTruthSays() throws {
    let scene = try #require(SceneKind.find("parts")).scene(seed: 21)
    let template = try MatchTemplate(scene.template.raster.view)
    let model = try MatchModel(.shape, template, MatchRange(angles: -180...180))
    let runner = OperatorRunner(.native)
    var squares = 0.0, turns = 0.0, count = 0.0
    for index in 0..<6 {
      let part = scene.render(part: index, defectRate: 0.5)
      #expect(part.poses.count == (part.defects.isEmpty ? 4 : 3), "seed 21, part \(index)")
      let found = try runner.matches(
        of: model, in: part.image.raster.view, MatchQuery(minScore: 0.6)
      ).matches
      #expect(found.count == part.poses.count, "seed 21, part \(index)")
      for pose in part.poses {
        let nearest = try #require(
          found.min { away($0, pose) < away($1, pose) }, "seed 21, part \(index)")
        let turn = (nearest.angle.degrees - pose.angle.degrees).remainder(dividingBy: 360)
        squares += away(nearest, pose) * away(nearest, pose)
        turns += turn * turn
        count += 1
      }
    }
    #expect((squares / count).squareRoot() < 0.08, "seed 21: \((squares / count).squareRoot()) px")
    #expect((turns / count).squareRoot() < 0.1, "seed 21: \((turns / count).squareRoot()) degrees")
  }

  private func away(_ match: Match, _ pose: ScenePose) -> Double {
    let dx = match.x - pose.x, dy = match.y - pose.y
    return (dx * dx + dy * dy).squareRoot()
  }
}
