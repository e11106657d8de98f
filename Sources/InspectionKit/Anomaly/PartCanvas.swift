import VisionImage

/// The upright rectangle that parts are drawn into, with a margin around it for shifts.
struct PartCanvas: Sendable {
  let width: Int
  let height: Int
  /// Pixels of the picture to one of the canvas.
  let reduction: Float

  static let margin = 16
  var paddedWidth: Int { width + 2 * Self.margin }
  var paddedHeight: Int { height + 2 * Self.margin }

  init(width: Int, height: Int, reduction: Float) {
    self.width = width
    self.height = height
    self.reduction = reduction
  }

  /// Roomy enough for parts like these, about 480 long.
  init(_ segments: [PartSegment]) {
    func median(_ values: [Float]) -> Float { values.sorted()[values.count / 2] }
    let length = median(segments.map(\.length)), breadth = median(segments.map(\.breadth))
    reduction = max(1, length / 480)
    // Multiples of four, so that the coarse planes lie straight on it.
    width = Int(length * 1.06 / reduction / 4 + 1) * 4
    height = Int(breadth * 1.15 / reduction / 4 + 1) * 4
  }

  func pose(of part: PartSegment) -> PartPose {
    PartPose(
      x: part.x, y: part.y, cosine: part.cosine / reduction, sine: part.sine / reduction,
      canvasX: Float(width - 1) / 2, canvasY: Float(height - 1) / 2)
  }

  /// The part with the margin, a byte a pixel; outside the picture its edge goes on. Every byte is the
  /// mean of four places, so that what is smaller than a pixel of the canvas does not flicker.
  func draw(_ picture: ImageView<UInt8>, _ pose: PartPose) -> [UInt8] {
    let origin = pose.toPicture(Float(-Self.margin), Float(-Self.margin))
    let along = pose.toPicture(Float(1 - Self.margin), Float(-Self.margin))
    // Places in 65536ths of a pixel: the same on every machine, and fast.
    func fixed(_ value: Float) -> Int { Int((value * 65536).rounded()) }
    let step = (x: fixed(along.x - origin.x), y: fixed(along.y - origin.y))
    let corners = [(-1, -1), (1, -1), (-1, 1), (1, 1)].map { u, v in
      (x: (u * step.x - v * step.y) / 4, y: (u * step.y + v * step.x) / 4)
    }
    let start = (x: fixed(origin.x), y: fixed(origin.y))
    let right = (picture.width - 1) << 16, bottom = (picture.height - 1) << 16
    let lastX = max(0, picture.width - 2), lastY = max(0, picture.height - 2)
    let across = picture.width > 1 ? 1 : 0, down = picture.height > 1 ? 1 : 0
    let paddedWidth = paddedWidth, paddedHeight = paddedHeight
    return [UInt8](unsafeUninitializedCapacity: paddedWidth * paddedHeight) { out, filled in
      let out = out.baseAddress!
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: paddedWidth) { memory in
        let sums = memory.baseAddress!
        picture.withRows { rows in
          for y in 0..<paddedHeight {
            sums.update(repeating: 0, count: paddedWidth)
            for corner in corners {
              var px = start.x &- y &* step.y &+ corner.x, py = start.y &+ y &* step.x &+ corner.y
              for x in 0..<paddedWidth {
                let u = min(max(px, 0), right), v = min(max(py, 0), bottom)
                let left = min(u >> 16, lastX), top = min(v >> 16, lastY)
                // 256ths: products stay below 2^24, the sum of the four below 2^26.
                let p = Int32(truncatingIfNeeded: (u &- left << 16) >> 8)
                let q = Int32(truncatingIfNeeded: (v &- top << 16) >> 8)
                let upper = rows[top], lower = rows[top &+ down]
                let a = Int32(upper[left]), b = Int32(upper[left &+ across])
                let c = Int32(lower[left]), d = Int32(lower[left &+ across])
                let above = a &<< 8 &+ (b &- a) &* p, below = c &<< 8 &+ (d &- c) &* p
                sums[x] = sums[x] &+ above &<< 8 &+ (below &- above) &* q
                px &+= step.x
                py &+= step.y
              }
            }
            let target = out + y * paddedWidth
            for x in 0..<paddedWidth {
              target[x] = UInt8(truncatingIfNeeded: (sums[x] &+ 1 << 17) >> 18)
            }
          }
        }
      }
      filled = paddedWidth * paddedHeight
    }
  }
}

/// What parts are compared by: brightness and slope, at three sizes.
struct PartChannels: Sendable {
  let fine: ChannelPlanes
  let middle: ChannelPlanes
  let coarse: ChannelPlanes

  init(_ drawn: [UInt8], _ canvas: PartCanvas, _ engine: PlaneEngine) {
    let picture = FloatPlane(
      width: canvas.paddedWidth, height: canvas.paddedHeight, values: drawn.map { Float($0) })
    // Held against the background, so that the light may change.
    let background = Self.bright(drawn, share: 0.1)
    let level = picture.smoothed(sigma: 1.2, engine).map { ($0 - background) * 0.02 }
    // Light on a round shaft lies in streaks along it, which move when the part is turned: what goes on
    // along the axis says nothing, what breaks off does.
    let streaks = level.boxedAcross(radius: Self.streak).boxedAcross(radius: Self.streak)
    let relief = level.zipped(streaks, -)
    // The difference of the neighbours on either side, to weigh as much as brightness.
    func slope(dx: Int, dy: Int) -> FloatPlane {
      relief.weighed(
        [PlaneTap(x: dx, y: dy, weight: 2), PlaneTap(x: -dx, y: -dy, weight: -2)], engine)
    }
    fine = ChannelPlanes(
      [relief, slope(dx: 1, dy: 0), slope(dx: 0, dy: 1)], margin: PartCanvas.margin)
    middle = fine.halved
    coarse = middle.halved
  }

  /// What is much longer than twice this along the axis is a streak of light.
  private static let streak = 14

  /// The level that this share of the pixels reaches.
  private static func bright(_ drawn: [UInt8], share: Double) -> Float {
    var bins = [Int](repeating: 0, count: 256)
    for level in drawn { bins[Int(level)] += 1 }
    var left = Int(share * Double(drawn.count))
    for level in (1..<256).reversed() {
      left -= bins[level]
      if left < 0 { return Float(level) }
    }
    return 0
  }
}
