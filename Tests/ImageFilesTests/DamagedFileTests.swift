import ImageFiles
import Testing
import VisionImage

/// Whatever the bytes, an answer: a picture or one line that says what is wrong.
@Suite struct DamagedFileTests {
  static let kinds = Sample.kinds + [(.jpeg, .u8), (.jpeg, .rgb8)]

  @Test(arguments: kinds) func cutAnywhere(format: ImageFileFormat, pixel: PixelFormat) throws {
    let bytes = try ImageFiles.encode(Sample.raster(pixel).view, as: format)
    var refused = 0
    for count in 0..<bytes.count {
      do {
        _ = try decode(Array(bytes[..<count]))
      } catch {
        refused += 1
        #expect(!error.description.contains("\n") && !error.reason.isEmpty)
      }
    }
    // The very last bytes of some formats carry no pixels.
    #expect(refused >= bytes.count * 3 / 4, "only \(refused) of \(bytes.count) cuts were noticed")
  }

  @Test(arguments: kinds) func changedAnywhere(format: ImageFileFormat, pixel: PixelFormat) throws {
    let bytes = try ImageFiles.encode(Sample.raster(pixel).view, as: format)
    var state: UInt64 = 12345
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    var answered = 0
    for _ in 0..<400 {
      var changed = bytes
      for _ in 0..<(1 + next() % 4) { changed[next() % bytes.count] = UInt8(next() & 255) }
      let limits = DecodingLimits(pixels: 1 << 20, bytes: 1 << 24)
      do {
        let raster = try decode(changed, limits: limits)
        #expect(raster.layout.pixelCount <= 1 << 20)
      } catch {
        #expect(!error.description.contains("\n"))
      }
      answered += 1
    }
    #expect(answered == 400)
  }

  @Test(arguments: [
    ("", ImageFileError.Kind.truncated), ("hello", .unknownFormat), ("P5\n0 5\n255\n", .zeroSize),
    ("P5\n100000 100000\n255\n", .overLimit), ("P5\n4 4\n255\nabc", .truncated),
    ("P5\n4 x\n255\n", .corrupt), ("P5\n99999999999 1\n255\n", .corrupt), ("P5\n2 2\n70000\nabcd", .corrupt),
    ("P2\n2 1\n10\n5 11\n", .corrupt),
  ])
  func everyCauseHasItsName(text: String, kind: ImageFileError.Kind) {
    #expect {
      try decode(Array(text.utf8))
    } throws: { ($0 as? ImageFileError)?.kind == kind }
  }

  @Test func aFileThatIsNotThereIsNamed() {
    #expect {
      try ImageFiles.read("/nowhere/at/all.png")
    } throws: { "\($0)" == "/nowhere/at/all.png: No such file or directory" }
  }

  @Test func limitsAreCheckedBeforeMemoryIsTaken() throws {
    let bytes = try ImageFiles.encode(Sample.raster(.u8, width: 64, height: 64).view, as: .png)
    #expect {
      try decode(bytes, limits: DecodingLimits(pixels: 4095, bytes: 1 << 20))
    } throws: { ($0 as? ImageFileError)?.kind == .overLimit }
  }

  /// Rows are padded in memory, which is what the limit is about.
  @Test func aTallPictureOfOneColumnIsOverTheLimit() {
    let bytes = Array("P5\n1 4096\n255\n".utf8) + [UInt8](repeating: 7, count: 4096)
    #expect(throws: Never.self) { try decode(bytes, limits: .init(pixels: 4096, bytes: 1 << 18)) }
    #expect {
      try decode(bytes, limits: .init(pixels: 4096, bytes: 1 << 17))
    } throws: { ($0 as? ImageFileError)?.kind == .overLimit }
  }

  @Test(arguments: [("a.png", true), ("a.JPEG", true), ("a.txt", false), (".png", false), ("png", false)])
  func endingsTellPictures(path: String, isPicture: Bool) {
    #expect(ImageFiles.isImagePath(path) == isPicture)
  }
}
