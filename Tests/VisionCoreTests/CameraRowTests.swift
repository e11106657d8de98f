import Testing
import VisionImage

@testable import VisionCore

/// Rows of any length in the middle of memory that must stay as it is: cameras' widths are no
/// multiples of registers, and a row may end within a group.
@Suite struct CameraRowTests {
  private static let widths = Array(1...67) + [100, 101, 127, 128, 129, 640, 641]

  /// Random bytes as rows of a camera.
  private func bytes(width: Int, rows: Int, seed: Int) -> Raster {
    var random = SeededRandom(seed: UInt64(seed))
    var raster = Raster(format: .u8, width: width, height: rows)
    raster.withMutableView { view in
      for y in 0..<rows {
        let row = view.row(y).assumingMemoryBound(to: UInt8.self)
        for x in 0..<width { row[x] = UInt8(truncatingIfNeeded: random.next() >> 40) }
      }
    }
    return raster
  }

  /// What the native operator writes into a picture of this layout in the middle of 0xa5, and what
  /// the definition writes.
  private func expectSame(
    _ op: some Operator, _ source: Raster, _ format: PixelFormat, width: Int, height: Int,
    _ set: InstructionSet
  ) throws {
    let rowBytes = width * format.pixelBytes + 32
    let layout = RasterLayout(format: format, width: width, height: height, rowBytes: rowBytes)
    var found = [UInt8](repeating: 0xa5, count: height * rowBytes), right = found
    let inputs = OperatorInputs(source.view)
    found.withUnsafeMutableBytes {
      _ = op.native(
        inputs, into: MutableRasterView(base: $0.baseAddress!, layout: layout), on: Machine(set))
    }
    right.withUnsafeMutableBytes {
      _ = op.reference(inputs, into: MutableRasterView(base: $0.baseAddress!, layout: layout))
    }
    #expect(found == right, "\(op), \(width)x\(height), \(set)")
  }

  @Test(arguments: InstructionSet.available)
  func samplesOfAnyNumber(set: InstructionSet) throws {
    for width in Self.widths {
      for layout in Unpack.packings.map(\.layout) {
        let source = bytes(width: layout.bytes(of: width), rows: 2, seed: width)
        try expectSame(Unpack(layout), source, .u16, width: width, height: 2, set)
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func coloursOfAnyNumber(set: InstructionSet) throws {
    for width in Self.widths {
      let pairs = bytes(width: (width + 1) / 2 * 4, rows: 2, seed: width)
      for order in YUV422.Order.allCases {
        try expectSame(YUV422(order), pairs, .rgb8, width: width, height: 2, set)
      }
      let planes = bytes(width: (width + 1) / 2 * 2, rows: 5, seed: width + 1000)
      for order in NV12.Order.allCases {
        try expectSame(NV12(order), planes, .rgb8, width: width, height: 3, set)
      }
    }
  }

  @Test func rowsWithoutAGroupAreRefused() {
    func refuses(_ op: some Operator, _ width: Int, _ height: Int) -> Bool {
      let layout = RasterLayout(format: .u8, width: width, height: height)
      return (try? op.outputLayout(for: [layout])) == nil
    }
    #expect(refuses(YUV422(.yuyv), 3, 4) && !refuses(YUV422(.yuyv), 4, 4))
    #expect(refuses(NV12(.nv12), 1, 3) && refuses(NV12(.nv12), 2, 2) && !refuses(NV12(.nv12), 2, 3))
    #expect(refuses(Unpack(.raised(bits: 10)), 4, 1) && !refuses(Unpack(.raised(bits: 10)), 5, 1))
  }
}
