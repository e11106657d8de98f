/// Brings the reference of a pattern to where the part shows it: one shift of the whole, then a field
/// of small shifts that follows every net, with lines grown or shrunk where the part's are.
struct PatternRegistration {
  /// Shifts of the whole that are looked for, in pixels; a multiple of 4.
  let range: Int
  let engine: PatternEngine

  struct Fit {
    /// The reference as it would lie under the part.
    let reference: Bitmap
    /// Where there is a reference at all.
    let known: Bitmap
  }

  func fit(_ reference: Bitmap, to part: Bitmap) -> Fit {
    // What lies just outside the picture is most likely what lies just inside.
    reference.extendEdges()
    let halves = (reference.halved, part.halved)
    let shift = wholeShift((reference, part), halves)
    let all = Bitmap(width: reference.width, height: reference.height, margin: Bitmap.wideMargin)
    all.fill { _, _ in .max }
    let known = Bitmap(width: part.width, height: part.height)
    known.fill { y, i in
      let row = y + shift.y
      return row < 0 || row >= all.height ? 0 : Bitmap.word(all.row(row), i, shift: shift.x)
    }
    return Fit(reference: rebuilt(reference, part, halves, shift), known: known)
  }

  // MARK: The whole

  private func wholeShift(
    _ pictures: (Bitmap, Bitmap), _ halves: (Bitmap, Bitmap)
  ) -> (x: Int, y: Int) {
    let quarters = (halves.0.halved, halves.1.halved)
    // Of a pattern that repeats the nearest fit is the right one.
    let rough = Self.bestShift(quarters, around: (0, 0), reach: range / 4, towardsZero: 0.002)
    let half = Self.bestShift(halves, around: (rough.x * 2, rough.y * 2), reach: 2)
    return Self.bestShift(pictures, around: (half.x * 2, half.y * 2), reach: 2)
  }

  /// The shift with the least share of unlike pixels where both overlap; `towardsZero` is what the
  /// farthest shift must be better by.
  private static func bestShift(
    _ pictures: (reference: Bitmap, part: Bitmap), around centre: (x: Int, y: Int), reach: Int,
    towardsZero: Double = 0
  ) -> (x: Int, y: Int) {
    let (reference, part) = pictures
    var best = centre
    var least = Double.infinity
    // From the middle outwards: a good fit found early ends the bad ones after a few rows.
    let steps = (-reach...reach).sorted { (abs($0), $0) < (abs($1), $1) }
    for y in steps {
      for x in steps {
        let dx = centre.x + x, dy = centre.y + y
        let columns = max(0, -dx)..<max(0, -dx, min(part.width, reference.width - dx))
        let rows = max(0, -dy)..<max(0, -dy, min(part.height, reference.height - dy))
        guard columns.count * 2 > part.width, rows.count * 2 > part.height else { continue }
        let charge = towardsZero * Double(abs(dx) + abs(dy)) / Double(reach + 1)
        let pixels = Double(rows.count * columns.count)
        let unlike = unlike(
          reference, part, (dx, dy), columns, rows, limit: (least - charge) * pixels)
        let cost = Double(unlike) / pixels + charge
        if cost < least {
          least = cost
          best = (dx, dy)
        }
      }
    }
    return best
  }

  /// Unlike pixels; some number beyond the limit where that is passed.
  private static func unlike(
    _ reference: Bitmap, _ part: Bitmap, _ shift: (x: Int, y: Int), _ columns: Range<Int>,
    _ rows: Range<Int>, limit: Double
  ) -> Int {
    let first = columns.lowerBound >> 6, last = (columns.upperBound - 1) >> 6
    let left: UInt64 = .max << UInt64(columns.lowerBound & 63)
    let right: UInt64 = .max >> UInt64(63 - (columns.upperBound - 1) & 63)
    var unlike = 0
    for y in rows {
      let p = part.row(y), r = reference.row(y + shift.y)
      for i in first...last {
        var word = p[i] ^ Bitmap.word(r, i, shift: shift.x)
        if i == first { word &= left }
        if i == last { word &= right }
        unlike += word.nonzeroBitCount
      }
      if Double(unlike) > limit { break }
    }
    return unlike
  }

  // MARK: The field

  /// At half the size, shifts of up to 5 pixels around that of the whole; then lines grown or shrunk as
  /// all of the part's are; then at full size up to 2 pixels more of shift; then lines grown or shrunk
  /// here and there, with a pixel more of shift.
  private func rebuilt(
    _ reference: Bitmap, _ part: Bitmap, _ halves: (Bitmap, Bitmap), _ whole: (x: Int, y: Int)
  ) -> Bitmap {
    halves.0.extendEdges()
    var search = BlockSearch(halves.1, reach: Self.near, engine)
    var steps = PatternStep.shifts(5)
    for step in steps {
      search.offer(
        halves.0, shift: ((whole.x >> 1) + step.dx, (whole.y >> 1) + step.dy), charge: 2 * step.size)
    }
    var field = PatternField(blocksOf: part) { bx, by in
      let step = steps[search.choice(min(bx >> 1, search.columns - 1), min(by >> 1, search.rows - 1))]
      return PatternStep(dx: whole.x + 2 * step.dx, dy: whole.y + 2 * step.dy)
    }

    let placed = Bitmap(width: part.width, height: part.height, margin: Bitmap.wideMargin)
    var variants = Self.variants(of: reference)
    let growth = Self.growth(of: variants, field, like: part, placed)
    let base = variants[variants.count / 2 + growth]
    if growth != 0 { variants = Self.variants(of: base) }

    field.draw([base], into: placed)
    placed.extendEdges()
    search = BlockSearch(part, reach: Self.near, engine)
    steps = PatternStep.shifts(2)
    for step in steps { search.offer(placed, shift: (step.dx, step.dy), charge: 6 * step.size) }
    field = PatternField(blocksOf: part) { bx, by in
      field[bx, by] + steps[search.choice(bx, by)]
    }

    search = BlockSearch(part, reach: Self.far, engine)
    steps = [PatternStep()]
    field.draw(variants, into: placed)
    search.offer(placed, shift: (0, 0), charge: 0)
    for growth in [-1, 1] {
      field.draw(variants, into: placed, moved: PatternStep(growth: growth))
      placed.extendEdges()
      for step in PatternStep.shifts(1, growth: growth) {
        search.offer(placed, shift: (step.dx, step.dy), charge: 6 * step.size)
        steps.append(step)
      }
    }
    field = PatternField(blocksOf: part) { bx, by in
      field[bx, by] + steps[search.choice(bx, by)]
    }
    let rebuilt = Bitmap(width: part.width, height: part.height)
    field.draw(variants, into: rebuilt)
    return rebuilt
  }

  /// Blocks around one that tell its shift: nets lie close to each other, and each has its own.
  private static let near = 2
  /// Blocks around one that tell how wide its lines are: more, or a flaw along an edge is taken for a
  /// wider line.
  private static let far = 5

  /// Lines shrunk by two pixels, by one, as they are, grown by one and by two.
  private static func variants(of reference: Bitmap) -> [Bitmap] {
    let thin = reference.shrunkKeepingLines(square: true)
    let thick = reference.grownKeepingGaps(square: true)
    let variants = [
      thin.shrunkKeepingLines(square: false), thin, reference, thick,
      thick.grownKeepingGaps(square: false),
    ]
    for variant in variants { variant.extendEdges() }
    return variants
  }

  /// By how much all lines of the part are wider than the reference's: etching and exposure widen
  /// them alike. `scratch` is drawn into.
  private static func growth(
    of variants: [Bitmap], _ field: PatternField, like part: Bitmap, _ scratch: Bitmap
  ) -> Int {
    let costs = (-2...2).map { growth in
      field.draw(variants, into: scratch, moved: PatternStep(growth: growth))
      var unlike = 0
      for y in 0..<part.height {
        let p = part.row(y), r = scratch.row(y)
        for i in 0..<part.words { unlike += (p[i] ^ r[i]).nonzeroBitCount }
      }
      return unlike
    }
    // What is no better is not taken.
    return [0, -1, 1, -2, 2].min { costs[$0 + 2] < costs[$1 + 2] } ?? 0
  }
}
