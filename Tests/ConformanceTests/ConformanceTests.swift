import Testing
import VisionCore
import VisionImage

/// Every operator of the registry, with every setting that its descriptor names: native on every
/// instruction set of this processor and OpenCV, against the reference.
@Suite struct ConformanceTests {
  static let cases: [(name: String, settings: String)] = OperatorRegistry.all.flatMap { type in
    type.descriptor.conformanceCases.map { (type.descriptor.name, $0) }
  }

  @Test(arguments: cases) func enginesAgreeWithTheReference(name: String, settings: String) throws {
    let type = try #require(OperatorRegistry.find(name))
    let op = try type.init(type.descriptor.values(settings))
    try check(op, settings)
  }

  private func check<Op: Operator>(_ op: Op, _ settings: String) throws {
    let descriptor = Op.descriptor
    let reference = OperatorRunner(.reference)
    var natives = InstructionSet.available.map { OperatorRunner(.native, machine: Machine($0)) }
    // In bands of a few rows on three threads, however small the picture.
    natives.append(OperatorRunner(.native, machine: Machine(threads: 3, leastRows: 4)))
    // As pictures that no cache holds.
    natives += InstructionSet.available.map {
      OperatorRunner(.native, machine: Machine($0, threads: 2, leastRows: 4, cacheBytes: 0))
    }
    let openCV = OpenCVLibrary.shared == nil || !descriptor.hasOpenCV ? nil : OperatorRunner(.opencv)
    for format in descriptor.formats {
      for (i, image) in ImageCase.all.enumerated() {
        let seed = UInt64(i) + 1
        let isMarked = descriptor.content == .markers
        let first = image.view(format, isMarked ? .any : descriptor.content, seed: seed)
        let second = descriptor.inputs == 2 ? image.view(format, descriptor.content, seed: seed + 1000) : nil
        // Some settings are for one depth only.
        let layouts = descriptor.inputs == 2 ? [first.layout, first.layout] : [first.layout]
        do {
          _ = try op.outputLayout(for: layouts)
        } catch {
          #expect(format != descriptor.formats[0], "\(descriptor.name) \(settings): \(error)")
          continue
        }
        let wanted = try reference.apply(op, to: first, second)
        let what = "\(descriptor.name) \(settings), \(format.rawValue) \(image), seed \(seed)"
        var firstNative: (image: RasterView?, numbers: [Double])?
        for native in natives {
          let got = try native.apply(op, to: first, second)
          #expect(got.outcome.engine == .native)
          let why = Agreement.disagreement(
            (got.image?.view, got.outcome.numbers), (wanted.image?.view, wanted.outcome.numbers),
            within: descriptor.tolerance(for: format))
          #expect(why == nil, "\(what): native on \(native.machine.instructionSet)")
          // The same bits on every instruction set and number of threads.
          let result = (got.image?.view, got.outcome.numbers)
          if let firstNative {
            let why = Agreement.disagreement(result, firstNative, within: .exact)
            #expect(why == nil, "\(what): \(native.machine.instructionSet) and \(natives[0].machine.instructionSet)")
          } else {
            firstNative = result
          }
        }
        if let openCV {
          let got = try openCV.apply(op, to: first, second)
          let why = Agreement.disagreement(
            (got.image?.view, got.outcome.numbers), (wanted.image?.view, wanted.outcome.numbers),
            within: descriptor.openCVTolerance(for: format, settings))
          #expect(why == nil, "\(what): opencv")
        }
      }
    }
  }

  @Test func everyInstructionSetReallyRuns() {
    for set in InstructionSet.allCases {
      guard InstructionSet.available.contains(set) else {
        print("skipped: this processor has no \(set.rawValue)")
        continue
      }
      let kernels = Machine(set).kernels
      #if arch(x86_64)
        #expect(kernels.compiled_level == set.level)
        #expect(kernels.register_bytes == [2: 16, 3: 32, 4: 64][set.level])
      #else
        #expect(kernels.register_bytes == 16)
      #endif
    }
  }

  @Test func theSecondSourceIsThere() {
    if let why = OpenCVLibrary.loadError {
      print("skipped: OpenCV is not checked: \(why)")
    } else {
      #expect(OpenCVLibrary.shared?.version.split(separator: ".").count == 3)
    }
  }

  /// A suite that cannot fail proves nothing: one wrong pixel must be found.
  @Test func oneWrongPixelIsFound() {
    let right = Image<UInt8>(width: 65, height: 9, repeating: 7)
    var wrong = right
    wrong[64, 8] = 9
    for (tolerance, agrees) in [
      (Tolerance.exact, false), (.levels(1), false), (.levels(2), true),
      (.share(0.999, levels: 0), true),
    ] {
      let why = Agreement.disagreement(
        (right.raster.view, []), (wrong.raster.view, []), within: tolerance)
      #expect((why == nil) == agrees, "\(tolerance)")
    }
  }
}
