import VisionImage

/// A ground metal surface: marks of grinding along one direction, uneven light. Flaws: pores and
/// cracks. Every part has marks of its own; only the light is the same.
struct SurfaceScene: Scene {
  static let kind = SceneKind(
    name: "surface", summary: "a ground metal surface with pores and cracks",
    defectClasses: ["pore", "crack"], defaultSize: (800, 600), make: { SurfaceScene($0) })

  private static let tone: Float = 150
  private static let spread = Exposure.Spread(shift: 1, gain: 0.05, slope: 0.03)

  private let settings: SceneSettings
  private let sensor: SensorModel
  let reference: Image<UInt8>

  init(_ settings: SceneSettings) {
    self.settings = settings
    sensor = SensorModel(
      width: settings.width, height: settings.height, noiseLevels: 1.5, fall: 0.25,
      seed: settings.seed)
    reference = sensor.reference(sensor.field(repeating: Self.tone))
  }

  func render(
    part index: Int, defectRate: Double, into pixels: MutableImageView<UInt8>
  ) -> [SceneDefect] {
    var random = SceneRandom(seed: settings.seed, part: index)
    let exposure = Exposure(&random, Self.spread)
    let ground = Self.ground(sensor.field(repeating: Self.tone), &random)
    var flawed = ground
    var flaws: [DrawnFlaw] = []
    if random.unit() < defectRate {
      for _ in 0..<random.whole(1...3) {
        let before = flawed
        let kind = random.unit() < 0.6 ? "pore" : "crack"
        let reach =
          kind == "pore" ? Self.pore(&flawed, &random) : Self.crack(&flawed, &random)
        if flaws.allSatisfy({ $0.isApart(from: reach) }) {
          flaws.append(DrawnFlaw(reach: reach, kind: kind))
        } else {
          flawed = before
        }
      }
    }
    return sensor.part(good: ground, flawed: flawed, flaws: flaws, exposure, into: pixels)
  }

  /// Grinding marks: every row is a noise that changes slowly along it, added to that of the row
  /// above, so that marks are long and a few rows wide.
  private static func ground(_ even: Field, _ random: inout SceneRandom) -> Field {
    var field = even
    let width = field.width
    var marks = [Float](repeating: 0, count: width)
    field.values.withUnsafeMutableBufferPointer { values in
      for y in 0..<field.height {
        let rowLevel = Float(random.bell() * 1.6)
        var slow = Float(random.bell() * 2)
        let row = values.baseAddress! + y * width
        var bits: UInt64 = 0
        for x in 0..<width {
          if x % 8 == 0 { bits = random.next() }
          // Eight bits of chance a pixel are plenty for what is averaged over hundreds.
          let push = Float(Int8(truncatingIfNeeded: bits >> UInt64(8 * (x % 8)))) * (1 / 128)
          slow = 0.98 * slow + 0.55 * push
          marks[x] = 0.55 * marks[x] + slow
          row[x] += rowLevel + marks[x]
        }
      }
    }
    return field
  }

  private static func pore(_ field: inout Field, _ random: inout SceneRandom) -> PixelRect {
    let radius = random.real(3...7)
    let x = random.real(30...Double(field.width - 30)), y = random.real(30...Double(field.height - 30))
    let flat = random.real(0.7...1.3)
    let depth = Float(random.real(60...95))
    let reach = PixelRect(x: Int(x) - 14, y: Int(y) - 14, width: 29, height: 29)
    field.paint(tone - depth, in: reach) {
      Distance.circle(x + ($0 - x) * flat, y + ($1 - y) / flat, x, y, radius)
    }
    return reach
  }

  /// A dark line that wanders off across the marks.
  private static func crack(_ field: inout Field, _ random: inout SceneRandom) -> PixelRect {
    var x = random.real(80...Double(field.width - 80)), y = random.real(80...Double(field.height - 80))
    var dx = random.real(-1...1)
    let steps = random.whole(6...14)
    let depth = Float(random.real(60...90))
    let radius = random.real(1.3...2)
    let dy: Double = random.unit() < 0.5 ? -1 : 1
    var reach = PixelRect(x: Int(x), y: Int(y), width: 1, height: 1)
    for _ in 0..<steps {
      dx = max(-1.2, min(1.2, dx + random.real(-0.7...0.7)))
      let nx = x + 4 * dx, ny = y + 4 * dy
      let piece = PixelRect(x: Int(min(x, nx)) - 4, y: Int(min(y, ny)) - 4, width: 14, height: 14)
      let (ax, ay) = (x, y)
      field.paint(tone - depth, in: piece) { Distance.line($0, $1, ax, ay, nx, ny, radius) }
      reach = reach.union(piece)
      (x, y) = (nx, ny)
    }
    return reach
  }
}
