import Configuration
import VisionImage

/// A region as people write it: `circle:120,80,40`, `mask:part.png`.
public struct RegionText: Sendable {
  /// One way to say it: its word and how many numbers follow.
  private struct Word: Sendable {
    let name: String
    let arguments: String
    let counts: ClosedRange<Int>
    /// What is wrong with the numbers, nil where nothing is.
    let fault: @Sendable ([Double]) -> String?
    let region: @Sendable ([Double]) -> Region
  }

  private static let words: [Word] = [
    Word(name: "rect", arguments: "x,y,w,h", counts: 4...4) { n in
      n.allSatisfy { $0 == $0.rounded() } && n[2] > 0 && n[3] > 0
        ? nil : "these are whole numbers, the size above 0"
    } region: { n in
      Region(PixelRect(x: Int(n[0]), y: Int(n[1]), width: Int(n[2]), height: Int(n[3])))
    },
    Word(name: "rotated", arguments: "cx,cy,w,h,angle", counts: 5...5) { n in
      n[2] > 0 && n[3] > 0 ? nil : "the size is above 0"
    } region: { n in
      .rectangle(
        around: PixelPoint(x: n[0], y: n[1]), width: n[2], height: n[3], angle: .degrees(n[4]))
    },
    Word(name: "circle", arguments: "cx,cy,r", counts: 3...3) { n in
      n[2] >= 0 ? nil : "the radius is not below 0"
    } region: { n in .circle(around: PixelPoint(x: n[0], y: n[1]), radius: n[2]) },
    Word(name: "ring", arguments: "cx,cy,r0,r1", counts: 4...4) { n in
      0 <= n[2] && n[2] <= n[3] ? nil : "the radii are 0 <= r0 <= r1"
    } region: { n in
      .ring(around: PixelPoint(x: n[0], y: n[1]), inner: n[2], outer: n[3])
    },
    Word(name: "polygon", arguments: "x,y,x,y,x,y,…", counts: 6...512) { n in
      n.count % 2 == 0 ? nil : "every corner has an x and a y"
    } region: { n in
      .polygon(stride(from: 0, to: n.count, by: 2).map { PixelPoint(x: n[$0], y: n[$0 + 1]) })
    },
  ]

  /// Every way to say it, for help and errors.
  public static let forms =
    words.map { "\($0.name):\($0.arguments)" }.joined(separator: ", ") + " or mask:FILE"

  /// The parameter of whatever can be limited to a region.
  public static let parameter = Parameter(
    "region", .text, optional: true, placeholder: "SPEC",
    "only these pixels: " + forms)

  private enum Content: Sendable {
    case drawn(Region)
    case mask(path: String)
  }
  private let content: Content
  public let text: String

  /// Coordinates further away than this are a slip of the pen.
  private static let limit = 100_000.0

  public init(_ text: String) throws(ParameterError) {
    self.text = text
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard parts.count == 2, !parts[1].isEmpty else {
      throw ParameterError("a region is written as \(Self.forms), not '\(text)'")
    }
    if name == "mask" {
      content = .mask(path: String(parts[1]))
      return
    }
    guard let word = Self.words.first(where: { $0.name == name }) else {
      throw ParameterError(
        unknownName("region", name, among: Self.words.map(\.name) + ["mask"]))
    }
    let pieces = parts[1].split(separator: ",", omittingEmptySubsequences: false)
    let numbers = pieces.compactMap { Double($0) }
    func wrong(_ why: String) -> ParameterError {
      ParameterError("'\(text)' is not \(word.name):\(word.arguments): \(why)")
    }
    guard numbers.count == pieces.count, numbers.allSatisfy({ abs($0) <= Self.limit }) else {
      throw wrong("these are numbers up to \(Int(Self.limit))")
    }
    guard word.counts.contains(numbers.count) else {
      throw wrong("it has \(numbers.count) number\(numbers.count == 1 ? "" : "s")")
    }
    if let fault = word.fault(numbers) { throw wrong(fault) }
    content = .drawn(word.region(numbers))
  }

  /// The region. A mask is read by `picture`; its pixels above 0 are the region, and it has a size that
  /// the picture must have.
  public func region<E: Error>(
    on machine: Machine = Machine(), mask picture: (_ path: String) throws(E) -> Raster
  ) throws(E) -> (region: Region, size: (width: Int, height: Int)?) {
    switch content {
    case .drawn(let region): return (region, nil)
    case .mask(let path):
      let mask = try picture(path)
      return (Region(of: mask.view, on: machine), (mask.width, mask.height))
    }
  }
}
