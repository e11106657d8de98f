import ImageFiles
import InspectionKit
import Testing
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A plate with a hole, and tools that are set up where it usually lies.
@Suite struct FixtureTests {
  /// The plate at a place, turned by so many degrees; its hole has a radius of 9 pixels.
  private func picture(_ cx: Double, _ cy: Double, _ degrees: Double, hasHole: Bool = true) -> Image<UInt8> {
    let c = cos(degrees * .pi / 180), s = sin(degrees * .pi / 180)
    return Image(width: 300, height: 240) { column, row in
      let dx = Double(column) - cx, dy = Double(row) - cy
      let x = c * dx - s * dy, y = s * dx + c * dy
      func soft(_ distance: Double) -> Double { max(0, min(1, 0.5 - distance / 2)) }
      var level = 50 + 130 * soft(max(abs(x) - 48, abs(y) - 28))
      level += (30 - level) * soft(max(abs(x + 30) - 9, abs(y + 12) - 6))
      if hasHole { level += (50 - level) * soft(((x - 22) * (x - 22) + y * y).squareRoot() - 9) }
      return UInt8(saturating: level)
    }
  }

  private func worker() throws -> InspectionWorker {
    var folder = Array("/tmp/fixture-test-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&folder).map { String(cString: $0) })
    let whole = picture(150, 120, 0)
    let template = whole.view.cropped(to: PixelRect(x: 95, y: 85, width: 112, height: 72))
    try ImageFiles.write(template.raster, to: made + "/plate.png")
    let text = """
      { version: 1, name: 'plate', tools: [
        { tool: 'match_ncc', name: 'plate', template: 'plate.png', origin: [95, 85], angles: [-180, 180] },
        { tool: 'find_circle', name: 'hole', fixture: 'plate', center: [172, 120], radius: 9, search: 10, width: 1,
          low: 17.7, high: 18.3 },
        { tool: 'blob', name: 'window', fixture: 'plate', roi: { x: 155, y: 103, w: 35, h: 35 },
          threshold: 100, polarity: 'dark', min_count: 1, max_count: 1 },
      ] }
      """
    return try Inspector(Recipe(text: text, path: made + "/r.json5"), engine: .native).worker()
  }

  @Test(arguments: [(150.0, 120.0, 0.0), (140.3, 118.6, 31), (160.2, 121.9, -117), (151, 117, 180)])
  func toolsFollowThePart(x: Double, y: Double, degrees: Double) throws {
    let worker = try worker()
    let record = worker.inspect(picture(x, y, degrees).raster.view, image: "", time: "")
    #expect(record.verdict == .ok, "\(record.json)")
    let match = try #require(record.matches.first)
    // The template's middle is half a pixel off the plate's on either axis.
    #expect(abs(match.x - x) < 1 && abs(match.y - y) < 1)
    let hole = try #require(record.measurements.first?.value)
    #expect(abs(hole - 18) < 0.3)
    let missing = worker.inspect(
      picture(x, y, degrees, hasHole: false).raster.view, image: "", time: "")
    #expect(missing.verdict == .ng)
  }

  @Test func withoutThePartNothingIsOK() throws {
    let empty = Image<UInt8>(width: 300, height: 240, repeating: 50)
    let record = try worker().inspect(empty.raster.view, image: "", time: "")
    #expect(record.verdict == .ng && record.matches.isEmpty)
  }

  @Test(arguments: [
    ("fixture: 'nobody'", "fixture"), ("fixture: 'later'", "after"), ("fixture: 'spots'", "blob"),
  ])
  func aFixtureIsAToolBeforeThatFindsParts(setting: String, word: String) {
    let text = """
      { version: 1, name: 'x', tools: [
        { tool: 'blob', name: 'spots', threshold: 9 },
        { tool: 'blob', name: 'b', threshold: 9, \(setting) },
        { tool: 'match_ncc', name: 'later', template: 'a.png' },
      ] }
      """
    do {
      _ = try Recipe(text: text, path: "r.json5")
      Issue.record("\(setting) was taken")
    } catch {
      #expect("\(error)".contains(word), "\(error)")
    }
  }
}
