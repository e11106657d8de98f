import VisionCore
import VisionImage

/// Parts of one kind that lie anywhere, at any angle, over clutter and partly under bars, in light that
/// falls from one side: what positioning has to cope with. Flaws: a part is missing, or lies upside down.
struct PartsScene: Scene {
  static let kind = SceneKind(
    name: "parts", summary: "turned parts among clutter, under bars, in uneven light; one missing or upside down",
    defectClasses: Flaw.allCases.map(\.rawValue), defaultSize: (960, 720), make: { PartsScene($0) })

  /// Parts that a picture of the default size holds.
  static let partCount = 4

  enum Flaw: String, CaseIterable {
    case missing
    case upsideDown = "upside-down"
  }

  private enum Tone {
    static let ground: Float = 70
    static let part: Float = 172
    static let hole: Float = 48
    static let clutter = 40.0...112.0
    static let bar = 20.0...235.0
  }

  private static let spread = Exposure.Spread(shift: 1.5, gain: 0.15, slope: 0.2)
  /// A place that no other part reaches into, whatever the angle.
  private static let cell = 176

  private let settings: SceneSettings
  private let sensor: SensorModel
  let reference: Image<UInt8>
  let template: Image<UInt8>

  init(_ settings: SceneSettings) {
    self.settings = settings
    sensor = SensorModel(
      width: settings.width, height: settings.height, noiseLevels: 2.5, fall: 0.12,
      seed: settings.seed)
    var field = sensor.field(repeating: Tone.ground)
    let middle = Bracket.Pose(
      x: Double(field.width - 1) / 2, y: Double(field.height - 1) / 2, cosine: 1, sine: 0)
    Bracket.draw(into: &field, middle, Tone.part, hole: Tone.hole)
    reference = sensor.reference(field.blurred())
    template = Self.drawTemplate()
  }

  private static func drawTemplate() -> Image<UInt8> {
    let sensor = SensorModel(
      width: 2 * Bracket.halfWidth + 1, height: 2 * Bracket.halfHeight + 1, noiseLevels: 0, fall: 0,
      seed: 0)
    var field = sensor.field(repeating: Tone.ground)
    let middle = Bracket.Pose(
      x: Double(field.width - 1) / 2, y: Double(field.height - 1) / 2, cosine: 1, sine: 0)
    Bracket.draw(into: &field, middle, Tone.part, hole: Tone.hole)
    return sensor.reference(field.blurred())
  }

  func render(
    part index: Int, defectRate: Double, into pixels: MutableImageView<UInt8>
  ) -> [SceneDefect] {
    let plan = Plan(self, index, defectRate)
    let good = picture(plan, flawed: false)
    let clean = good.blurred()
    guard let flaw = plan.flaw else {
      return sensor.part(good: clean, flawed: clean, flaws: [], plan.exposure, into: pixels)
    }
    var flawed = clean
    let reach = Bracket.reach(plan.poses[0]).grown(by: 1)
    flawed.blur(picture(plan, flawed: true), in: reach)
    return sensor.part(
      good: clean, flawed: flawed, flaws: [DrawnFlaw(reach: reach, kind: flaw.rawValue)],
      plan.exposure, into: pixels)
  }

  func poses(part index: Int, defectRate: Double) -> [ScenePose] {
    let plan = Plan(self, index, defectRate)
    return plan.poses.dropFirst(plan.flaw == nil ? 0 : 1).map { pose in
      ScenePose(
        x: pose.x - Double(SensorModel.margin) + plan.exposure.shiftX,
        y: pose.y - Double(SensorModel.margin) + plan.exposure.shiftY,
        angle: .degrees(Trigonometry.degrees(y: pose.sine, x: pose.cosine)))
    }
  }

  private func picture(_ plan: Plan, flawed: Bool) -> Field {
    var field = sensor.field(repeating: Tone.ground)
    for thing in plan.clutter { thing.draw(into: &field) }
    for (i, pose) in plan.poses.enumerated() {
      var pose = pose
      if flawed, i == 0 {
        if plan.flaw == .missing { continue }
        pose.isMirrored = true
      }
      Bracket.draw(into: &field, pose, Tone.part, hole: Tone.hole)
    }
    for bar in plan.bars { bar.draw(into: &field) }
    return field
  }

  /// All that chance decides about a picture; the first part is the one with the flaw.
  private struct Plan {
    let poses: [Bracket.Pose]
    let clutter: [Thing]
    let bars: [Thing]
    let exposure: Exposure
    let flaw: Flaw?

    init(_ scene: PartsScene, _ index: Int, _ defectRate: Double) {
      let width = scene.settings.width, height = scene.settings.height
      var random = SceneRandom(seed: scene.settings.seed, part: index)
      exposure = Exposure(&random, PartsScene.spread)
      let margin = Double(SensorModel.margin)
      clutter = (0..<max(4, width * height / 20000)).map { _ in
        Thing(
          x: margin + random.real(0...Double(width)), y: margin + random.real(0...Double(height)),
          along: random.real(6...34), across: random.real(3...12), &random, Tone.clutter)
      }
      let columns = max(1, width / PartsScene.cell), rows = max(1, height / PartsScene.cell)
      var free = Array(0..<columns * rows)
      var poses: [Bracket.Pose] = [], bars: [Thing] = []
      while poses.count < PartsScene.partCount, !free.isEmpty {
        let cell = free.remove(at: random.whole(0...free.count - 1))
        func place(_ i: Int, _ count: Int, _ length: Int) -> Double {
          let side = Double(length) / Double(count)
          let room = max(0, side - Double(PartsScene.cell)) / 2
          return margin + (Double(i) + 0.5) * side + random.real(-room...room)
        }
        let turn = random.direction()
        let pose = Bracket.Pose(
          x: place(cell % columns, columns, width), y: place(cell / columns, rows, height),
          cosine: turn.x, sine: turn.y)
        poses.append(pose)
        if random.unit() < 0.4 {
          bars.append(
            Thing(
              x: pose.x + random.real(-30...30), y: pose.y + random.real(-30...30),
              along: random.real(60...90), across: random.real(3...7), &random, Tone.bar))
        }
      }
      self.poses = poses
      self.bars = bars
      flaw = random.unit() < defectRate ? random.pick(Flaw.allCases) : nil
    }
  }
}

/// A bar with round ends that lies about.
private struct Thing {
  private let ax: Double
  private let ay: Double
  private let bx: Double
  private let by: Double
  private let radius: Double
  private let tone: Float

  init(
    x: Double, y: Double, along: Double, across: Double, _ random: inout SceneRandom,
    _ tones: ClosedRange<Double>
  ) {
    let turn = random.direction()
    (ax, ay) = (x - along * turn.x, y - along * turn.y)
    (bx, by) = (x + along * turn.x, y + along * turn.y)
    radius = across
    tone = Float(random.real(tones))
  }

  func draw(into field: inout Field) {
    let edge = Int(radius) + 2
    let reach = PixelRect(
      x: Int(min(ax, bx).rounded(.down)) - edge, y: Int(min(ay, by).rounded(.down)) - edge,
      width: Int(abs(bx - ax)) + 2 * edge + 2, height: Int(abs(by - ay)) + 2 * edge + 2)
    field.paint(tone, in: reach) { Distance.line($0, $1, ax, ay, bx, by, radius) }
  }
}
