import Configuration
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Smoothing that stops at edges: a neighbour counts the less the further away it lies and the
/// less it is like the pixel.
///
/// out = sum of w in / sum of w over a disc, w = exp(-distance² / 2 sigmaSpace² - difference² / 2
/// sigmaColour²).
public struct Bilateral: Operator {
  public var diameter: Int
  public var sigmaColour: Double
  public var sigmaSpace: Double

  public init(diameter: Int, sigmaColour: Double, sigmaSpace: Double) {
    precondition((1...101).contains(diameter), "a bilateral filter of diameter \(diameter)")
    self.diameter = diameter
    self.sigmaColour = sigmaColour
    self.sigmaSpace = sigmaSpace
  }

  public static let descriptor = OperatorDescriptor(
    name: "bilateral", summary: "smoothing that stops at edges",
    parameters: [
      Parameter("diameter", .whole(1...101), default: 9, "the disc's diameter in pixels"),
      Parameter("sigma-color", .real(0.1...1000), default: 50, "levels that count as alike"),
      Parameter("sigma-space", .real(0.1...1000), default: 5, "pixels that count as near"),
    ],
    formats: [.u8], tolerance: .levels(1),
    conformanceCases: [
      "", "--diameter 5 --sigma-color 12 --sigma-space 2", "--diameter 1", "--diameter 4",
      "--diameter 9 --sigma-color 0.5", "--diameter 7 --sigma-color 300 --sigma-space 50",
    ],
    benchmarkCases: [BenchmarkCase("bilateral-9", "--diameter 9")])

  public init(_ values: ParameterValues) {
    self.init(
      diameter: values.whole("diameter"), sigmaColour: values.real("sigma-color"),
      sigmaSpace: values.real("sigma-space"))
  }

  public var openCVParameters: [Double] { [Double(diameter), sigmaColour, sigmaSpace] }

  private var radius: Int { max(diameter / 2, 1) }

  /// The places of the disc but its centre.
  private func eachNeighbour(_ body: (_ x: Int, _ y: Int) -> Void) {
    for j in -radius...radius {
      for i in -radius...radius where i * i + j * j <= radius * radius && (i, j) != (0, 0) {
        body(i, j)
      }
    }
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let space = -0.5 / (sigmaSpace * sigmaSpace)
    let colour = -0.5 / (sigmaColour * sigmaColour)
    output!.pixels(as: UInt8.self).fill { x, y in
      let here = source[x, y].real
      var sum = here, weights = 1.0
      eachNeighbour { i, j in
        let there = source.real(x + i, y + j, .reflect101)
        let difference = there - here
        let weight = exp(Double(i * i + j * j) * space) * exp(difference * difference * colour)
        sum += weight * there
        weights += weight
      }
      return sum / weights
    }
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let target = output!.pixels(as: UInt8.self)
    let count = target.width
    let radius = radius
    // exp2 is what the kernel has: exp(x) = exp2(x / ln 2).
    let toBinary = 1 / 0.693_147_180_559_945_3
    let space = -0.5 / (sigmaSpace * sigmaSpace) * toBinary
    let colour = Float(-0.5 / (sigmaColour * sigmaColour) * toBinary)
    machine.inBands(of: target.height) { band, workspace in
      source.withRows { pixels in
        let padded = PaddedRows(
          source: pixels, width: count, height: source.height, border: .reflect101, left: radius,
          right: radius)
        // Rows lie twice in the ring, so that every window of rows is one piece.
        let stride = (padded.length + 191) & ~63
        let high = 2 * radius + 1
        let ring = workspace.take(2 * high * stride, of: UInt8.self)
        let places = (2 * radius + 1) * (2 * radius + 1)
        let offsets = workspace.take(places, of: Int.self)
        let distances = workspace.take(places, of: Float.self)
        let out = workspace.take(count, of: UInt8.self)
        var neighbours = 0
        eachNeighbour { i, j in
          offsets[neighbours] = j * stride + i
          distances[neighbours] = Float(Double(i * i + j * j) * space)
          neighbours += 1
        }
        func enter(_ y: Int) {
          let slot = (y + radius) % high * stride
          padded.fill(y, into: ring + slot)
          (ring + high * stride + slot).update(from: ring + slot, count: padded.length)
        }
        for y in band.lowerBound - radius..<band.lowerBound + radius { enter(y) }
        for y in band {
          enter(y + radius)
          let middle = ring + (y % high + radius) * stride + radius
          machine.kernels.rank.bilateral8(
            middle, offsets, distances, neighbours, colour, out, count)
          target.row(y).update(from: out, count: count)
        }
      }
    }
    return []
  }
}
