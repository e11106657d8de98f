import Testing
import VisionImage

@Suite struct BorderTests {
  @Test(arguments: [
    (Border.replicate, "aaa|abcd|ddd"), (.reflect, "cba|abcd|dcb"), (.reflect101, "dcb|abcd|cba"),
    (.wrap, "bcd|abcd|abc"), (.constant(7), "vvv|abcd|vvv"),
  ])
  func readsAsTheGuideDrawsIt(border: Border, picture: String) {
    let letters = Array("abcd")
    var drawn = ""
    for position in -3..<7 {
      if position == 0 || position == 4 { drawn += "|" }
      drawn.append(border.source(position, length: 4).map { letters[$0] } ?? "v")
    }
    #expect(drawn == picture)
  }

  @Test func staysInsideForLinesShorterThanTheFilter() {
    for border in [Border.replicate, .reflect, .reflect101, .wrap] {
      for length in 1...3 {
        for position in -20...20 {
          let inside = border.source(position, length: length)
          #expect(inside.map { (0..<length).contains($0) } == true, "\(border) \(position) \(length)")
        }
      }
    }
  }
}
