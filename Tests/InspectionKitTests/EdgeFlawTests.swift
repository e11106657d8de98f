import Testing
import VisionCore
import VisionImage

@testable import InspectionKit

#if canImport(Glibc)
  import Glibc
#endif

/// A bright plate with a hole, and a bead that winds, drawn with soft edges.
@Suite struct EdgeFlawTests {
  /// Grey levels of a part: how far inside it a place is, in pixels.
  private static func draw(
    turned degrees: Double = 0, moved: (x: Double, y: Double) = (0, 0), seed: Int = 1,
    _ inside: (Double, Double) -> Double
  ) -> Image<UInt8> {
    let c = cos(degrees * .pi / 180), s = sin(degrees * .pi / 180)
    var noise = UInt64(seed)
    return Image(width: 320, height: 240) { x, y in
      let u = Double(x) - 160 - moved.x, v = Double(y) - 120 - moved.y
      noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let grain = Double(noise >> 60) / 2
      let share = min(max(inside(160 + c * u + s * v, 120 - s * u + c * v) / 1.5 + 0.5, 0), 1)
      return UInt8(40 + 150 * share + grain)
    }
  }

  private static func plate(_ x: Double, _ y: Double) -> Double {
    let edge = min(min(x - 60, 260 - x), min(y - 50, 190 - y))
    return min(edge, hypot(x - 130, y - 120) - 25)
  }

  struct Flaw: CustomTestStringConvertible {
    let kind: String?
    let at: (x: Double, y: Double)
    let shape: @Sendable (Double, Double) -> Double
    var testDescription: String { kind ?? "good" }
  }

  static let flaws = [
    Flaw(kind: nil, at: (0, 0), shape: plate),
    Flaw(kind: "burr", at: (180, 47)) { x, y in max(plate(x, y), 5 - hypot(x - 180, y - 49)) },
    Flaw(kind: "nick", at: (258, 120)) { x, y in min(plate(x, y), hypot(x - 260, y - 120) - 6) },
    Flaw(kind: "nick", at: (155, 120)) { x, y in min(plate(x, y), hypot(x - 155, y - 120) - 5) },
    Flaw(kind: "extra", at: (215, 120)) { x, y in min(plate(x, y), hypot(x - 215, y - 120) - 6) },
    Flaw(kind: "missing", at: (130, 120)) { x, y in min(min(x - 60, 260 - x), min(y - 50, 190 - y)) },
  ]

  private func record(_ tool: String, _ part: Image<UInt8>) throws -> InspectionRecord {
    let recipe = try Recipe(text: "{ version: 1, name: 'e', tools: [\(tool)] }", path: "r.json5")
    return try Inspector(recipe).worker().inspect(part.raster.view, image: "", time: "")
  }

  @Test(arguments: flaws, [(0.0, 0.0, 0.0), (2.5, 7, -4), (-3, -9.3, 5.6)])
  func contoursAreHeldAgainstTheNominal(flaw: Flaw, pose: (Double, Double, Double)) throws {
    let nominal = SubpixelContour.trace(Self.draw(Self.plate).view, at: 115).filter { $0.length > 20 }
    let part = Self.draw(turned: pose.0, moved: (pose.1, pose.2), seed: 5, flaw.shape)
    let contours = SubpixelContour.trace(part.view, at: 115).filter { $0.length > 20 }
    let map = ContourMap(nominal)
    let place = ContourPose(
      contours.flatMap(\.points), to: map, middle: PixelPoint(x: 160, y: 120), reach: 20, turns: true)
    let comparison = ContourComparison(tolerance: 2, length: 4, isDark: false, frame: part.view.bounds)
    let found = comparison.flaws(of: contours, against: map) { place.toNominal($0) }
    let lacking = comparison.missing(of: nominal, in: ContourMap(contours)) { place.toPicture($0) }
    let all = (found.defects + lacking.defects).filter { $0.score >= 1 }
    guard let kind = flaw.kind else {
      #expect(all.isEmpty && max(found.score, lacking.score) < 0.5, "\(all) \(found.score)")
      return
    }
    #expect(all.contains { $0.kind == kind }, "\(kind): \(all)")
    let c = cos(pose.0 * .pi / 180), s = sin(pose.0 * .pi / 180)
    let u = flaw.at.x - 160, v = flaw.at.y - 120
    let x = Int(160 + c * u - s * v + pose.1), y = Int(120 + s * u + c * v + pose.2)
    let near = PixelRect(x: x - 30, y: y - 30, width: 60, height: 60)
    #expect(all.allSatisfy { !$0.box.intersection(near).isEmpty }, "\(all)")
  }

  /// A bead of the half width `half(x)` along y = 120 + 20 sin(x / 40).
  private static func bead(_ half: @escaping (Double) -> Double) -> Image<UInt8> {
    draw { x, y in half(x) - abs(y - 120 - 20 * sin(x / 40)) * 0.9 }
  }

  private static let path = stride(from: 20.0, through: 300, by: 10)
    .map { "\($0), \(120 + 20 * sin($0 / 40))" }.joined(separator: ", ")

  @Test(arguments: [
    (nil, 0.0), ("gap", -9.0), ("narrow", -3.5), ("wide", 4.0),
  ] as [(String?, Double)])
  func beadsAreFollowed(kind: String?, change: Double) throws {
    let tool = """
      { tool: 'bead', name: 'glue', path: [\(Self.path)], low: 13, high: 22, offset: 4 }
      """
    let part = Self.bead { x in 8 + (150...175 ~= x ? change : 0) }
    let record = try record(tool, part)
    #expect(record.error == nil)
    #expect(record.verdict == (kind == nil ? .ok : .ng), "\(record.score) \(record.measurements)")
    #expect(Set(record.defects.map(\.kind)) == (kind.map { [$0] } ?? []), "\(record.defects)")
    let place = PixelRect(x: 145, y: 80, width: 36, height: 80)
    #expect(record.defects.allSatisfy { !$0.box.intersection(place).isEmpty })
  }

  @Test func aBeadBesideItsPathIsOff() throws {
    let tool = """
      { tool: 'bead', path: [20, 112, 300, 112], low: 10, high: 30, offset: 4, name: 'b' }
      """
    let record = try record(tool, Self.draw { _, y in 8 - abs(y - 120) })
    #expect(record.verdict == .ng && Set(record.defects.map(\.kind)) == ["off"])
  }

  @Test func whatIsWrongForAMomentDoesNotCount() {
    let values: [Double] = [0, 3, 0, 2, 2, 2, 0]
    #expect(SustainedRuns(values, length: 3, isClosed: false).runs == [3..<6])
    #expect(SustainedRuns([2, 0, 0, 2, 2], length: 3, isClosed: true).runs == [0..<1, 3..<5])
    #expect(SustainedRuns([], length: 3, isClosed: true).runs.isEmpty)
  }
}
