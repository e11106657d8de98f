import Configuration
import VisionImage

/// What anomaly maps are worth pixel by pixel. Levels are counted, not sorted, so it is exact and
/// needs the same memory for any number of pictures.
public struct PixelEvaluation: Sendable {
  public private(set) var pictures = 0
  private var good = [Int](repeating: 0, count: 1 << 16)
  private var bad = [Int](repeating: 0, count: 1 << 16)

  public init() {}

  /// `isBad` tells the truth about a pixel.
  public mutating func add(_ map: ImageView<UInt16>, isBad: (_ x: Int, _ y: Int) -> Bool) {
    pictures += 1
    map.withRows { rows in
      for y in 0..<map.height {
        let row = rows[y]
        for x in 0..<map.width {
          if isBad(x, y) { bad[Int(row[x])] += 1 } else { good[Int(row[x])] += 1 }
        }
      }
    }
  }

  /// The chance that a bad pixel has a higher level than a good one; ties count half.
  public var auroc: Double? {
    let allGood = Double(good.reduce(0, +)), allBad = Double(bad.reduce(0, +))
    guard allGood > 0, allBad > 0 else { return nil }
    var below = 0.0, sum = 0.0
    for level in good.indices {
      sum += Double(bad[level]) * (below + Double(good[level]) / 2)
      below += Double(good[level])
    }
    return sum / (allGood * allBad)
  }

  /// The mean precision over all bad pixels, from the highest level down.
  public var averagePrecision: Double? {
    let allBad = bad.reduce(0, +)
    guard allBad > 0 else { return nil }
    var hits = 0, seen = 0, sum = 0.0
    for level in bad.indices.reversed() where bad[level] + good[level] > 0 {
      hits += bad[level]
      seen += bad[level] + good[level]
      sum += Double(bad[level]) * Double(hits) / Double(seen)
    }
    return sum / Double(allBad)
  }
}

/// The pixels of a picture that are bad.
public enum TruthMask: Sendable {
  case none
  /// Other than zero is bad.
  case picture(Raster)
  /// Width, height, and runs over the rows one after the other: start, length, start, length…
  case runs(width: Int, height: Int, [Int])

  /// `{"size": [height, width], "runs": […]}`; nil where it is something else.
  public init?(runs json: JSON) {
    guard let height = json["size"]?[0]?.integer, let width = json["size"]?[1]?.integer,
      let runs = json["runs"]?.array?.map(\.integer), runs.count % 2 == 0,
      (1...1 << 20).contains(width), (1...1 << 20).contains(height)
    else { return nil }
    let numbers = runs.compactMap { $0 }
    guard numbers.count == runs.count,
      stride(from: 0, to: numbers.count, by: 2).allSatisfy({ i in
        numbers[i] >= 0 && numbers[i + 1] >= 0 && numbers[i] <= width * height - numbers[i + 1]
      })
    else { return nil }
    self = .runs(width: width, height: height, numbers)
  }

  /// A byte a pixel, 1 where it is bad; nil where the mask has another size.
  public func pixels(width: Int, height: Int) -> [UInt8]? {
    var pixels = [UInt8](repeating: 0, count: width * height)
    switch self {
    case .none: break
    case .runs(let maskWidth, let maskHeight, let runs):
      guard maskWidth == width, maskHeight == height else { return nil }
      for i in stride(from: 0, to: runs.count, by: 2) {
        for place in runs[i]..<runs[i] + runs[i + 1] { pixels[place] = 1 }
      }
    case .picture(let raster):
      guard raster.width == width, raster.height == height,
        let image = Image<UInt8>(raster)
      else { return nil }
      image.view.withRows { rows in
        for y in 0..<height {
          let row = rows[y]
          for x in 0..<width where row[x] != 0 { pixels[y * width + x] = 1 }
        }
      }
    }
    return pixels
  }
}
