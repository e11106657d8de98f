import Testing
import Threading
import VisionCore
@testable import CaptureKit
@Suite(.serialized) struct ZMeasure {
  func time(_ name: String, _ body: () -> Void) {
    var best = 1e9
    for _ in 0..<12 { let t = MonotonicTime.now; body(); best = min(best, MonotonicTime.now - t) }
    print("MEASURE", name, best * 1000)
  }
  @Test func measure() {
    let w = 2448, h = 2048
    let bytes = [UInt8](repeating: 77, count: w * h * 2 + 64)
    var out = [UInt8](repeating: 0, count: w * h * 3 + 64)
    out.withUnsafeMutableBytes { o in bytes.withUnsafeBytes { b in
      let o = o.baseAddress!, b = b.baseAddress!
      for set in InstructionSet.available {
        let rows = RowConverter(kernels: Machine(set).kernels.camera)
        for layout in [PixelEncoding.Samples.words(bits: 16, isBigEndian: true), .raised(bits: 10), .raised(bits: 12), .paired(bits: 12), .dense(bits: 10, highBitFirst: true), .dense(bits: 12, highBitFirst: false)] {
          let rb = layout.bytes(of: w)
          time("\(set) \(layout) plain") { for y in 0..<h { Unpacking.row(layout, from: b + y * rb, into: o + y * w * 2, count: w) } }
          time("\(set) \(layout) fast") { for y in 0..<h { rows.unpack(layout, from: b + y * rb, into: o + y * w * 2, count: w) } }
        }
        time("\(set) 422 plain") { for y in 0..<h { ColourRows.yuv422(from: b + y * w * 2, luma: 0, u: 1, v: 3, into: o + y * w * 3, count: w) } }
        time("\(set) 422 fast") { for y in 0..<h { rows.yuv422(from: b + y * w * 2, luma: 0, u: 1, v: 3, into: o + y * w * 3, count: w) } }
        time("\(set) 420 plain") { for y in 0..<h { ColourRows.yuv420(luma: b + y * w, colour: b + w * h + y / 2 * w, uFirst: true, into: o + y * w * 3, count: w) } }
        time("\(set) 420 fast") { for y in 0..<h { rows.yuv420(luma: b + y * w, colour: b + w * h + y / 2 * w, uFirst: true, into: o + y * w * 3, count: w) } }
      }
    } }
  }
}
