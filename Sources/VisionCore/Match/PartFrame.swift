import VisionImage

/// Where a part's own coordinates lie in a picture: a turn, a growth and a shift.
public struct PartFrame: Sendable, Equatable {
  private var pose: Similarity

  /// Both are the same.
  public static let whole = PartFrame(x: 0, y: 0)

  /// Shifted only.
  public init(x: Double, y: Double) { pose = Similarity(x: x, y: y, a: 1, b: 0) }

  /// Of a match: the part's own coordinates are those of a picture in which the template's centre
  /// lay at `centre`, neither turned nor grown.
  public init(_ match: Match, centre: PixelPoint) {
    var pose = Similarity(x: match.x, y: match.y, degrees: match.angle.degrees, scale: match.scale)
    let corner = pose(-centre.x, -centre.y)
    pose.x = corner.x
    pose.y = corner.y
    self.pose = pose
  }

  public func callAsFunction(_ point: PixelPoint) -> PixelPoint {
    let at = pose(point.x, point.y)
    return PixelPoint(x: at.x, y: at.y)
  }

  /// The frame of what is told in the coordinates of `inner`, whose picture is told in these.
  public func containing(_ inner: PartFrame) -> PartFrame {
    var frame = self
    let at = pose(inner.pose.x, inner.pose.y)
    frame.pose = Similarity(
      x: at.x, y: at.y, a: pose.a * inner.pose.a - pose.b * inner.pose.b,
      b: pose.a * inner.pose.b + pose.b * inner.pose.a)
    return frame
  }

  /// A match that was found in the part's own coordinates.
  public func callAsFunction(_ match: Match) -> Match {
    let at = pose(match.x, match.y)
    return Match(
      x: at.x, y: at.y, angle: .degrees(match.angle.degrees + pose.degrees),
      scale: match.scale * pose.scale, score: match.score)
  }

  /// The smallest box of whole pixels around a box of the part.
  public func callAsFunction(_ box: PixelRect) -> PixelRect {
    guard pose.a != 1 || pose.b != 0 else {
      return box.moved(x: Int(pose.x.rounded()), y: Int(pose.y.rounded()))
    }
    let right = Double(box.maxX - 1), bottom = Double(box.maxY - 1)
    let corners = [
      pose(Double(box.x), Double(box.y)), pose(right, Double(box.y)), pose(Double(box.x), bottom),
      pose(right, bottom),
    ]
    let xs = corners.map(\.x), ys = corners.map(\.y)
    let left = Int((xs.min() ?? 0).rounded(.down)), top = Int((ys.min() ?? 0).rounded(.down))
    return PixelRect(
      x: left, y: top, width: Int((xs.max() ?? 0).rounded(.up)) - left + 1,
      height: Int((ys.max() ?? 0).rounded(.up)) - top + 1)
  }

  /// Row by row, from the part's coordinates to the picture's: what `WarpAffine` takes.
  public var matrix: [Double] { [pose.a, pose.b, pose.x, -pose.b, pose.a, pose.y] }

  /// The same the other way.
  public var inverseMatrix: [Double] {
    let n = pose.a * pose.a + pose.b * pose.b
    let a = pose.a / n, b = pose.b / n
    return [a, -b, b * pose.y - a * pose.x, b, a, -b * pose.x - a * pose.y]
  }
}
