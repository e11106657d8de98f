import AllocationCounter
import Testing
import VisionImage

@testable import VisionCore

/// Chains of operators: the bits of a fused plan, and what a line asks of malloc.
@Suite struct PlanTests {
  static func step(_ words: String, with second: RasterView? = nil) throws -> OperatorPlan.Step {
    let name = String(words.prefix { $0 != " " })
    let type = try #require(OperatorRegistry.find(name), "\(name)")
    let op = try type.init(type.descriptor.values(String(words.dropFirst(name.count))))
    return OperatorPlan.Step(op, with: second)
  }

  static func picture(_ format: PixelFormat, _ width: Int, _ height: Int, seed: UInt64) -> Raster {
    var random = SeededRandom(seed: seed)
    if format == .u8 {
      return Image<UInt8>(width: width, height: height) { _, _ in UInt8(random.next() % 256) }.raster
    }
    if format == .f32 {
      return Image<Float>(width: width, height: height) { _, _ in
        Float(random.next() % 65536) / 257
      }.raster
    }
    return Image<UInt16>(width: width, height: height) { _, _ in UInt16(random.next() % 65536) }.raster
  }

  // MARK: Bits

  /// What a chain may be made of, for 8 and for 16 bits.
  static let words: [String] = [
    "threshold --value 99", "not", "gamma --gamma 0.6", "gaussian --size 5", "gaussian --size 9 --sigma 2",
    "box --size 7x4", "box --size 5x2 --border black", "median --size 3", "median --size 5",
    "erode --size 3", "dilate --size 9x6", "erode --shape ellipse --size 7",
    "dilate --size 3 --iterations 2", "dilate --size 2 --iterations 2", "absdiff", "add", "subtract",
    "min", "multiply --scale 0.01", "open --size 3", "flip",
  ]
  static let realWords = [
    "threshold --value 99.5", "gaussian --size 5", "gaussian --size 9 --sigma 2", "box --size 7x4",
    "box --size 5x2 --border black", "median --size 3", "median --size 5", "absdiff", "add", "subtract",
    "max", "multiply --scale 0.01", "sobel --size 5", "scharr", "laplacian --size 5",
  ]
  static let byteWords = words + [
    "median --size 7", "gradient", "lut --values "
      + (0..<256).map { String($0 * 37 % 256) }.joined(separator: ","),
  ]

  @Test(arguments: UInt64(1)...12) func fusedHasTheBitsOfOneByOne(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    func pick<T>(_ list: [T]) -> T { list[Int(random.next() % UInt64(list.count))] }
    for format in [PixelFormat.u8, .u16, .f32] {
      let words = format == .u8 ? Self.byteWords : format == .u16 ? Self.words : Self.realWords
      // One strip, several, and a last one of a few rows; narrow pictures are not fused.
      let (width, height) = pick([(64, 61), (65, 203), (130, 97), (33, 40)])
      let second = Self.picture(format, width, height, seed: seed + 1000)
      let chosen = (0..<8).map { _ in pick(words) }
      let steps = try chosen.map { word in
        let step = try Self.step(word, with: second.view)
        let takesTwo = type(of: step.op).descriptor.inputs == 2
        return takesTwo ? step : OperatorPlan.Step(step.op)
      }
      let picture = Self.picture(format, width, height, seed: seed)
      var wanted: Raster?
      for set in InstructionSet.available {
        let runner = OperatorRunner(.native, machine: Machine(set))
        for plan in [
          OperatorPlan(steps, on: runner, fusing: false), OperatorPlan(steps, on: runner, cache: 1),
          OperatorPlan(steps, on: runner, cache: 20_000),
        ] {
          // Twice, since the second time the buffers hold what was left.
          for _ in 0..<2 {
            var output: Raster?
            _ = try plan.run(picture.view, into: &output)
            let got = try #require(output)
            if let wanted {
              let why = Agreement.disagreement((got.view, []), (wanted.view, []), within: .exact)
              #expect(why == nil, "seed \(seed), \(set), \(chosen), \(plan.fused)")
            } else {
              wanted = got
            }
          }
        }
      }
    }
  }

  @Test(arguments: [
    (["not"], [0..<1]),
    (["not", "threshold --value 9"], [0..<2]),
    (["gaussian --size 5", "threshold --value 9"], [0..<2]),
    (["clahe", "gaussian --size 5", "not"], [0..<1, 1..<3]),
    (["not", "equalize", "equalize", "gaussian --size 3", "erode --size 3", "open --size 3"],
      [0..<1, 1..<2, 2..<3, 3..<5, 5..<6]),
    (["erode --shape ellipse --size 5 --iterations 2", "not"], [0..<1, 1..<2]),
  ]) func whatGoesTogether(words: [String], fused: [Range<Int>]) throws {
    let plan = OperatorPlan(try words.map { try Self.step($0) }, on: OperatorRunner(.native))
    var output: Raster?
    _ = try plan.run(Self.picture(.u8, 80, 40, seed: 1).view, into: &output)
    #expect(plan.fused == fused)
  }

  @Test func aPlanFollowsItsPictures() throws {
    let plan = OperatorPlan(
      [try Self.step("gaussian --size 5"), try Self.step("not")], on: OperatorRunner(.native))
    for (width, height) in [(80, 40), (300, 7), (80, 41), (20, 20)] {
      var output: Raster?
      _ = try plan.run(Self.picture(.u16, width, height, seed: 3).view, into: &output)
      #expect(output?.width == width && output?.height == height)
    }
    let numbers = OperatorPlan(
      [try Self.step("stats"), try Self.step("not")], on: OperatorRunner(.native))
    var output: Raster?
    #expect(throws: OperatorError.self) {
      try numbers.run(Self.picture(.u8, 80, 40, seed: 3).view, into: &output)
    }
  }

  // MARK: Memory

  /// How often the thread asks for memory while `body` runs so often.
  static func allocations(_ times: Int, _ body: () throws -> Void) rethrows -> Int {
    for _ in 0..<3 { try body() }
    let before = allocations_of_this_thread()
    for _ in 0..<times { try body() }
    return Int(allocations_of_this_thread() - before)
  }

  static var counts: Bool {
    if allocations_are_counted() != 0 { return true }
    print("skipped: this build cannot count allocations")
    return false
  }

  @Test func theCounterCounts() {
    guard Self.counts else { return }
    var kept: [[Int]] = []
    kept.reserveCapacity(20)
    let count = Self.allocations(10) { kept.append([Int](repeating: 1, count: kept.count + 1)) }
    #expect(count == 10)
  }

  @Test(arguments: [true, false]) func tenOperatorsAllocateNothing(fusing: Bool) throws {
    guard Self.counts else { return }
    let reference = Self.picture(.u8, 640, 480, seed: 7)
    let steps = try [
      "gaussian --size 5", "gamma --gamma 0.8", "median --size 5", "absdiff", "equalize",
      "box --size 15", "open --size 5", "sobel --dx 1", "gaussian --size 7", "threshold --value 33000",
    ].map { try Self.step($0, with: $0 == "absdiff" ? reference.view : nil) }
    let pictures = (0..<4).map { Self.picture(.u8, 640, 480, seed: UInt64($0)) }
    for set in InstructionSet.available {
      let plan = OperatorPlan(
        steps, on: OperatorRunner(.native, machine: Machine(set)), fusing: fusing)
      var output: Raster?
      var i = 0
      let count = try Self.allocations(100) {
        _ = try plan.run(pictures[i % 4].view, into: &output)
        i += 1
      }
      #expect(count == 0, "\(set): \(count) allocations in 100 pictures")
    }
  }

  /// Every operator with every setting of the benchmark, in a plan of its own. Numbers are answered in
  /// an array; it is what an operator may ask for.
  static let cases: [(name: String, settings: String)] = OperatorRegistry.all.flatMap { type in
    type.descriptor.benchmarkCases.map { (type.descriptor.name, $0.settings(200, 64)) }
  }

  /// Those that still ask for a little with every picture, and how often; a figure may only fall.
  static func known(_ name: String, _ settings: String) -> Int {
    name == "resize" || settings.contains("ellipse") ? 1 : 0
  }

  @Test(arguments: cases) func operatorsAllocateNothing(name: String, settings: String) throws {
    guard Self.counts else { return }
    let type = try #require(OperatorRegistry.find(name))
    let op = try type.init(type.descriptor.values(settings))
    for format in type.descriptor.formats where !format.isColour {
      for width in [40, 200] {
        let picture = Self.picture(format, width, 64, seed: 5), second = Self.picture(format, width, 64, seed: 6)
        let inputs = OperatorInputs(picture.view, type.descriptor.inputs == 2 ? second.view : nil)
        guard let layout = try? op.outputLayout(for: inputs.layouts) else { continue }
        let runner = OperatorRunner(.native)
        var output: Raster? = Raster(uninitialized: layout)
        var numbers = 0
        let count = try Self.allocations(20) {
          numbers = try runner.perform(op, on: inputs, into: &output).numbers.count
        }
        #expect(count <= 20 * (numbers > 0 ? 1 : Self.known(name, settings)), "\(format.rawValue), width \(width)")
      }
    }
  }
}
