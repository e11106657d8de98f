import VisionImage

/// The part of the scene `parts`: three arms of different length and width on a hub, with two holes.
/// It is nothing like its mirror image, and like itself at one angle only.
enum Bracket {
  /// Where it lies in a field, and its turn, anticlockwise on the screen.
  struct Pose: Sendable {
    var x: Double
    var y: Double
    var cosine: Double
    var sine: Double
    /// Seen from below.
    var isMirrored = false
  }

  /// What its picture reaches to the sides of its middle, with a rim of ground.
  static let halfWidth = 80, halfHeight = 56

  /// From its middle.
  private static let hub = (x: -4.5, y: 14.0)
  private static let arms: [(x: Double, y: Double, radius: Double)] = [
    (57.5, 22, 13), (-24.5, -36, 10), (-62.5, 38, 8),
  ]
  private static let holes: [(x: Double, y: Double, radius: Double)] = [(-4.5, 14, 7), (57.5, 22, 5)]

  /// The pixels of a field that it can touch.
  static func reach(_ pose: Pose) -> PixelRect {
    // The corner of its picture is 98 pixels from the middle, its outline no farther than 85.
    let most = 88
    return PixelRect(
      x: Int(pose.x.rounded()) - most, y: Int(pose.y.rounded()) - most, width: 2 * most + 1,
      height: 2 * most + 1)
  }

  static func draw(into field: inout Field, _ pose: Pose, _ tone: Float, hole: Float) {
    let reach = reach(pose)
    /// A distance in the part's own coordinates; turning and mirroring keep it.
    func turned(_ distance: @escaping (Double, Double) -> Double) -> (Double, Double) -> Double {
      { x, y in
        let dx = x - pose.x, dy = y - pose.y
        let px = pose.cosine * dx - pose.sine * dy, py = pose.sine * dx + pose.cosine * dy
        return distance(pose.isMirrored ? -px : px, py)
      }
    }
    field.paint(
      tone, in: reach,
      distance: turned { x, y in
        // One shape, so that no seam shows where arms meet.
        var nearest = Distance.circle(x, y, hub.x, hub.y, 17)
        for arm in arms {
          nearest = min(nearest, Distance.line(x, y, hub.x, hub.y, arm.x, arm.y, arm.radius))
        }
        return nearest
      })
    for one in holes {
      field.paint(hole, in: reach, distance: turned { Distance.circle($0, $1, one.x, one.y, one.radius) })
    }
  }
}
