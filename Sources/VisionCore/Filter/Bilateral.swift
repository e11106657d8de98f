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
      "--diameter 9 --sigma-color 0.5", "--diameter 7 --sigma-color 1.5",
      "--diameter 19 --sigma-color 20 --sigma-space 8", "--diameter 21 --sigma-space 4",
      "--diameter 9 --sigma-color 150", "--diameter 7 --sigma-color 300 --sigma-space 50",
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

  /// The disc two places at a time: places above and below each other, and in the middle row, with
  /// the pixel itself, side by side. Offsets as `BilateralRows.interleave` lays them out.
  private func pairs(
    stride: Int, in workspace: Workspace
  ) -> (offsets: UnsafePointer<Int>, weights: UnsafePointer<UInt32>, count: Int) {
    let most = (radius + 1) * (2 * radius + 1)
    let offsets = workspace.take(most, of: Int.self)
    let weights = workspace.take(most, of: UInt32.self)
    func weight(_ i: Int, _ j: Int) -> UInt32 {
      guard i * i + j * j <= radius * radius else { return 0 }
      return UInt32((32767 * exp(-0.5 * Double(i * i + j * j) / (sigmaSpace * sigmaSpace))).rounded())
    }
    var count = 0
    for j in 0...radius {
      for i in Swift.stride(from: -radius, through: radius, by: j == 0 ? 2 : 1) {
        let first = weight(i, j)
        guard first > 0 || j == 0 else { continue }
        offsets[count] = (j + 1) * stride + 2 * (i + radius)
        weights[count] = first | (j == 0 ? weight(i + 1, 0) : first) << 16
        count += 1
      }
    }
    return (UnsafePointer(offsets), UnsafePointer(weights), count)
  }

  /// The disc place by place, for bells that 16 bits do not hold.
  private func neighboursOneByOne(
    stride: Int, in workspace: Workspace
  ) -> (
    offsets: UnsafePointer<Int>, distances: UnsafePointer<Float>, count: Int, colour: Float
  ) {
    // exp2 is what the kernel has: exp(x) = exp2(x / ln 2).
    let toBinary = 1 / 0.693_147_180_559_945_3
    let space = -0.5 / (sigmaSpace * sigmaSpace) * toBinary
    let places = (2 * radius + 1) * (2 * radius + 1)
    let offsets = workspace.take(places, of: Int.self)
    let distances = workspace.take(places, of: Float.self)
    var count = 0
    eachNeighbour { i, j in
      offsets[count] = j * stride + i
      distances[count] = Float(Double(i * i + j * j) * space)
      count += 1
    }
    let colour = Float(-0.5 / (sigmaColour * sigmaColour) * toBinary)
    return (UnsafePointer(offsets), UnsafePointer(distances), count, colour)
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let target = output!.pixels(as: UInt8.self)
    let count = target.width
    let radius = radius
    let kernels = machine.kernels
    var places = 1
    eachNeighbour { _, _ in places += 1 }
    let likeness =
      places <= BilateralLikeness.mostNeighbours ? BilateralLikeness(sigma: sigmaColour) : nil
    machine.inBands(of: target.height) { band, workspace in
      source.withRows { pixels in
        // A row is read to one column past the disc: the pair of its last place has no weight.
        let rows = BilateralRows(
          padded: PaddedRows(
            source: pixels, width: count, height: source.height, border: .reflect101, left: radius,
            right: radius + 1),
          radius: radius, in: workspace)
        let pairs = pairs(stride: rows.pairStride, in: workspace)
        let single = neighboursOneByOne(stride: rows.stride, in: workspace)
        let out = workspace.take(count, of: UInt8.self)
        for y in band.lowerBound - radius..<band.lowerBound + radius { rows.enter(y) }
        for y in band {
          rows.enter(y + radius)
          if let likeness {
            kernels.rank.bilateral_pairs8(
              rows.interleave(y, kernels), pairs.offsets, pairs.weights, pairs.count,
              likeness.most, likeness.scale, likeness.slope, out, count)
          } else {
            kernels.rank.bilateral8(
              rows.middle(y), single.offsets, single.distances, single.count, single.colour, out,
              count)
          }
          target.row(y).update(from: out, count: count)
        }
      }
    }
    return []
  }
}
