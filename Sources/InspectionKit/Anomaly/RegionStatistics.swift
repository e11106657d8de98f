/// What planes of measurements show on good surfaces, region by region, all planes together.
struct RegionStatistics: Sendable {
  /// A surface is cut into so many regions each way, whatever its size in pixels.
  private static let grid = 6

  private struct Region: Equatable {
    var mean: [Float]
    /// The lower triangle, row by row, that makes the planes independent and of deviation 1.
    var whitening: [Float]
  }
  private let regions: [Region]
  private let count: Int

  /// `count` planes a picture, of any size.
  init(count: Int, learning pictures: [[FloatPlane]]) {
    let grid = Self.grid
    self.count = count
    var moments = [Moments](repeating: Moments(count), count: grid * grid)
    var values = [Float](repeating: 0, count: count)
    for planes in pictures {
      let width = planes[0].width, height = planes[0].height
      for y in 0..<height {
        for x in 0..<width {
          for k in 0..<count { values[k] = planes[k].values[y * width + x] }
          moments[y * grid / height * grid + x * grid / width].add(values)
        }
      }
    }
    regions = moments.map { moments in
      let (mean, whitening) = moments.whitening()
      return Region(mean: mean, whitening: whitening)
    }
  }

  init(count: Int, _ reader: inout ModelReader) throws(ModelError) {
    self.count = count
    var regions: [Region] = []
    for _ in 0..<Self.grid * Self.grid {
      let region = Region(mean: try reader.floats(), whitening: try reader.floats())
      guard region.mean.count == count, region.whitening.count == count * (count + 1) / 2 else {
        throw .damaged("its regions")
      }
      regions.append(region)
    }
    self.regions = regions
  }

  func write(to writer: inout ModelWriter) {
    for region in regions {
      writer.floats(region.mean)
      writer.floats(region.whitening)
    }
  }

  /// How far from good every place is: the root of the mean square in good deviations (Mahalanobis).
  func distance(of planes: [FloatPlane]) -> FloatPlane {
    let width = planes[0].width, height = planes[0].height, n = count, grid = Self.grid
    var distance = FloatPlane(width: width, height: height)
    distance.update { out in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: (n + 1) * width) { memory in
        let centred = memory.baseAddress!, sums = centred + n * width
        for y in 0..<height {
          let target = out + y * width
          for column in 0..<grid {
            let first = (column * width + grid - 1) / grid
            let last = ((column + 1) * width + grid - 1) / grid
            guard first < last else { continue }
            let region = regions[y * grid / height * grid + column]
            for k in 0..<n {
              let mean = region.mean[k], row = centred + k * width
              planes[k].read { plane in
                for x in first..<last { row[x] = plane[y * width + x] - mean }
              }
            }
            var weight = 0
            for i in 0..<n {
              for x in first..<last { sums[x] = 0 }
              for j in 0...i {
                let w = region.whitening[weight], row = centred + j * width
                weight += 1
                for x in first..<last { sums[x] += w * row[x] }
              }
              for x in first..<last { target[x] += sums[x] * sums[x] }
            }
          }
        }
      }
    }
    let share = 1 / Float(n)
    return distance.map { ($0 * share).squareRoot() }
  }
}

/// Sums from which mean and covariance follow.
private struct Moments {
  private let n: Int
  private var count = 0.0
  private var sums: [Double]
  private var products: [Double]

  init(_ n: Int) {
    self.n = n
    sums = [Double](repeating: 0, count: n)
    products = [Double](repeating: 0, count: n * (n + 1) / 2)
  }

  mutating func add(_ values: [Float]) {
    count += 1
    var place = 0
    for i in 0..<n {
      let value = Double(values[i])
      sums[i] += value
      for j in 0...i {
        products[place] += value * Double(values[j])
        place += 1
      }
    }
  }

  /// The mean, and the lower triangle W with W C W' = 1 for the covariance C.
  func whitening() -> (mean: [Float], whitening: [Float]) {
    let mean = sums.map { $0 / max(1, count) }
    func place(_ i: Int, _ j: Int) -> Int { i * (i + 1) / 2 + j }
    var factor = [Double](repeating: 0, count: products.count)
    // Cholesky: C = L L'.
    for i in 0..<n {
      for j in 0...i {
        var value = products[place(i, j)] / max(1, count) - mean[i] * mean[j]
        // A small ridge: filters that say nearly the same must not cancel to noise.
        if i == j { value = value * 1.05 + 1e-4 }
        for k in 0..<j { value -= factor[place(i, k)] * factor[place(j, k)] }
        factor[place(i, j)] = i == j ? max(value, 1e-9).squareRoot() : value / factor[place(j, j)]
      }
    }
    // W is the inverse of L, column by column by substitution.
    var inverse = [Double](repeating: 0, count: products.count)
    for j in 0..<n {
      for i in j..<n {
        var value = i == j ? 1.0 : 0.0
        for k in j..<i { value -= factor[place(i, k)] * inverse[place(k, j)] }
        inverse[place(i, j)] = value / factor[place(i, i)]
      }
    }
    return (mean.map { Float($0) }, inverse.map { Float($0) })
  }
}
