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

  init(learning pictures: [Image<UInt8>]) throws(ToolError) {
    var segments: [PartSegment] = []
    for picture in pictures { segments.append(try PartSegment(picture.view)) }
    let canvas = PartCanvas(segments)
    self.canvas = canvas
    let drawn = zip(pictures, segments).map { canvas.draw($0.view, canvas.pose(of: $1)) }
    self.pictures = drawn
    good = drawn.map { PartChannels($0, canvas) }
    mean = FloatPlane(width: canvas.width, height: canvas.height)
    deviation = mean
    var square = mean
    for i in good.indices {
      let distance = Self.distance(of: good[i], to: good, except: i, canvas)
      mean = mean.zipped(distance, +)
      square = square.zipped(distance) { $0 + $1 * $1 }
    }
    let share = 1 / Float(good.count)
    mean = mean.map { $0 * share }.boxed(radius: 2)
    square = square.map { $0 * share }.boxed(radius: 2)
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
    good = pictures.map { PartChannels($0, canvas) }
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

  func map(of picture: ImageView<UInt8>) throws(ToolError) -> AnomalyMap {
    let pose = canvas.pose(of: try PartSegment(picture))
    let part = PartChannels(canvas.draw(picture, pose), canvas)
    let distance = Self.distance(of: part, to: good, except: nil, canvas)
    let map = distance.zipped(mean, -).zipped(deviation, /).smoothed(sigma: 1)
    return AnomalyMap(plane: map, placement: pose)
  }

  // MARK: Distance

  private static let stripWidth = 32
  /// Good parts that a strip is held against closely.
  private static let neighbours = 8

  /// How far every place is from the nearest good one there.
  private static func distance(
    of part: PartChannels, to good: [PartChannels], except: Int?, _ canvas: PartCanvas
  ) -> FloatPlane {
    var nearest = FloatPlane(
      width: canvas.width, height: canvas.height, repeating: .greatestFiniteMagnitude)
    for left in stride(from: 0, to: canvas.width, by: stripWidth) {
      let strip = left..<min(left + stripWidth, canvas.width)
      var candidates: [(index: Int, cost: Float, dx: Int, dy: Int)] = []
      for i in good.indices where i != except {
        let (cost, dx, dy) = part.coarse.bestShift(
          good[i].coarse, strip.lowerBound / 4..<(strip.upperBound + 3) / 4, around: (0, 0),
          reach: 2)
        candidates.append((i, cost, 4 * dx, 4 * dy))
      }
      candidates.sort { ($0.cost, $0.index) < ($1.cost, $1.index) }
      for candidate in candidates.prefix(neighbours) {
        let (_, dx, dy) = part.middle.bestShift(
          good[candidate.index].middle, strip.lowerBound / 2..<(strip.upperBound + 1) / 2,
          around: (candidate.dx / 2, candidate.dy / 2))
        for v in -1...1 {
          for u in -1...1 {
            part.fine.lower(
              &nearest, in: strip, against: good[candidate.index].fine,
              shift: (2 * dx + u, 2 * dy + v))
          }
        }
      }
    }
    return nearest.map { $0.squareRoot() }
  }
}

/// The upright rectangle that parts are drawn into, with a margin around it for shifts.
struct PartCanvas: Sendable {
  let width: Int
  let height: Int
  /// Pixels of the picture to one of the canvas.
  let reduction: Float

  static let margin = 16
  var paddedWidth: Int { width + 2 * Self.margin }
  var paddedHeight: Int { height + 2 * Self.margin }

  init(width: Int, height: Int, reduction: Float) {
    self.width = width
    self.height = height
    self.reduction = reduction
  }

  /// Roomy enough for parts like these, about 480 long.
  init(_ segments: [PartSegment]) {
    func median(_ values: [Float]) -> Float { values.sorted()[values.count / 2] }
    let length = median(segments.map(\.length)), breadth = median(segments.map(\.breadth))
    reduction = max(1, length / 480)
    // Multiples of four, so that the coarse planes lie straight on it.
    width = Int(length * 1.06 / reduction / 4 + 1) * 4
    height = Int(breadth * 1.15 / reduction / 4 + 1) * 4
  }

  func pose(of part: PartSegment) -> PartPose {
    PartPose(
      x: part.x, y: part.y, cosine: part.cosine / reduction, sine: part.sine / reduction,
      canvasX: Float(width - 1) / 2, canvasY: Float(height - 1) / 2)
  }

  /// The part with the margin, a byte a pixel; outside the picture its edge goes on.
  func draw(_ picture: ImageView<UInt8>, _ pose: PartPose) -> [UInt8] {
    let small = FloatPlane(averaging: picture, by: 1).smoothed(sigma: 0.4 * reduction)
    var out: [UInt8] = []
    out.reserveCapacity(paddedWidth * paddedHeight)
    for y in -Self.margin..<height + Self.margin {
      for x in -Self.margin..<width + Self.margin {
        let place = pose.toPicture(Float(x), Float(y))
        out.append(UInt8(max(0, min(255, small.interpolated(place.x, place.y) + 0.5))))
      }
    }
    return out
  }
}

/// What parts are compared by: brightness and slope, at three sizes.
struct PartChannels: Sendable {
  let fine: ChannelPlanes
  let middle: ChannelPlanes
  let coarse: ChannelPlanes

  init(_ drawn: [UInt8], _ canvas: PartCanvas) {
    let picture = FloatPlane(
      width: canvas.paddedWidth, height: canvas.paddedHeight, values: drawn.map { Float($0) })
    // Held against the background, so that the light may change.
    let background = picture.quantile(0.9)
    let level = picture.smoothed(sigma: 1.2).map { ($0 - background) / 50 }
    fine = ChannelPlanes(
      [level, level.slope(dx: 1, dy: 0), level.slope(dx: 0, dy: 1)], margin: PartCanvas.margin)
    middle = fine.halved
    coarse = middle.halved
  }
}

extension FloatPlane {
  /// Half the difference of the neighbours on either side, times two to weigh as much as brightness.
  fileprivate func slope(dx: Int, dy: Int) -> FloatPlane {
    var out = FloatPlane(width: width, height: height)
    let width = width, height = height
    out.update { out in
      read { values in
        for y in 0..<height {
          let above = max(0, y - dy) * width, below = min(height - 1, y + dy) * width
          for x in 0..<width {
            out[y * width + x] =
              2 * (values[below + min(width - 1, x + dx)] - values[above + max(0, x - dx)])
          }
        }
      }
    }
    return out
  }
}
