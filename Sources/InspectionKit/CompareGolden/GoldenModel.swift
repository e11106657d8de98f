import VisionImage

/// What good parts look like, pixel by pixel: the middle of what they show, and how much they vary.
struct GoldenModel: Sendable, Equatable {
  let middle: Image<UInt8>
  /// Standard deviations in eighths of a grey value, at most 31.9.
  let deviation: Image<UInt8>
  /// What all limits are multiplied by; bad parts move it.
  var scale: Float = 1

  static let deviationUnit = 8

  init(middle: Image<UInt8>, deviation: Image<UInt8>) {
    self.middle = middle
    self.deviation = deviation
  }

  /// What pictures of one size show that lie over each other.
  init(_ pictures: [Image<UInt8>]) {
    precondition(!pictures.isEmpty, "a model of no pictures")
    let width = pictures[0].width, height = pictures[0].height
    var middle = Image<UInt8>(uninitializedWidth: width, height: height)
    var deviation = Image<UInt8>(uninitializedWidth: width, height: height)
    var column = PixelColumn()
    middle.withMutableView { middles in
      deviation.withMutableView { deviations in
        for y in 0..<height {
          let m = middles.row(y), d = deviations.row(y)
          // A row of all pictures at a time: few pages are open at once.
          let rows = pictures.map { picture in
            picture.view.withRows { rows in
              Array(UnsafeBufferPointer(start: rows[y], count: width))
            }
          }
          for x in 0..<width {
            for row in rows { column.add(row[x]) }
            let seen = column.take()
            m[x] = seen.middle
            d[x] = UInt8(min(255, (seen.deviation * Double(Self.deviationUnit)).rounded()))
          }
        }
      }
    }
    self.init(middle: middle, deviation: deviation)
  }

  /// How much every pixel of a part may differ: `tolerance`, or where good parts vary more than that,
  /// `variation` deviations.
  func limits(tolerance: Int, variation: Double) -> Image<UInt8> {
    let levels = (0...255).map { eighths in
      let own = variation * Double(eighths) / Double(Self.deviationUnit)
      return UInt8(max(1, min(255, (max(Double(tolerance), own) * Double(scale)).rounded())))
    }
    return deviation.view.withRows { rows in
      Image(width: deviation.width, height: deviation.height) { x, y in levels[Int(rows[y][x])] }
    }
  }

  // MARK: In a file

  var bytes: [UInt8] {
    var writer = ModelWriter()
    writer.float(scale)
    writer.whole(middle.width)
    writer.whole(middle.height)
    for image in [middle, deviation] {
      writer.octets(
        image.view.withRows { rows in
          (0..<image.height).flatMap { UnsafeBufferPointer(start: rows[$0], count: image.width) }
        })
    }
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(ModelError) {
    var reader = ModelReader(bytes)
    let scale = try reader.float()
    let width = try reader.whole(), height = try reader.whole()
    guard scale > 0, scale.isFinite, 1...65_535 ~= width, 1...65_535 ~= height else {
      throw .damaged("its size")
    }
    func image() throws(ModelError) -> Image<UInt8> {
      let pixels = try reader.octets()
      guard pixels.count == width * height else { throw .damaged("its pictures") }
      return Image(width: width, height: height) { x, y in pixels[y * width + x] }
    }
    middle = try image()
    deviation = try image()
    self.scale = scale
  }
}

/// The grey values that one pixel has in many pictures.
struct PixelColumn {
  private var counts = [UInt16](repeating: 0, count: 256)
  private var total = 0
  private var lowest = 255
  private var highest = 0

  mutating func add(_ value: UInt8) {
    counts[Int(value)] += 1
    total += 1
    lowest = min(lowest, Int(value))
    highest = max(highest, Int(value))
  }

  /// The median and the standard deviation about it; empties the column. The farthest tenth, from five
  /// pictures on at least one, has no say: a flaw that nobody saw does not widen the limits.
  mutating func take() -> (middle: UInt8, deviation: Double) {
    precondition(total > 0, "a column without values")
    var seen = 0
    var middle = lowest
    for value in lowest...highest {
      seen += Int(counts[value])
      if 2 * seen > total {
        middle = value
        break
      }
    }
    let dropped = total < 5 ? 0 : max(1, total / 10)
    var left = dropped, sum = 0
    for distance in (0...max(middle - lowest, highest - middle)).reversed() {
      var count = 0
      if middle - distance >= lowest { count += Int(counts[middle - distance]) }
      if distance > 0, middle + distance <= highest { count += Int(counts[middle + distance]) }
      let kept = max(0, count - left)
      left -= count - kept
      sum += kept * distance * distance
    }
    let deviation = (Double(sum) / Double(total - dropped)).squareRoot()
    // Without its farthest share t a normal distribution looks narrower: by 1.27 for a tenth, by 1.51
    // for a fifth, in between nearly linear.
    let corrected = deviation * (1 + 2.6 * Double(dropped) / Double(total))
    for value in lowest...highest { counts[value] = 0 }
    (total, lowest, highest) = (0, 255, 0)
    return (UInt8(middle), corrected)
  }
}
