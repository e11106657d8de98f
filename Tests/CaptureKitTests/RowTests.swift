import Testing
import Threading
import VisionCore

@testable import CaptureKit

/// The kernels of every instruction set that runs here, held against the plain loops.
@Suite struct RowTests {
  private static let widths = Array(1...67) + [100, 101, 127, 128, 129, 640, 641]
  private static let layouts: [PixelEncoding.Samples] = [
    .words(bits: 16, isBigEndian: true), .raised(bits: 10), .raised(bits: 12), .paired(bits: 10),
    .paired(bits: 12), .dense(bits: 10, highBitFirst: true), .dense(bits: 10, highBitFirst: false),
    .dense(bits: 12, highBitFirst: false), .bytes, .words(bits: 12),
  ]

  private func noise(_ count: Int, _ part: Int) -> [UInt8] {
    var random = SceneRandom(seed: 23, part: part)
    return (0..<count).map { _ in UInt8(random.unit() * 256) }
  }

  /// Both write into the same bytes of garbage: what lies behind the row stays as it was.
  private func expectSame(
    _ count: Int, _ what: String, _ fast: (UnsafeMutableRawPointer) -> Void,
    _ plain: (UnsafeMutableRawPointer) -> Void
  ) {
    var found = [UInt8](repeating: 0xa5, count: count + 16), right = found
    found.withUnsafeMutableBytes { fast($0.baseAddress!) }
    right.withUnsafeMutableBytes { plain($0.baseAddress!) }
    #expect(found == right, "\(what)")
  }

  @Test(arguments: InstructionSet.available)
  func rowsAreThoseOfThePlainLoops(set: InstructionSet) {
    let rows = RowConverter(kernels: Machine(set).kernels.camera)
    for width in Self.widths {
      for layout in Self.layouts {
        let bytes = noise(layout.bytes(of: width), width)
        expectSame(2 * width, "\(layout), \(width)") {
          rows.unpack(layout, from: bytes, into: $0, count: width)
        } _: {
          Unpacking.row(layout, from: bytes, into: $0, count: width)
        }
      }
      let bytes = noise((width + 1) / 2 * 4, width), luma = noise(width + 1, width + 1000)
      for (y, u, v) in [(0, 1, 3), (1, 0, 2), (0, 3, 1), (1, 2, 0)] {
        expectSame(3 * width, "4:2:2 \(y) \(u) \(v), \(width)") {
          rows.yuv422(from: bytes, luma: y, u: u, v: v, into: $0, count: width)
        } _: {
          ColourRows.yuv422(from: bytes, luma: y, u: u, v: v, into: $0, count: width)
        }
      }
      for uFirst in [true, false] {
        expectSame(3 * width, "4:2:0 \(uFirst), \(width)") {
          rows.yuv420(luma: luma, colour: bytes, uFirst: uFirst, into: $0, count: width)
        } _: {
          ColourRows.yuv420(luma: luma, colour: bytes, uFirst: uFirst, into: $0, count: width)
        }
      }
    }
  }
}
