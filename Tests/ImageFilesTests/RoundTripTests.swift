import Foundation
import ImageFiles
import Testing
import VisionImage

/// Pictures of every pixel that files can hold, and small enough to cut at every byte.
enum Sample {
  static func raster(_ format: PixelFormat, width: Int = 13, height: Int = 7) -> Raster {
    var raster = Raster(format: format, width: width, height: height)
    raster.withMutableView { pixels in
      for y in 0..<height {
        for x in 0..<width * format.channels {
          let value = (x * 37 + y * 91 + x * y) & 255
          switch format {
          case .u16, .rgb16:
            pixels.row(y).storeBytes(of: UInt16(value * 257 ^ y), toByteOffset: 2 * x, as: UInt16.self)
          case .s16:
            pixels.row(y).storeBytes(of: Int16(value - 128), toByteOffset: 2 * x, as: Int16.self)
          case .s32:
            pixels.row(y).storeBytes(of: Int32(value * 99991), toByteOffset: 4 * x, as: Int32.self)
          case .f32:
            pixels.row(y).storeBytes(of: Float(value) / 7, toByteOffset: 4 * x, as: Float.self)
          case .f64:
            pixels.row(y).storeBytes(of: Double(value) / 7, toByteOffset: 8 * x, as: Double.self)
          default:
            pixels.row(y).storeBytes(of: UInt8(value), toByteOffset: x, as: UInt8.self)
          }
        }
      }
    }
    return raster
  }

  static let kinds: [(ImageFileFormat, PixelFormat)] = [
    (.png, .u8), (.png, .u16), (.png, .rgb8), (.png, .rgb16), (.tiff, .u8), (.tiff, .u16),
    (.tiff, .rgb8), (.tiff, .rgb16), (.tiff, .s16), (.tiff, .s32), (.tiff, .f32), (.tiff, .f64),
    (.bmp, .u8), (.bmp, .rgb8), (.pnm, .u8), (.pnm, .u16), (.pnm, .rgb8), (.pnm, .rgb16),
  ]
}

func samePixels(_ a: Raster, _ b: Raster) -> Bool {
  guard a.layout.sameShape(as: b.layout) else { return false }
  let count = a.width * a.format.pixelBytes
  return a.view.withBytes { p in
    b.view.withBytes { q in
      (0..<a.height).allSatisfy { y in
        UnsafeRawBufferPointer(start: p + y * a.layout.rowBytes, count: count)
          .elementsEqual(UnsafeRawBufferPointer(start: q + y * b.layout.rowBytes, count: count))
      }
    }
  }
}

func decode(_ bytes: [UInt8], limits: DecodingLimits = .standard) throws(ImageFileError) -> Raster {
  var result: Result<Raster, ImageFileError> = .failure(ImageFileError(.corrupt, "", ""))
  bytes.withUnsafeBytes { buffer in
    do throws(ImageFileError) {
      result = .success(try ImageFiles.decode(buffer, name: "bytes", limits: limits))
    } catch {
      result = .failure(error)
    }
  }
  return try result.get()
}

@Suite struct RoundTripTests {
  /// What the header tells without decoding is what decoding gives.
  @Test(arguments: Sample.kinds + [(.jpeg, .u8), (.jpeg, .rgb8)])
  func theHeaderTellsTheSize(format: ImageFileFormat, pixel: PixelFormat) throws {
    let path = "/tmp/header-\(getpid())-\(format)-\(pixel)"
    defer { unlink(path) }
    try ImageFiles.write(Sample.raster(pixel, width: 65, height: 31).view, to: path, as: format)
    #expect(ImageFiles.declaredPixels(path) == 65 * 31)
    // Cut off within the first numbers nothing is told.
    try AtomicFile.write(Array(FileBytes(path, limit: 1 << 20).array.prefix(7)), to: path)
    #expect(ImageFiles.declaredPixels(path) == nil)
  }

  /// Strip by strip, as large pictures are written.
  @Test func stripsAreAPicture() throws {
    let path = "/tmp/strips-\(getpid()).png"
    defer { unlink(path) }
    // So wide that a strip has 16 rows, so tall that there are three, the last of them cut.
    let raster = Sample.raster(.u16, width: 70_000, height: 39)
    try ImageFiles.write(raster.view, to: path)
    #expect(samePixels(try ImageFiles.read(path), raster))
  }

  @Test(arguments: Sample.kinds)
  func whatIsWrittenIsRead(format: ImageFileFormat, pixel: PixelFormat) throws {
    for (width, height) in [(13, 7), (1, 1), (64, 3), (65, 2)] {
      let raster = Sample.raster(pixel, width: width, height: height)
      let back = try decode(ImageFiles.encode(raster.view, as: format))
      #expect(samePixels(raster, back), "\(width)x\(height)")
    }
  }

  @Test(arguments: [PixelFormat.u8, .rgb8]) func jpegIsNearlyTheSame(pixel: PixelFormat) throws {
    let flat = Image<UInt8>(width: 40, height: 30) { x, y in UInt8(80 + x + y) }
    let back = try decode(ImageFiles.encode(flat.raster.view, as: .jpeg))
    let image = try #require(Image<UInt8>(back))
    for y in 0..<30 { for x in 0..<40 { #expect(abs(Int(image[x, y]) - (80 + x + y)) <= 3) } }
  }

  @Test(arguments: [
    (ImageFileFormat.jpeg, PixelFormat.u16), (.png, .f32), (.bmp, .u16), (.pnm, .s32),
  ])
  func whatAFormatCannotHoldIsRefused(format: ImageFileFormat, pixel: PixelFormat) {
    #expect {
      try ImageFiles.encode(Sample.raster(pixel).view, as: format)
    } throws: { ($0 as? ImageFileError)?.kind == .unsupported }
  }

  @Test func colourBecomesGreyAsOpenCVRounds() {
    let colour = Image<RGB<UInt8>>(width: 3, height: 1) { x, _ in
      [RGB(red: 255, green: 0, blue: 0), RGB(red: 0, green: 255, blue: 0), RGB(red: 1, green: 2, blue: 3)][x]
    }
    let grey = Image<UInt8>(GreyConversion.grey(colour.raster))
    #expect(grey.map { [$0[0, 0], $0[1, 0], $0[2, 0]] } == [76, 150, 2])
  }

  /// Alpha is dropped, and has no say in the colours; in chunky pixels of both depths.
  @Test(arguments: [8, 16]) func alphaOfATIFFIsDropped(bits: Int) throws {
    let samples = [200, 100, 50, 10, 7, 8, 9, 0]
    let pixels = samples.flatMap { (value: Int) -> [UInt8] in [UInt8(value)] + (bits == 8 ? [] : [0]) }
    // Tag, type (3: 16 bits, 4: 32 bits), count, value; the lists stand behind the directory.
    let list = 8 + 2 + 12 * 10 + 4
    let tags = [
      (256, 4, 1, 2), (257, 4, 1, 1), (258, 3, 4, list), (259, 3, 1, 1), (262, 3, 1, 2),
      (273, 4, 1, list + 8), (277, 3, 1, 4), (278, 4, 1, 1), (279, 4, 1, pixels.count), (338, 3, 1, 2),
    ]
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(value >> (8 * $0) & 255) }
    }
    var file: [UInt8] = [0x49, 0x49, 42, 0] + little(8, 4) + little(tags.count, 2)
    for (tag, type, count, value) in tags {
      file += little(tag, 2) + little(type, 2) + little(count, 4) + little(value, 4)
    }
    file += little(0, 4) + (0..<4).flatMap { _ in little(bits, 2) } + pixels
    let raster = try decode(file)
    #expect(raster.format == (bits == 8 ? .rgb8 : .rgb16))
    let seen = raster.view.withBytes { base in
      (0..<6).map { bits == 8 ? Int(base.load(fromByteOffset: $0, as: UInt8.self))
        : Int(base.load(fromByteOffset: 2 * $0, as: UInt16.self)) }
    }
    #expect(seen == [200, 100, 50, 7, 8, 9])
  }
}
