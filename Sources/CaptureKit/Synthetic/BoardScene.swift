import VisionImage

/// A bare printed board: buses of traces with 45-degree bends, pads with holes, rows of contacts.
/// The six classic flaws: open, short, mousebite, spur, spurious copper, pin-hole.
struct BoardScene: Scene {
  static let kind = SceneKind(
    name: "board", summary: "a printed board with opens, shorts, bites, spurs, copper, pin-holes",
    defectClasses: Flaw.allCases.map(\.rawValue), defaultSize: (1024, 768),
    make: { BoardScene($0) })

  enum Flaw: String, CaseIterable {
    case open, short, mousebite, spur, copper
    case pinHole = "pin-hole"
  }

  /// Grey values under even light.
  private enum Tone {
    static let substrate: Float = 62
    static let trace: Float = 148
    static let pad: Float = 205
    static let hole: Float = 20
  }

  private static let spread = Exposure.Spread(shift: 1.5, gain: 0.04, slope: 0.02)
  private static let traceRadius = 5.5
  private static let pitch = 24.0

  /// A straight, level piece of a trace where a flaw may lie, and the next lane below it.
  private struct Site {
    let ax: Double
    let bx: Double
    let y: Double
    let nextLane: Double?
  }

  private let settings: SceneSettings
  private let sharp: Field
  private let clean: Field
  private let sites: [Site]
  private let sensor: SensorModel
  let reference: Image<UInt8>

  init(_ settings: SceneSettings) {
    self.settings = settings
    sensor = SensorModel(
      width: settings.width, height: settings.height, noiseLevels: 2, fall: 0.12,
      seed: settings.seed)
    var field = sensor.field(repeating: Tone.substrate)
    sites = Self.draw(into: &field)
    sharp = field
    clean = field.blurred()
    reference = sensor.reference(clean)
  }

  func render(
    part index: Int, defectRate: Double, into pixels: MutableImageView<UInt8>
  ) -> [SceneDefect] {
    var random = SceneRandom(seed: settings.seed, part: index)
    let exposure = Exposure(&random, Self.spread)
    var flaws: [DrawnFlaw] = []
    var flawed = clean
    if random.unit() < defectRate {
      var drawn = sharp
      for _ in 0..<random.whole(1...3) {
        let flaw = random.pick(Flaw.allCases)
        guard let reach = draw(flaw, into: &drawn, &random, avoiding: flaws) else { continue }
        flawed.blur(drawn, in: reach.grown(by: 1))
        flaws.append(DrawnFlaw(reach: reach.grown(by: 1), kind: flaw.rawValue))
      }
    }
    return sensor.part(good: clean, flawed: flawed, flaws: flaws, exposure, into: pixels)
  }

  // MARK: The board

  private static func draw(into field: inout Field) -> [Site] {
    // One board whatever the seed, which is of the parts: a recipe fits all of them.
    var random = SceneRandom(seed: 0x626f_6172_65)
    let left = 40.0, right = Double(field.width) - 40
    var sites: [Site] = []
    var top = 42.0
    while true {
      let lanes = random.whole(3...5)
      let rise = 30.0
      let height = Double(lanes - 1) * pitch + rise
      guard top + height + 40 < Double(field.height) else { break }
      drawBus(&field, &random, lanes, top, rise, left, right, &sites)
      top += height + 34
      if top + 80 < Double(field.height) && random.unit() < 0.7 {
        drawContacts(&field, &random, top, left, right)
        top += 58
      }
    }
    return sites
  }

  /// Lanes side by side that bend together, with a pad at both ends of each.
  private static func drawBus(
    _ field: inout Field, _ random: inout SceneRandom, _ lanes: Int, _ top: Double, _ rise: Double,
    _ left: Double, _ right: Double, _ sites: inout [Site]
  ) {
    let bends = random.whole(2...4)
    let step = (right - left) / Double(bends + 1)
    let startsLow = random.unit() < 0.5
    for lane in 0..<lanes {
      let y0 = top + Double(lane) * pitch
      var low = startsLow
      var x = left, y = y0 + (low ? rise : 0)
      let padRadius = 10.5
      for bend in 0...bends {
        let isLast = bend == bends
        // Lanes bend one after the other, so that they keep their distance along the slope.
        let lag = Double(lane) * pitch * 0.414 * (low ? 1 : -1)
        let end = isLast ? right : left + step * Double(bend + 1) + lag
        line(&field, x, y, end, y, traceRadius, Tone.trace)
        if end - x > 60 {
          sites.append(
            Site(ax: x + 22, bx: end - 22, y: y, nextLane: lane + 1 < lanes ? y + pitch : nil))
        }
        if isLast { break }
        let nextY = y0 + (low ? 0 : rise)
        line(&field, end, y, end + rise, nextY, traceRadius, Tone.trace)
        x = end + rise
        y = nextY
        low.toggle()
      }
      for (px, py) in [(left, y0 + (startsLow ? rise : 0)), (right, y)] {
        let reach = PixelRect(x: Int(px) - 14, y: Int(py) - 14, width: 29, height: 29)
        field.paint(Tone.pad, in: reach) { Distance.circle($0, $1, px, py, padRadius) }
        field.paint(Tone.hole, in: reach) { Distance.circle($0, $1, px, py, 4.5) }
      }
    }
  }

  /// A row of contacts for a chip, each with a short trace to a via.
  private static func drawContacts(
    _ field: inout Field, _ random: inout SceneRandom, _ top: Double, _ left: Double,
    _ right: Double
  ) {
    let y = top + 14
    var x = left + random.real(20...60)
    while x < right - 40 {
      let count = random.whole(5...12)
      for _ in 0..<count where x < right - 40 {
        let cx = x
        let box = PixelRect(x: Int(cx) - 9, y: Int(y) - 15, width: 19, height: 31)
        if random.unit() < 0.6 {
          line(&field, cx, y, cx, y + 28, 3, Tone.trace)
          let via = PixelRect(x: Int(cx) - 9, y: Int(y) + 19, width: 19, height: 19)
          field.paint(Tone.pad, in: via) { Distance.circle($0, $1, cx, y + 28, 6.5) }
          field.paint(Tone.hole, in: via) { Distance.circle($0, $1, cx, y + 28, 2.5) }
        }
        field.paint(Tone.pad, in: box) { Distance.box($0, $1, cx, y, 5.5, 12) }
        x += 21
      }
      x += random.real(30...120)
    }
  }

  private static func line(
    _ field: inout Field, _ ax: Double, _ ay: Double, _ bx: Double, _ by: Double, _ radius: Double,
    _ tone: Float
  ) {
    let edge = Int(radius) + 3
    let reach = PixelRect(
      x: Int(min(ax, bx)) - edge, y: Int(min(ay, by)) - edge,
      width: Int(abs(bx - ax)) + 2 * edge + 1, height: Int(abs(by - ay)) + 2 * edge + 1)
    field.paint(tone, in: reach) { Distance.line($0, $1, ax, ay, bx, by, radius) }
  }

  // MARK: Flaws

  /// Draws a flaw somewhere free; answers the area it may have changed, nil where no place was found.
  private func draw(
    _ flaw: Flaw, into field: inout Field, _ random: inout SceneRandom, avoiding taken: [DrawnFlaw]
  ) -> PixelRect? {
    for _ in 0..<40 {
      let site = random.pick(sites)
      var x = random.real(site.ax...site.bx)
      var y = site.y
      let side: Double = random.unit() < 0.5 ? -1 : 1
      if flaw == .copper {
        x = random.real(30...Double(field.width - 30))
        y = random.real(30...Double(field.height - 30))
      }
      let reach = PixelRect(x: Int(x) - 22, y: Int(y) - 22, width: 45, height: 45)
      let inner = PixelRect(
        x: SensorModel.margin + 4, y: SensorModel.margin + 4, width: settings.width - 8,
        height: settings.height - 8)
      guard inner.contains(reach), taken.allSatisfy({ $0.isApart(from: reach) }) else {
        continue
      }
      let edge = y + side * Self.traceRadius
      switch flaw {
      case .open:
        let half = random.real(2.6...5)
        field.paint(Tone.substrate, in: reach) {
          Distance.box($0, $1, x, y, half, Self.traceRadius + 2)
        }
      case .short:
        guard let next = site.nextLane else { continue }
        let long = PixelRect(x: reach.x, y: reach.y, width: reach.width, height: 60)
        guard isClear(field, Int(x), Int(y + 8), Int(x), Int(next - 8)), inner.contains(long),
          taken.allSatisfy({ $0.isApart(from: long) })
        else { continue }
        let radius = random.real(2.4...4)
        field.paint(Tone.trace, in: long) { Distance.line($0, $1, x, y, x, next, radius) }
        return long
      case .mousebite:
        let radius = random.real(4.2...6)
        field.paint(Tone.substrate, in: reach) { Distance.circle($0, $1, x, edge, radius) }
      case .spur:
        let length = random.real(5...7.5), radius = random.real(2.4...3.4)
        guard isClear(field, Int(x) - 6, Int(edge + side * 3), Int(x) + 6, Int(edge + side * 11))
        else { continue }
        field.paint(Tone.trace, in: reach) {
          Distance.line($0, $1, x, y, x, edge + side * length, radius)
        }
      case .copper:
        guard isClear(field, Int(x) - 10, Int(y) - 10, Int(x) + 10, Int(y) + 10) else { continue }
        let radius = random.real(2.8...4.5)
        let dx = random.real(-3...3), dy = random.real(-3...3)
        field.paint(Tone.trace, in: reach) {
          Distance.line($0, $1, x, y, x + dx, y + dy, radius)
        }
      case .pinHole:
        let radius = random.real(2.5...3.4)
        field.paint(Tone.substrate, in: reach) { Distance.circle($0, $1, x, y, radius) }
      }
      return reach
    }
    return nil
  }

  /// Nothing but substrate in the rectangle between two corners.
  private func isClear(_ field: Field, _ ax: Int, _ ay: Int, _ bx: Int, _ by: Int) -> Bool {
    for y in min(ay, by)...max(ay, by) {
      for x in min(ax, bx)...max(ax, bx) {
        guard x >= 0, y >= 0, x < field.width, y < field.height,
          abs(field.values[y * field.width + x] - Tone.substrate) < 3
        else { return false }
      }
    }
    return true
  }
}
