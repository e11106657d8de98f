import Configuration
import Testing
import VisionImage

@testable import VisionCore

/// Drawn regions against what their words say about each pixel's centre.
@Suite struct RegionShapeTests {
  static func region(_ text: String) throws -> Region {
    try RegionText(text).region { (path: String) throws(ParameterError) -> Raster in
      throw ParameterError("a mask: \(path)")
    }.region
  }

  /// Whether a point lies in a polygon: on how many lines a ray to the left meets.
  static func isInside(_ x: Double, _ y: Double, _ corners: [(Double, Double)]) -> Bool {
    var inside = false
    for i in corners.indices {
      let a = corners[i], b = corners[(i + 1) % corners.count]
      if (a.1 <= y) != (b.1 <= y), a.0 + (y - a.1) * (b.0 - a.0) / (b.1 - a.1) <= x { inside.toggle() }
    }
    return inside
  }

  static func distance(_ x: Double, _ y: Double, _ cx: Double, _ cy: Double) -> Double {
    (x - cx) * (x - cx) + (y - cy) * (y - cy)
  }

  static let cases: [(String, @Sendable (Double, Double) -> Bool)] = [
    ("rect:3,4,10,7", { x, y in x >= 3 && x < 13 && y >= 4 && y < 11 }),
    ("rect:-5,-5,8,8", { x, y in x >= -5 && x < 3 && y >= -5 && y < 3 }),
    ("circle:12,10,5", { x, y in distance(x, y, 12, 10) <= 25 }),
    ("circle:12.3,9.6,6.7", { x, y in distance(x, y, 12.3, 9.6) <= 6.7 * 6.7 }),
    ("circle:7,7,0", { x, y in x == 7 && y == 7 }),
    ("circle:7.5,7.5,0.5", { _, _ in false }),
    ("ring:14,12,5,10", { x, y in (25...100).contains(distance(x, y, 14, 12)) }),
    ("ring:14.5,12.5,3.3,3.9", { x, y in
      (3.3 * 3.3...3.9 * 3.9).contains(distance(x, y, 14.5, 12.5))
    }),
    ("rotated:15,12,10,6,0", { x, y in x >= 10 && x < 20 && y >= 9 && y < 15 }),
    ("rotated:15,12,10,6,90", { x, y in x >= 12 && x < 18 && y >= 7 && y < 17 }),
    ("rotated:15.2,12.1,14,5,30", { x, y in
      let c = 3.0.squareRoot() / 2, s = 0.5
      let u = (x - 15.2) * c - (y - 12.1) * s, v = (x - 15.2) * s + (y - 12.1) * c
      return abs(u) < 7 && abs(v) < 2.5
    }),
    ("polygon:2,2,28,5,20,22,4,18", { x, y in
      isInside(x, y, [(2, 2), (28, 5), (20, 22), (4, 18)])
    }),
    // A star that crosses itself: its middle is outside.
    ("polygon:15,1,24,24,1,9,29,9,6,24", { x, y in
      isInside(x, y, [(15, 1), (24, 24), (1, 9), (29, 9), (6, 24)])
    }),
  ]

  @Test(arguments: cases.indices) func everyPixelIsWhereItsWordSays(i: Int) throws {
    let (text, isIn) = Self.cases[i]
    let region = try Self.region(text)
    for y in -8..<34 {
      for x in -8..<40 {
        #expect(region.contains(x: x, y: y) == isIn(Double(x), Double(y)), "\(text) at (\(x), \(y))")
      }
    }
  }

  @Test func polygonsThatAdjoinShareNothing() throws {
    let left = try Self.region("polygon:0,0,13.7,0,8.1,20,0,20")
    let right = try Self.region("polygon:13.7,0,30,0,30,20,8.1,20")
    #expect(left.intersection(right).isEmpty)
    #expect(left.union(right) == (try Self.region("rect:0,0,30,20")))
  }

  @Test(arguments: [
    "", "circle", "circle:", "circle:1,2", "circle:1,2,x", "circle:1,2,-3", "circle:1,2,1e9",
    "rect:1,2,3.5,4", "rect:1,2,0,4", "rect:1,2,3,4,5", "ring:1,2,5,3", "polygon:1,2,3,4",
    "polygon:1,2,3,4,5,6,7", "rotated:1,2,3,4", "cirkle:1,2,3", "mask:", "circle:nan,1,2",
  ]) func whatIsNoRegionIsRefused(text: String) {
    #expect(throws: ParameterError.self) { try RegionText(text) }
  }

  // MARK: Operators within regions

  static let settings = [
    "threshold --value 99", "gaussian --size 5", "equalize", "normalize", "otsu", "sobel", "distance",
    "median --size 3", "flip", "box --size 9", "erode --size 5", "canny --low 50 --high 100",
  ]

  /// Inside the operator's pixels, outside those of the picture, on every engine and instruction set.
  @Test(arguments: settings) func pixelsOutsideStayAsTheyAre(words: String) throws {
    let step = try PlanTests.step(words)
    let picture = PlanTests.picture(.u8, 90, 61, seed: 4)
    let measures = step.op is any RegionCounting
    for text in ["circle:40,30,19.5", "rect:70,50,100,100", "ring:30,30,10,22"] {
      let region = try Self.region(text)
      func apply(_ op: some Operator, _ runner: OperatorRunner, _ region: Region?) throws -> Raster {
        try #require(try runner.apply(op, to: picture.view, within: region).image)
      }
      let reference = OperatorRunner(.reference)
      let wanted = try apply(step.op, reference, region)
      let everywhere = try apply(step.op, reference, nil)
      var runners = InstructionSet.available.map { OperatorRunner(.native, machine: Machine($0)) }
      runners.append(OperatorRunner(.native, machine: Machine(threads: 3, leastRows: 4)))
      if OpenCVLibrary.shared != nil, words != "equalize", words != "otsu" {
        runners.append(OperatorRunner(.opencv))
      }
      for runner in runners {
        let got = try apply(step.op, runner, region)
        let why = Agreement.disagreement(
          (got.view, []), (wanted.view, []), within: type(of: step.op).descriptor.tolerance)
        #expect(why == nil, "\(words) within \(text) by \(runner.choice)")
      }
      for y in 0..<picture.height {
        for x in 0..<picture.width {
          let inside = region.contains(x: x, y: y)
          let value = Self.value(wanted, x, y)
          if inside && !measures { #expect(value == Self.value(everywhere, x, y)) }
          if !inside {
            #expect(value == (wanted.format == .u8 ? Self.value(picture, x, y) : Int(step.op.outside)))
          }
        }
      }
    }
  }

  static func value(_ raster: Raster, _ x: Int, _ y: Int) -> Int {
    if let view = ImageView<UInt8>(raster.view) { return Int(view[x, y]) }
    return Int(ImageView<UInt16>(raster.view)![x, y])
  }

  /// What is measured is what a picture of these pixels alone would say.
  @Test(arguments: [PixelFormat.u8, .u16]) func onlyWhatLiesInsideCounts(format: PixelFormat) throws {
    let picture = PlanTests.picture(format, 90, 61, seed: 4)
    let region = try Self.region("ring:40,30,8,25")
    var inside: [Int] = []
    for y in 0..<61 {
      for x in 0..<90 where region.contains(x: x, y: y) { inside.append(Self.value(picture, x, y)) }
    }
    let alone: Raster =
      format == .u8
      ? Image<UInt8>(width: inside.count, height: 1) { x, _ in UInt8(inside[x]) }.raster
      : Image<UInt16>(width: inside.count, height: 1) { x, _ in UInt16(inside[x]) }.raster
    for words in ["stats", "histogram", "otsu"] where format == .u8 || words != "histogram" {
      let op = try PlanTests.step(words).op
      func numbers(_ op: some Operator, _ choice: EngineChoice, _ view: RasterView, _ region: Region?)
        throws -> [Double]
      { try OperatorRunner(choice).apply(op, to: view, within: region).outcome.numbers }
      let wanted = try numbers(op, .reference, alone.view, nil)
      for choice in [EngineChoice.reference, .native, .opencv] {
        if choice == .opencv, words == "otsu" || OpenCVLibrary.shared == nil { continue }
        let got = try numbers(op, choice, picture.view, region)
        let why = Agreement.disagreement((nil, got), (nil, wanted), within: .relative(1e-9))
        #expect(why == nil, "\(words) by \(choice)")
      }
    }
  }

  @Test func whatCannotBeLimitedIsRefused() throws {
    let picture = PlanTests.picture(.u8, 90, 61, seed: 4)
    func refuse(_ op: some Operator, _ region: Region) {
      #expect(throws: OperatorError.self) {
        try OperatorRunner(.native).apply(op, to: picture.view, within: region)
      }
    }
    let region = try Self.region("circle:20,20,9")
    for words in ["resize --size 20x20", "count-blobs", "integral", "pyramid-down"] {
      refuse(try PlanTests.step(words).op, region)
    }
    refuse(try PlanTests.step("stats").op, try Self.region("circle:500,20,9"))
  }

  @Test func aPlanKeepsToItsRegions() throws {
    let region = try Self.region("circle:40,30,19.5")
    let picture = PlanTests.picture(.u8, 90, 61, seed: 4)
    let words = ["median --size 3", "threshold --value 127", "not"]
    let steps = try words.enumerated().map { i, word in
      OperatorPlan.Step(try PlanTests.step(word).op, within: i == 1 ? region : nil)
    }
    var wanted = picture
    for step in steps {
      func apply(_ op: some Operator) throws -> Raster {
        try #require(
          try OperatorRunner(.reference).apply(op, to: wanted.view, within: step.region).image)
      }
      wanted = try apply(step.op)
    }
    let plan = OperatorPlan(steps, on: OperatorRunner(.native))
    var output: Raster?
    let count = try PlanTests.allocations(20) { _ = try plan.run(picture.view, into: &output) }
    let got = try #require(output)
    #expect(Agreement.disagreement((got.view, []), (wanted.view, []), within: .exact) == nil)
    #expect(count == 0, "a region costs memory")
  }
}
