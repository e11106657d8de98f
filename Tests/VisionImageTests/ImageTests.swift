import Testing
import VisionImage

@Suite struct ImageTests {
  let ramp = Image<UInt8>(width: 5, height: 3) { x, y in UInt8(10 * y + x) }

  @Test func copiesOnWriteOnly() {
    var copy = ramp
    copy[1, 1] = 200
    #expect(ramp[1, 1] == 11)
    #expect(copy[1, 1] == 200)
    #expect(copy != ramp)
  }

  @Test func viewsOutliveTheirImageAndKeepItsPixels() {
    var image = ramp
    let view = image.view
    image[0, 0] = 99
    #expect(view[0, 0] == 0)
    func lastView() -> ImageView<UInt8> { Image<UInt8>(width: 2, height: 2, repeating: 42).view }
    #expect(lastView()[1, 1] == 42)
  }

  @Test func cropSharesMemoryAndShiftsCoordinates() {
    let crop = ramp.view.cropped(to: PixelRect(x: 2, y: 1, width: 3, height: 2))
    #expect(crop[0, 0] == 12)
    #expect(crop[2, 1] == 24)
    let same = ramp.view.raster.withBytes { whole in
      crop.raster.withBytes { $0 - whole == ramp.raster.layout.rowBytes + 2 }
    }
    #expect(same)
  }

  @Test(arguments: [1, 63, 64, 65, 1000, 2048, 4096, 4097])
  func rowsAreAlignedAndNeverCollideInTheCache(width: Int) {
    let image = Image<UInt8>(uninitializedWidth: width, height: 2)
    let rowBytes = image.raster.layout.rowBytes
    #expect(rowBytes % 64 == 0 && rowBytes >= width && rowBytes % 2048 != 0)
    image.view.raster.withBytes { #expect(Int(bitPattern: $0) % 64 == 0) }
  }

  @Test func colourPixelsLieSideBySide() {
    let image = Image<RGB<UInt16>>(width: 3, height: 1) { x, _ in
      RGB(red: UInt16(x), green: 10, blue: 20)
    }
    #expect(MemoryLayout<RGB<UInt16>>.stride == 6)
    #expect(image.raster.format == .rgb16)
    #expect(image[2, 0].red == 2 && image[2, 0].blue == 20)
  }

  @Test func borrowedMemoryIsGivenBackWhenTheLastViewGoes() {
    final class Flag: @unchecked Sendable { var isReleased = false }
    let flag = Flag()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 5, count: 64)
    var view: RasterView? = RasterView(
      buffer: PixelBuffer(borrowing: memory, byteCount: 64) {
        $0.deallocate()
        flag.isReleased = true
      }, offset: 0, layout: RasterLayout(format: .u8, width: 8, height: 8, rowBytes: 8))
    var crop = view.map { $0.cropped(to: PixelRect(x: 1, y: 1, width: 2, height: 2)) }
    view = nil
    #expect(!flag.isReleased)
    #expect(crop.flatMap { ImageView<UInt8>($0) }?[0, 0] == 5)
    crop = nil
    #expect(flag.isReleased)
  }

  @Test(arguments: [(-3.0, 0), (0.5, 0), (1.5, 2), (254.6, 255), (999, 255), (Double.nan, 0)])
  func saturates(real: Double, expected: Int) {
    #expect(UInt8(saturating: real) == UInt8(expected))
  }
}
