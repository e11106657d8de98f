import VisionImage

/// An uneven surface without a reference: what a small filter bank answers at every place, held
/// against what good surfaces answer in the same region, all filters together (Mahalanobis).
struct SurfaceStatistics: AnomalyMethod {
  static let topShare = 0.004
  static let leastPictures = 10

  /// Pixels of the picture to one of the map.
  private static let reduction = 2
  /// The surface is cut into so many regions each way, whatever its size in pixels.
  private static let grid = 12
  private static let filters = SurfaceFilters.count

  /// What good surfaces answer in one region.
  private struct Region: Equatable {
    var mean: [Float]
    /// The lower triangle, row by row, that makes the answers independent and of deviation 1.
    var whitening: [Float]
  }
  private let regions: [Region]

  init(learning pictures: [Image<UInt8>]) throws(ToolError) {
    let n = Self.filters, grid = Self.grid
    var moments = [Moments](repeating: Moments(n), count: grid * grid)
    for picture in pictures {
      let filters = try SurfaceFilters(picture.view, reduction: Self.reduction)
      var values = [Float](repeating: 0, count: n)
      for y in 0..<filters.height {
        let row = y * grid / filters.height * grid
        for x in 0..<filters.width {
          for k in 0..<n { values[k] = filters.planes[k].values[y * filters.width + x] }
          moments[row + x * grid / filters.width].add(values)
        }
      }
    }
    // A region shares what its neighbours show: surfaces do not lie exactly alike.
    regions = (0..<grid * grid).map { i in
      var sum = Moments(n)
      for y in max(0, i / grid - 1)...min(grid - 1, i / grid + 1) {
        for x in max(0, i % grid - 1)...min(grid - 1, i % grid + 1) {
          sum.add(moments[y * grid + x])
        }
      }
      let (mean, whitening) = sum.whitening()
      return Region(mean: mean, whitening: whitening)
    }
  }

  init(_ reader: inout ModelReader) throws(ModelError) {
    let n = Self.filters
    var regions: [Region] = []
    for _ in 0..<Self.grid * Self.grid {
      let region = Region(mean: try reader.floats(), whitening: try reader.floats())
      guard region.mean.count == n, region.whitening.count == n * (n + 1) / 2 else {
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

  func map(of picture: ImageView<UInt8>) throws(ToolError) -> AnomalyMap {
    let filters = try SurfaceFilters(picture, reduction: Self.reduction)
    let width = filters.width, height = filters.height, n = Self.filters, grid = Self.grid
    var distance = FloatPlane(width: width, height: height)
    distance.update { out in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: (n + 1) * width) { memory in
        let centred = memory.baseAddress!, sums = centred + n * width
        for y in 0..<height {
          for column in 0..<grid {
            // The columns of this region.
            let first = (column * width + grid - 1) / grid
            let last = ((column + 1) * width + grid - 1) / grid
            guard first < last else { continue }
            let region = regions[y * grid / height * grid + column]
            for k in 0..<n {
              let mean = region.mean[k], row = centred + k * width
              filters.planes[k].read { plane in
                for x in first..<last { row[x] = plane[y * width + x] - mean }
              }
            }
            let target = out + y * width
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
    let map = distance.map { ($0 * share).squareRoot() }.smoothed(sigma: 1.5)
    return AnomalyMap(plane: map, reduction: Self.reduction)
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

  mutating func add(_ other: Moments) {
    count += other.count
    for i in sums.indices { sums[i] += other.sums[i] }
    for i in products.indices { products[i] += other.products[i] }
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

/// What is measured at every place of a surface: at several scales how bright it is against its
/// surroundings, and how it changes across and along.
struct SurfaceFilters {
  static let count = 3 * scales.count + 2
  private static let scales: [Int] = [1, 2, 4]

  let width: Int
  let height: Int
  private(set) var planes: [FloatPlane] = []

  init(_ picture: ImageView<UInt8>, reduction: Int) throws(ToolError) {
    guard picture.width >= 64, picture.height >= 64 else {
      throw ToolError("pictures of \(picture.width)x\(picture.height) are too small for a surface")
    }
    let contrast = SurfaceContrast(picture, reduction: reduction)
    width = contrast.local.width
    height = contrast.local.height
    var finer = contrast.local
    for scale in Self.scales {
      let smooth = contrast.local.smoothed(sigma: Float(scale))
      planes.append(finer.zipped(smooth, -))
      planes.append(smooth.bend(dx: 2 * scale, dy: 0))
      planes.append(smooth.bend(dx: 0, dy: 2 * scale))
      finer = smooth
    }
    planes.append(finer)
    planes.append(contrast.wide)
  }
}

extension FloatPlane {
  /// Twice a place less what lies at the same distance on either side.
  fileprivate func bend(dx: Int, dy: Int) -> FloatPlane {
    let margin = max(dx, dy), around = padded(by: margin), stride = around.width
    var out = FloatPlane(width: width, height: height)
    let width = width, height = height, offset = dy * stride + dx
    out.update { out in
      around.read { around in
        for y in 0..<height {
          let row = around + (y + margin) * stride + margin, target = out + y * width
          for x in 0..<width { target[x] = 2 * row[x] - row[x + offset] - row[x - offset] }
        }
      }
    }
    return out
  }
}
