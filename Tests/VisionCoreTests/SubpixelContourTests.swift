import Testing
import VisionCore
import VisionImage

#if canImport(Glibc)
import Glibc
#endif

@Suite struct SubpixelContourTests {
  @Test func aDiscIsFoundBelowATenthOfAPixel() throws {
    let cx = 20.3, cy = 17.8, radius = 9.4
    let image = Image<UInt8>(width: 44, height: 40) { x, y in
      let distance = ((Double(x) - cx) * (Double(x) - cx) + (Double(y) - cy) * (Double(y) - cy)).squareRoot()
      return UInt8(saturating: 100 + 40 * (radius - distance))
    }
    let contours = SubpixelContour.trace(image.view, at: 100)
    let contour = try #require(contours.first)
    #expect(contours.count == 1 && contour.isClosed)
    for point in contour.points {
      let distance = ((point.x - cx) * (point.x - cx) + (point.y - cy) * (point.y - cy)).squareRoot()
      #expect(abs(distance - radius) < 0.02)
    }
    // Bright inside: positive; both a little less than the circle that the chords stand in.
    #expect(abs(contour.area / (.pi * radius * radius) - 1) < 0.005)
    #expect(abs(contour.length / (2 * .pi * radius) - 1) < 0.005)
    let inverse = Image<UInt8>(width: 44, height: 40) { x, y in 255 - image[x, y] }
    let hole = try #require(SubpixelContour.trace(inverse.view, at: 155).first)
    #expect(hole.area < 0 && abs(hole.area + contour.area) < 1e-9)
  }

  @Test func contoursEndAtTheEdge() {
    let ramp = Image<UInt8>(width: 9, height: 4) { x, _ in UInt8(x * 10) }
    let contours = SubpixelContour.trace(ramp.view, at: 33)
    #expect(contours.count == 1 && !contours[0].isClosed && contours[0].area == 0)
    #expect(contours[0].points.map(\.x).allSatisfy { abs($0 - 3.3) < 1e-12 })
    // Upwards on the screen: the brighter side is on the right.
    #expect(contours[0].points.map(\.y) == [3, 2, 1, 0])
    #expect(SubpixelContour.trace(ramp.view, at: 200).isEmpty)
    let pixel = Image<UInt8>(width: 1, height: 1, repeating: 9)
    #expect(SubpixelContour.trace(pixel.view, at: 3).isEmpty)
  }

  /// Every side with one end above the level and one not lies on exactly one contour.
  @Test(arguments: UInt64(1)...10) func everyCrossingIsOnOneContour(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let image = Image<UInt8>(width: 24, height: 17) { _, _ in UInt8(random.next() % 256) }
    var wanted: Set<PixelPoint> = []
    func add(_ x: Int, _ y: Int, _ u: Int, _ v: Int) {
      guard u < 24, v < 17 else { return }
      let a = Double(image[x, y]), b = Double(image[u, v])
      guard (a > 128.5) != (b > 128.5) else { return }
      let t = (128.5 - a) / (b - a)
      wanted.insert(PixelPoint(x: Double(x) + t * Double(u - x), y: Double(y) + t * Double(v - y)))
    }
    for y in 0..<17 {
      for x in 0..<24 {
        add(x, y, x + 1, y)
        add(x, y, x, y + 1)
      }
    }
    let points = SubpixelContour.trace(image.view, at: 128.5).flatMap(\.points)
    #expect(Set(points) == wanted && points.count == wanted.count)
  }
}
