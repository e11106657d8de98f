/// A template at one turn and growth, ready for dot products with a coarse picture.
struct TurnedTemplate: Sendable {
  /// How far its pixels reach from the centre.
  let halfWidth: Int
  let halfHeight: Int
  /// Rows are looked at so far apart, each the mean of so many: 2 where that leaves enough pixels, for
  /// half the work at nearly no loss, since a row of a coarse picture tells little that the next does not.
  let rowStep: Int
  /// Groups of four pixels side by side: where from the centre they start, and their values without
  /// the mean, the largest ±15, packed as the kernel wants them; a multiple of four of them.
  private(set) var places: [(x: Int, y: Int)]
  private(set) var words: [Int32]
  /// Runs of pixels that count, the end not included.
  let runs: [(start: Int, end: Int, y: Int)]
  let pixelCount: Int
  /// Of the packed values: mean, and root of the sum of squares about it.
  let mean: Double
  let strength: Double

  private static let largest = 15.0

  init?(_ template: TemplateLevel, degrees: Double, scale: Double) {
    rowStep = Self.rowStep(template)
    let pose = Similarity(x: 0, y: 0, degrees: -degrees, scale: 1 / scale)
    let turn = Similarity(x: 0, y: 0, degrees: degrees, scale: scale)
    let right = template.centre.x, bottom = template.centre.y
    let corner = turn(right, bottom), other = turn(right, -bottom)
    let halfWidth = Int(max(abs(corner.x), abs(other.x)).rounded(.up))
    let halfHeight = Int(max(abs(corner.y), abs(other.y)).rounded(.up))
    self.halfWidth = halfWidth
    self.halfHeight = halfHeight

    let columns = 2 * halfWidth + 1
    var levels = [Double?](repeating: nil, count: columns * (2 * halfHeight + 1))
    var sum = 0.0, count = 0, largest = 0.0
    let step = rowStep
    func value(_ x: Int, _ y: Int) -> Double? {
      var sum = 0.0
      for row in y..<y + step {
        let place = pose(Double(x), Double(row))
        guard let level = template.sample(place.x + right, place.y + bottom) else { return nil }
        sum += level
      }
      return sum / Double(step)
    }
    let lines = Array(stride(from: -halfHeight, through: halfHeight, by: rowStep))
    for y in lines {
      for x in -halfWidth...halfWidth {
        guard let value = value(x, y) else { continue }
        levels[(y + halfHeight) * columns + x + halfWidth] = value
        sum += value
        count += 1
      }
    }
    guard count >= 16 else { return nil }
    let mean = sum / Double(count)
    for case let level? in levels { largest = max(largest, abs(level - mean)) }
    guard largest > 0 else { return nil }

    let packing = Self.largest / largest
    var places: [(x: Int, y: Int)] = [], words: [Int32] = []
    var runs: [(start: Int, end: Int, y: Int)] = []
    var packedSum = 0.0, packedSquares = 0.0
    for y in lines {
      let row = levels[(y + halfHeight) * columns..<(y + halfHeight + 1) * columns]
      var x = -halfWidth
      func level(_ x: Int) -> Double? {
        x <= halfWidth ? row[row.startIndex + x + halfWidth] : nil
      }
      while x <= halfWidth {
        guard level(x) != nil else {
          x += 1
          continue
        }
        let start = x
        while level(x) != nil { x += 1 }
        runs.append((start, x, y))
      }
      guard let first = runs.last(where: { $0.y == y }) else { continue }
      var at = runs.first { $0.y == y }!.start
      while at < first.end {
        var word: UInt32 = 0
        for byte in 0..<4 {
          guard let value = level(at + byte) else { continue }
          let packed = ((value - mean) * packing).rounded()
          packedSum += packed
          packedSquares += packed * packed
          word |= UInt32(UInt8(bitPattern: Int8(packed))) << UInt32(8 * byte)
        }
        if word != 0 {
          places.append((at, y))
          words.append(Int32(bitPattern: word))
        }
        at += 4
      }
    }
    while words.count % 4 != 0 {
      places.append((0, 0))
      words.append(0)
    }
    self.places = places
    self.words = words
    self.runs = runs
    pixelCount = count
    self.mean = packedSum / Double(count)
    strength = (packedSquares - packedSum * self.mean).squareRoot()
    guard strength > 0 else { return nil }
  }

  /// Of every turn of a template the same.
  static func rowStep(_ template: TemplateLevel) -> Int {
    template.mask == nil && template.width * template.height >= 400 ? 2 : 1
  }
}
