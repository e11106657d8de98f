import Testing
import VisionCore
import VisionImage

/// Runs, labels and regions against sets of pixels.
@Suite struct LabellingTests {
  static let cases = BlobPicture.allCases.flatMap { picture in
    Connectivity.allCases.map { (picture, $0) }
  }

  @Test(arguments: BlobPicture.allCases) func runsHoldThePixels(picture: BlobPicture) {
    let mask = picture.mask
    for set in InstructionSet.available {
      let region = Region(of: mask.view.raster, on: Machine(set))
      #expect(PixelSet(region) == PixelSet(mask), "\(set)")
      #expect(region == Region(region.runs.shuffled()))
      #expect(region.mask(width: mask.width, height: mask.height) == mask)
    }
  }

  @Test(arguments: [-3.0, 0, 99.5, 100, 254, 255, 300], [false, true])
  func thresholdsAreThoseOfTheContract(threshold: Double, isDark: Bool) {
    let foreground = Foreground(threshold: threshold, isDark: isDark)
    for width in [1, 63, 64, 65, 200] {
      let eight = Image<UInt8>(width: width, height: 3) { x, y in UInt8((x * 7 + y * 50) % 256) }
      let sixteen = Image<UInt16>(width: width, height: 3) { x, y in UInt16((x * 7 + y * 50) % 401) }
      func check<P: GreyPixel>(_ image: Image<P>) {
        let wanted = Image<UInt8>(width: width, height: 3) { x, y in
          (image[x, y].real > threshold) != isDark ? 255 : 0
        }
        for set in InstructionSet.available {
          let region = Region(of: image.view.raster, foreground, on: Machine(set))
          #expect(region.mask(width: width, height: 3) == wanted, "\(set), \(P.self), width \(width)")
        }
      }
      check(eight)
      check(sixteen)
    }
  }

  @Test(arguments: cases) func partsComeInRasterOrder(picture: BlobPicture, connectivity: Connectivity)
  {
    let mask = picture.mask
    let wanted = PixelSet(mask).components(connectivity)
    let whole = Region(of: mask.view.raster, on: Machine())
    #expect(whole.components(connectivity).map { PixelSet($0) } == wanted)
    for engine in [EngineChoice.native, .reference] {
      let finder = BlobFinder(
        BlobSearch(.threshold(0), connectivity: connectivity), OperatorRunner(engine))
      // Twice: what the first call left in memory must not show.
      for _ in 0..<2 {
        let found = try? finder.find(in: mask.view.raster).regions
        #expect(found?.map { PixelSet($0) } == wanted, "\(engine)")
      }
    }
  }

  @Test(arguments: cases) func summariesAreThoseOfThePixels(
    picture: BlobPicture, connectivity: Connectivity
  ) {
    let labeller = RunLabeller()
    let mask = picture.mask
    labeller.label(Region(of: mask.view.raster, on: Machine()).moved(x: -9, y: 5), connectivity)
    let wanted = PixelSet(mask).components(connectivity)
    #expect(labeller.blobs.count == wanted.count)
    for (blob, pixels) in zip(labeller.blobs, wanted) {
      let xs = pixels.places.map { $0.x - 9 }, ys = pixels.places.map { $0.y + 5 }
      #expect(blob.area == xs.count)
      #expect(blob.holes == pixels.holes(connectivity).count)
      #expect(blob.box.x == xs.min() && blob.box.maxX == xs.max()! + 1)
      #expect(blob.box.y == ys.min() && blob.box.maxY == ys.max()! + 1)
      #expect(abs(blob.centroid.x - Double(xs.reduce(0, +)) / Double(xs.count)) < 1e-9)
      #expect(abs(blob.centroid.y - Double(ys.reduce(0, +)) / Double(ys.count)) < 1e-9)
    }
  }

  @Test(arguments: cases) func holesAreFilled(picture: BlobPicture, connectivity: Connectivity) {
    let whole = Region(of: picture.mask.view.raster, on: Machine())
    let pixels = PixelSet(whole)
    let holes = pixels.holes(connectivity)
    #expect(whole.holes(connectivity).map { PixelSet($0) } == holes)
    let full = holes.reduce(pixels.places) { $0.union($1.places) }
    #expect(PixelSet(whole.filled(connectivity)) == PixelSet(full))
    #expect(
      whole.eulerNumber(connectivity) == pixels.components(connectivity).count - holes.count)
  }

  @Test func areasSelect() throws {
    let mask = BlobPicture.noise.mask
    let all = try BlobFinder(BlobSearch(.threshold(0)), OperatorRunner(.native))
      .find(in: mask.view.raster).regions
    for engine in [EngineChoice.native, .reference] {
      let some = try BlobFinder(BlobSearch(.threshold(0), areas: 3...7), OperatorRunner(engine))
        .find(in: mask.view.raster).regions
      #expect(some == all.filter { (3...7).contains($0.area) } && !some.isEmpty)
    }
    #expect(all.reduce(0) { $0 + $1.area } == PixelSet(mask).places.count)
    let labels = Region.labels(all, width: mask.width, height: mask.height)
    let drawn = try OperatorRunner(.native)
      .apply(Label(.nonZero, .eight), to: mask.view.raster).image
    #expect(drawn.flatMap { Image<Int32>($0) } == labels)
  }

  @Test func otsuAndAdaptiveSegment() throws {
    let picture = Image<UInt8>(width: 90, height: 70) { x, y in
      UInt8((x % 30 - 15) * (x % 30 - 15) + (y % 35 - 17) * (y % 35 - 17) < 60 ? 90 + x : 20 + x)
    }
    for (segmentation, count) in [(Segmentation.adaptive(size: 31, constant: -15), 6), (.otsu, 1)] {
      let bright = try BlobFinder(BlobSearch(segmentation), OperatorRunner(.native))
        .find(in: picture.view.raster).regions
      let reference = try BlobFinder(BlobSearch(segmentation), OperatorRunner(.reference))
        .find(in: picture.view.raster).regions
      let dark = try BlobFinder(BlobSearch(segmentation, isDark: true), OperatorRunner(.native))
        .find(in: picture.view.raster).regions
      #expect(bright == reference && bright.count >= count)
      #expect(Region.union(of: bright + dark) == Region(picture.bounds))
      #expect(Region.union(of: bright).intersection(.union(of: dark)).isEmpty)
    }
  }
}
