import Configuration
import VisionImage

/// What is not zero, thinned to lines one pixel wide (Zhang and Suen 1984). 255, else 0.
public struct Skeleton: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "skeleton", summary: "thin what is set to lines one pixel wide",
    parameters: [], formats: [.u8, .u16], tolerance: .exact, content: .binary,
    conformanceCases: [""], benchmarkCases: [BenchmarkCase("skeleton", "")], hasOpenCV: false)

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(format: .u8, width: inputs[0].width, height: inputs[0].height)
  }

  /// Whether a pixel goes in the first and in the second half of a round, by its eight neighbours:
  /// bit 0 is the one above, then clockwise.
  ///
  /// The published rule leaves steps where lines run aslant and takes squares of 2 x 2 away whole;
  /// in 25 of the 256 neighbourhoods practice (scikit-image, whose results are held to here) has
  /// settled on something else. So the rule is told by its outcome, a bit a neighbourhood.
  private static func goes(_ neighbours: Int, inSecond: Bool) -> Bool {
    let word = (inSecond ? secondHalf : firstHalf)[neighbours >> 6]
    return word >> UInt64(neighbours & 63) & 1 == 1
  }

  private static let firstHalf: [UInt64] = [
    0x5100_0000_4010_c0e8, 0x0100_000a_0001_000a, 0x0000_0000_0000_80aa, 0x030b_008b_0001_808a,
  ]
  private static let secondHalf: [UInt64] = [
    0xd151_0000_d010_f020, 0x5101_0001_0101_0002, 0x0000_0000_8000_8088, 0x1101_000b_0000_0008,
  ]

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let width = source.width, height = source.height
      var isSet = (0..<height).map { y in (0..<width).map { source[$0, y] != 0 } }
      func at(_ x: Int, _ y: Int) -> Int {
        x >= 0 && y >= 0 && x < width && y < height && isSet[y][x] ? 1 : 0
      }
      let around = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)]
      var changes = true
      while changes {
        changes = false
        for second in [false, true] {
          var gone: [(Int, Int)] = []
          for y in 0..<height {
            for x in 0..<width where isSet[y][x] {
              let code = around.enumerated().reduce(0) {
                $0 | at(x + $1.element.0, y + $1.element.1) << $1.offset
              }
              if Self.goes(code, inSecond: second) { gone.append((x, y)) }
            }
          }
          for (x, y) in gone { isSet[y][x] = false }
          changes = changes || !gone.isEmpty
        }
      }
      output!.pixels(as: UInt8.self).fill { x, y in isSet[y][x] ? 255 : 0 }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  /// The same by a table of all 256 neighbourhoods; after the first round only pixels near one that
  /// went can go, so these are kept in a list.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let target = output!.pixels(as: UInt8.self)
    let width = target.width, height = target.height
    let stride = width + 2
    machine.workspace.scope { workspace in
      let size = stride * (height + 2)
      let states = workspace.take(size, of: UInt8.self)
      states.update(repeating: 0, count: size)
      func copy<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
        source.withRows { pixels in
          for y in 0..<height {
            let row = pixels[y], out = states + (y + 1) * stride + 1
            for x in 0..<width { out[x] = row[x] == 0 ? 0 : 1 }
          }
        }
      }
      inputs.asUnsigned(u8: copy, u16: copy)
      let table = workspace.take(512, of: Bool.self)
      for code in 0..<256 {
        table[code] = Self.goes(code, inSecond: false)
        table[256 + code] = Self.goes(code, inSecond: true)
      }
      thin(states, stride, height, table, workspace)
      for y in 0..<height {
        machine.kernels.point.threshold8(
          states + (y + 1) * stride + 1, target.row(y), width, 0, 0, 255)
      }
    }
    return []
  }

  private func thin(
    _ states: UnsafeMutablePointer<UInt8>, _ stride: Int, _ height: Int,
    _ table: UnsafeMutablePointer<Bool>, _ workspace: Workspace
  ) {
    func code(_ i: Int) -> Int {
      let above = states + (i - stride), here = states + i, below = states + (i + stride)
      let first = Int(above[0]) | Int(above[1]) << 1 | Int(here[1]) << 2 | Int(below[1]) << 3
      let second = Int(below[0]) << 4 | Int(below[-1]) << 5 | Int(here[-1]) << 6
      return first | second | Int(above[-1]) << 7
    }
    // Pixels that may go: those with a neighbour that is not set.
    let size = stride * (height + 2)
    let candidates = workspace.take(size, of: Int32.self)
    let gone = workspace.take(size, of: Int32.self)
    var count = 0
    for i in stride..<stride * (height + 1) where states[i] != 0 && code(i) != 255 {
      candidates[count] = Int32(i)
      count += 1
    }
    let isListed = workspace.take(size, of: Bool.self)
    isListed.update(repeating: false, count: size)
    for k in 0..<count { isListed[Int(candidates[k])] = true }
    var changes = true
    while changes {
      changes = false
      for half in 0..<2 {
        var goneCount = 0
        for k in 0..<count {
          let i = Int(candidates[k])
          if states[i] != 0 && table[half * 256 + code(i)] {
            gone[goneCount] = Int32(i)
            goneCount += 1
          }
        }
        for k in 0..<goneCount { states[Int(gone[k])] = 0 }
        changes = changes || goneCount > 0
        // What stood beside may go now.
        for k in 0..<goneCount {
          let i = Int(gone[k])
          var row = i - stride
          for _ in 0..<3 {
            for j in row - 1...row + 1 where states[j] != 0 && !isListed[j] {
              isListed[j] = true
              candidates[count] = Int32(j)
              count += 1
            }
            row += stride
          }
        }
      }
      var kept = 0
      for k in 0..<count where states[Int(candidates[k])] != 0 {
        candidates[kept] = candidates[k]
        kept += 1
      }
      count = kept
    }
  }
}
