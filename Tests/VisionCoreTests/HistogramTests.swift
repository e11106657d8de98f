import Testing
import VisionCore
import VisionImage

/// Large pictures are counted two pixels at a time, whose rows may end in a single one.
@Suite struct HistogramTests {
  enum Content: CaseIterable { case noise, flat, stripes, halves }

  @Test(arguments: Content.allCases, [(700, 380), (701, 379), (705, 402)])
  func everyPixelIsCountedOnce(content: Content, size: (width: Int, height: Int)) throws {
    var random = SeededRandom(seed: 11)
    var wanted = [Double](repeating: 0, count: 256)
    let image = Image<UInt8>(width: size.width, height: size.height) { x, y in
      let level: UInt8 =
        switch content {
        case .noise: UInt8(truncatingIfNeeded: random.next())
        case .flat: 200
        case .stripes: x % 2 == 0 ? 17 : 251
        case .halves: y * 2 < size.height ? 3 : UInt8(x % 256)
        }
      wanted[Int(level)] += 1
      return level
    }
    let machines =
      InstructionSet.available.map { Machine($0) } + [Machine(threads: 3, leastRows: 4)]
    for machine in machines {
      let got = try OperatorRunner(.native, machine: machine).apply(Histogram(), to: image.view.raster)
      #expect(got.outcome.numbers == wanted, "\(machine.instructionSet), \(machine.threads) threads")
    }
  }
}
