import VisionCore
import VisionImage

/// A rigid part at any angle, held piece by piece against the good parts that look most like it
/// there. Brought upright it is cut into strips, since what turns about its axis (a thread) shows
/// another phase in each; how well good parts agree at every place is known from holding them against
/// one another.
struct PartComparison: AnomalyMethod {
  static let topShare = 0.005
  static let leastPictures = 12

  private let canvas: PartCanvas
  private let good: [PartChannels]
  /// The good parts as they lie on the canvas: what the file keeps.
  private let pictures: [[UInt8]]
  private var mean: FloatPlane
  private var deviation: FloatPlane

  init(learning pictures: [Image<UInt8>], _ engine: PlaneEngine) throws(ToolError) {
    var segments: [PartSegment] = []
    for picture in pictures { segments.append(try PartSegment(picture.view, engine)) }
    let canvas = PartCanvas(segments)
    self.canvas = canvas
    let drawn = zip(pictures, segments).map { canvas.draw($0.view, canvas.pose(of: $1)) }
    self.pictures = drawn
    good = drawn.map { PartChannels($0, canvas, engine) }
    mean = FloatPlane(width: canvas.width, height: canvas.height)
    deviation = mean
    var square = mean
    for i in good.indices {
      let distance = Self.distance(of: good[i], to: good, except: i, canvas, engine)
      mean = mean.zipped(distance, +)
      square = square.zipped(distance) { $0 + $1 * $1 }
    }
    let share = 1 / Float(good.count)
    mean = mean.map { $0 * share }.boxed(radius: 2, engine)
    square = square.map { $0 * share }.boxed(radius: 2, engine)
    // Where good parts hardly differ, a floor keeps noise from counting.
    let floor = 0.5 * mean.values.reduce(0, +) / Float(mean.values.count)
    deviation = square.zipped(mean) { max(0, $0 - $1 * $1).squareRoot() }
      .map { ($0 * $0 + floor * floor).squareRoot() }
  }

  init(_ reader: inout ModelReader) throws(ModelError) {
    canvas = PartCanvas(
      width: try reader.whole(), height: try reader.whole(), reduction: try reader.float())
    let count = try reader.whole()
    guard (16...4096).contains(canvas.width), (16...4096).contains(canvas.height),
      count <= 10_000
    else { throw .damaged("its canvas") }
    var pictures: [[UInt8]] = []
    for _ in 0..<count {
      let picture = try reader.octets()
      guard picture.count == canvas.paddedWidth * canvas.paddedHeight else {
        throw .damaged("its pictures")
      }
      pictures.append(picture)
    }
    self.pictures = pictures
    let canvas = canvas
    // The table of any instruction set gives the same bits.
    let engine = PlaneEngine(Machine())
    good = pictures.map { PartChannels($0, canvas, engine) }
    let (mean, deviation) = (try reader.floats(), try reader.floats())
    guard mean.count == canvas.width * canvas.height, deviation.count == mean.count else {
      throw .damaged("its statistics")
    }
    self.mean = FloatPlane(width: canvas.width, height: canvas.height, values: mean)
    self.deviation = FloatPlane(width: canvas.width, height: canvas.height, values: deviation)
  }

  func write(to writer: inout ModelWriter) {
    writer.whole(canvas.width)
    writer.whole(canvas.height)
    writer.float(canvas.reduction)
    writer.whole(pictures.count)
    for picture in pictures { writer.octets(picture) }
    writer.floats(mean.values)
    writer.floats(deviation.values)
  }

  /// Parts of one kind all look like one: every picture counts as a part.
  static func partNumbers(of pictures: [Image<UInt8>], _ engine: PlaneEngine) -> [Int] {
    Array(pictures.indices)
  }

  static func check(_ picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError) {
    _ = try PartSegment(picture, engine)
  }

  func map(of picture: ImageView<UInt8>, _ engine: PlaneEngine) throws(ToolError) -> AnomalyMap {
    let pose = canvas.pose(of: try PartSegment(picture, engine))
    let part = PartChannels(canvas.draw(picture, pose), canvas, engine)
    let distance = Self.distance(of: part, to: good, except: nil, canvas, engine)
    let map = distance.zipped(mean, -).zipped(deviation, /).smoothed(sigma: 1, engine)
    return AnomalyMap(plane: map, placement: pose)
  }

  // MARK: Distance

  private static let stripWidth = 32
  /// Good parts that a strip is held against closely.
  private static let neighbours = 5

  /// How far every place is from the nearest good one there.
  private static func distance(
    of part: PartChannels, to good: [PartChannels], except: Int?, _ canvas: PartCanvas,
    _ engine: PlaneEngine
  ) -> FloatPlane {
    var nearest = FloatPlane(
      width: canvas.width, height: canvas.height, repeating: .greatestFiniteMagnitude)
    let strips = stride(from: 0, to: canvas.width, by: stripWidth).map {
      $0..<min($0 + stripWidth, canvas.width)
    }
    let coarseStrips = strips.map { $0.lowerBound / 4..<($0.upperBound + 3) / 4 }
    let others = good.indices.filter { $0 != except }
    let coarse = others.map {
      part.coarse.bestShifts(
        good[$0].coarse, of: coarseStrips, around: (0, 0), reach: 2, engine)
    }
    var work = ChannelPlanes.work(columns: stripWidth, shifts: 9)
    for (s, strip) in strips.enumerated() {
      let ranked = others.indices.sorted { (coarse[$0][s].cost, $0) < (coarse[$1][s].cost, $1) }
      for candidate in ranked.prefix(neighbours) {
        let other = good[others[candidate]], start = coarse[candidate][s]
        let middle = part.middle.bestShifts(
          other.middle, of: [strip.lowerBound / 2..<(strip.upperBound + 1) / 2],
          around: (2 * start.x, 2 * start.y), reach: 1, engine)[0]
        part.fine.lower(
          &nearest, in: strip, against: other.fine,
          shift: (2 * middle.x - 1, 2 * middle.y - 1), count: 3, work: &work, engine)
      }
    }
    return nearest.map { $0.squareRoot() }
  }
}
