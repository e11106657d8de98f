import VisionImage

/// Which pictures show one and the same part, at other exposures or taken twice. They teach one
/// another too well: whoever wants to know how new parts will be judged holds all of them back at once.
enum SamePart {
  private static let width = 64
  private static let height = 96
  /// Pixels at the rim of the small picture that have no say: parts are cut out a little otherwise.
  private static let rim = 4
  /// The correlation from which on two pictures show the same part. Pictures of one part correlate by
  /// 0.8 and more, those of two parts of one kind seldom by more than 0.6.
  private static let alike = 0.7

  /// For every picture the number of its part, in the order of their first pictures.
  static func numbers(of pictures: [Image<UInt8>], _ engine: PlaneEngine) -> [Int] {
    let prints = pictures.map { print(of: $0.view, engine) }
    var first = Array(pictures.indices)
    func root(_ i: Int) -> Int {
      var i = i
      while first[i] != i { i = first[i] }
      return i
    }
    for i in prints.indices {
      for j in 0..<i where correlation(prints[i], prints[j]) > alike {
        let (a, b) = (root(i), root(j))
        first[max(a, b)] = min(a, b)
      }
    }
    var numbers: [Int: Int] = [:]
    return first.indices.map { i in
      let root = root(i)
      if let number = numbers[root] { return number }
      numbers[root] = numbers.count
      return numbers.count - 1
    }
  }

  /// For every picture the lesson from which it is held back: `count` of them, all pictures of a part
  /// in the same one. Where all pictures show one part, each counts as a part of its own.
  static func folds(_ count: Int, _ parts: [Int]) -> [Int] {
    let isOne = Set(parts).count < 2
    return parts.indices.map { (isOne ? $0 : parts[$0]) % count }
  }

  private static func correlation(_ a: [Float], _ b: [Float]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += Double(a[i] * b[i]) }
    return sum
  }

  /// The picture's structure at a small size, whatever its light: of mean 0 and length 1.
  private static func print(of picture: ImageView<UInt8>, _ engine: PlaneEngine) -> [Float] {
    let level = small(picture).map { Float(FixedMath.log(Double($0) + 8)) }
    let surroundings = level.smoothed(sigma: 6, engine)
    var values: [Float] = []
    for y in rim..<height - rim {
      for x in rim..<width - rim { values.append(level[x, y] - surroundings[x, y]) }
    }
    func centred(_ values: [Float]) -> (values: [Float], length: Float) {
      let mean = values.reduce(0, +) / Float(values.count)
      let centred = values.map { $0 - mean }
      return (centred, max(1e-9, centred.reduce(0) { $0 + $1 * $1 }.squareRoot()))
    }
    // Single bright or dark places say little about the part.
    let raw = centred(values)
    let most = 2.5 * raw.length / Float(values.count).squareRoot()
    let clipped = centred(raw.values.map { min(max($0, -most), most) })
    return clipped.values.map { $0 / clipped.length }
  }

  private static func small(_ picture: ImageView<UInt8>) -> FloatPlane {
    var plane = FloatPlane(width: width, height: height)
    picture.withRows { rows in
      for y in 0..<height {
        let top = y * picture.height / height
        let bottom = max(top + 1, (y + 1) * picture.height / height)
        for x in 0..<width {
          let left = x * picture.width / width
          let right = max(left + 1, (x + 1) * picture.width / width)
          var sum = 0
          for v in top..<bottom { for u in left..<right { sum += Int(rows[v][u]) } }
          plane[x, y] = Float(sum) / Float((bottom - top) * (right - left))
        }
      }
    }
    return plane
  }
}
