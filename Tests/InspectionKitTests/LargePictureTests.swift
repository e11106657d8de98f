import CaptureKit
import Testing
import VisionCore
import VisionImage

@testable import InspectionKit

/// What is done band by band because a whole picture would not fit twice gives the same as at once.
@Suite struct LargePictureTests {
  private func result(
    _ tool: CompareGolden, _ picture: RasterView
  ) throws -> (result: ToolResult, map: Image<UInt16>?) {
    let worker = try tool.worker(OperatorRunner(.native))
    let part = PartContext(image: "", region: nil, wantsMap: true)
    let result = try worker.inspect(picture, of: part)
    return (result, worker.map())
  }

  @Test(arguments: ["", ", warp: 2", ", shading: 61", ", link: 0", ", link: 5, edge_band: 9"])
  func bandsGiveWhatTheWholeGives(more: String) throws {
    let text = """
      { version: 1, name: "x", tools: [{ tool: "compare_golden", reference: "scene:board"\(more) }] }
      """
    let inspector = try Inspector(Recipe(text: text, path: "r"))
    let whole = try #require(inspector.tools[0] as? CompareGolden)
    var banded = whole
    banded.keptPixels = 0
    banded.bandPixels = 40_000
    let parts = try #require(SceneKind.find("board")).scene(seed: 31)
    var defects = 0
    for index in 0..<6 {
      let picture = parts.render(part: index, defectRate: 0.7).image.raster.view
      let a = try result(whole, picture), b = try result(banded, picture)
      #expect(a.result.score == b.result.score && a.result.defects == b.result.defects, "part \(index)")
      #expect(samePixels(try #require(a.map), try #require(b.map)), "part \(index)")
      defects += a.result.defects.count
    }
    #expect(defects > 0)
  }

  private func samePixels(_ a: Image<UInt16>, _ b: Image<UInt16>) -> Bool {
    a.width == b.width && a.height == b.height
      && (0..<a.height).allSatisfy { y in (0..<a.width).allSatisfy { a[$0, y] == b[$0, y] } }
  }

  /// Marks cross the borders of strips.
  @Test func stripsOfAMarkedPictureAreTheWhole() throws {
    let picture = Image<UInt8>(width: 90, height: 70) { x, y in UInt8(truncatingIfNeeded: x * y) }
    var record = InspectionRecord(
      image: "", time: "", verdict: .ng, score: 2, engine: "native", recipe: "", recipeHash: "")
    record.defects = [
      Defect(box: PixelRect(x: 20, y: 10, width: 30, height: 40), area: 9, score: 2, kind: nil),
      Defect(box: PixelRect(x: -5, y: 60, width: 20, height: 30), area: 9, score: 2, kind: nil),
    ]
    let whole = Annotation.mark(record, on: picture.view.raster)
    for top in stride(from: 0, to: 70, by: 16) {
      let rows = top..<min(70, top + 16)
      let strip = Annotation.mark(record, on: picture.view.raster, rows: rows)
      #expect(rows.allSatisfy { y in (0..<90).allSatisfy { strip[$0, y - top] == whole[$0, y] } })
    }
  }
}
