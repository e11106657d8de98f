/// Three planes of one size with a margin around, compared at shifts.
struct ChannelPlanes: Sendable {
  let planes: [FloatPlane]
  let margin: Int

  init(_ planes: [FloatPlane], margin: Int) {
    precondition(planes.count == 3, "\(planes.count) channels")
    self.planes = planes.map { plane in
      var plane = plane
      plane.values.reserveCapacity(plane.values.count + FloatPlane.slack)
      return plane
    }
    self.margin = margin
  }

  var height: Int { planes[0].height - 2 * margin }
  var width: Int { planes[0].width - 2 * margin }
  private var rowLength: Int { planes[0].width }

  var halved: ChannelPlanes {
    ChannelPlanes(planes.map { $0.pooled(by: 2) }, margin: margin / 2)
  }

  /// Calls with the three planes' addresses at a place, counted from inside the margin.
  private func read(x: Int, y: Int, _ body: (UnsafeMutablePointer<UnsafePointer<Float>>) -> Void) {
    let place = (margin + y) * rowLength + margin + x
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 3) { memory in
      let addresses = memory.baseAddress!
      planes[0].read { a in
        planes[1].read { b in
          planes[2].read { c in
            addresses.initialize(to: a + place)
            (addresses + 1).initialize(to: b + place)
            (addresses + 2).initialize(to: c + place)
            body(addresses)
          }
        }
      }
    }
  }

  /// The sum of squared differences of every one of our columns from the other's at a shift.
  private func sumDifferences(
    _ sums: inout [Float], _ columns: Range<Int>, from other: ChannelPlanes,
    shift: (x: Int, y: Int), _ engine: PlaneEngine
  ) {
    read(x: columns.lowerBound, y: 0) { a in
      other.read(x: columns.lowerBound + shift.x, y: shift.y) { b in
        engine.kernels.differ(a, b, rowLength, other.rowLength, height, &sums, columns.count)
      }
    }
  }

  struct Shift {
    var cost: Float
    var x: Int
    var y: Int
  }

  /// For every strip the shift of up to `reach` around its `centre` at which it is most like the
  /// other: the sum of squared differences, and the shift. All strips at once have one centre.
  func bestShifts(
    _ other: ChannelPlanes, of strips: [Range<Int>], around centre: (x: Int, y: Int), reach: Int,
    _ engine: PlaneEngine
  ) -> [Shift] {
    var best = strips.map { _ in Shift(cost: .infinity, x: centre.x, y: centre.y) }
    let strips = strips.map { $0.clamped(to: 0..<width) }
    var sums: [Float] = []
    var first = 0
    while first < strips.count {
      // As many strips as the cache holds for all shifts.
      let left = strips[first].lowerBound
      var last = first
      while last + 1 < strips.count, strips[last + 1].upperBound - left <= Self.stretch { last += 1 }
      let columns = left..<strips[last].upperBound
      sums = [Float](repeating: 0, count: columns.count)
      for y in centre.y - reach...centre.y + reach {
        for x in centre.x - reach...centre.x + reach {
          sumDifferences(&sums, columns, from: other, shift: (x, y), engine)
          for i in first...last {
            var cost: Float = 0
            for column in strips[i] { cost += sums[column - left] }
            if cost < best[i].cost { best[i] = Shift(cost: cost, x: x, y: y) }
          }
        }
      }
      first = last + 1
    }
    return best
  }

  /// Columns that are held against another part's at all shifts before the next ones are.
  private static let stretch = 32

  /// Radius of the square over which differences are summed.
  private static let reach = 4

  /// Numbers that `lower` works on: for every shift the rows of sums that its kernel asks for.
  static func work(columns: Int, shifts: Int) -> [Float] {
    [Float](repeating: 0, count: shifts * 14 * ((columns + 2 * reach + 15) & ~15) + 32)
  }

  /// Lowers `nearest` to the mean squared difference over 9 x 9 pixels where this shift, or one of the
  /// `count` from it on to the right and as many below these, has less.
  func lower(
    _ nearest: inout FloatPlane, in columns: Range<Int>, against other: ChannelPlanes,
    shift: (x: Int, y: Int), count: Int, work: inout [Float], _ engine: PlaneEngine
  ) {
    let reach = Self.reach, outLength = nearest.width, left = columns.lowerBound - reach
    nearest.update { nearest in
      read(x: left, y: -reach) { a in
        other.read(x: left + shift.x, y: shift.y - reach) { b in
          engine.kernels.lower(
            a, b, rowLength, other.rowLength, height, columns.count, count, count, &work,
            nearest + columns.lowerBound, outLength)
        }
      }
    }
  }
}
