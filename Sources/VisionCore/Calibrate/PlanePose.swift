#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import VisionImage

/// Where something lies on a plane, and how far it is turned from the plane's x axis to its y axis.
public struct PlanePose: Sendable, Equatable {
  public var place: PlanePoint
  public var angle: Angle

  public init(place: PlanePoint, angle: Angle) {
    self.place = place
    self.angle = angle
  }

  /// A point that has moved with something from one pose to another.
  static func carried(_ point: PlanePoint, from a: PlanePose, to b: PlanePose) -> PlanePoint {
    let turn = b.angle.radians - a.angle.radians
    let moved = turned(point, by: turn, about: a.place)
    return PlanePoint(x: moved.x + b.place.x - a.place.x, y: moved.y + b.place.y - a.place.y)
  }

  static func turned(_ point: PlanePoint, by turn: Double, about centre: PlanePoint) -> PlanePoint {
    let dx = point.x - centre.x, dy = point.y - centre.y, c = cos(turn), s = sin(turn)
    return PlanePoint(x: centre.x + c * dx - s * dy, y: centre.y + s * dx + c * dy)
  }
}

/// A part as it lay when the robot was taught: what the robot does otherwise because a part lies otherwise.
public struct TaughtPart: Sendable {
  public let taught: PlanePose
  /// Whether the robot's angles grow from x to y; `RotationCentre` finds that out.
  public let turnsFromXToY: Bool

  public init(_ taught: PlanePose, turnsFromXToY: Bool = true) {
    self.taught = taught
    self.turnsFromXToY = turnsFromXToY
  }

  /// How the part has moved: how far its place is from the taught one, and how far it is turned.
  public func offset(of found: PlanePose) -> PlanePose {
    PlanePose(
      place: PlanePoint(x: found.place.x - taught.place.x, y: found.place.y - taught.place.y),
      angle: turn(to: found))
  }

  /// Where the tool picks the part: at the same spot of it, turned as it is. `grip` is where it
  /// picked the taught one, place and angle as the robot states them.
  public func pick(_ found: PlanePose, grip: PlanePose) -> PlanePose {
    PlanePose(
      place: PlanePose.carried(grip.place, from: taught, to: found),
      angle: robotAngle(grip.angle.degrees, plus: turn(to: found)))
  }

  /// What a tool that holds the part adds to its taught movement, so that the part comes to lie as
  /// the taught one did: a turn about the tool's axis, as it stands when the part is seen, and a shift.
  public func place(_ found: PlanePose, about axis: PlanePoint) -> PlanePose {
    let back = -turn(to: found).radians
    let turned = PlanePose.turned(found.place, by: back, about: axis)
    return PlanePose(
      place: PlanePoint(x: taught.place.x - turned.x, y: taught.place.y - turned.y),
      angle: robotAngle(0, plus: .radians(back)))
  }

  private func turn(to found: PlanePose) -> Angle {
    Self.within(found.angle.degrees - taught.angle.degrees)
  }

  private func robotAngle(_ degrees: Double, plus turn: Angle) -> Angle {
    Self.within(degrees + (turnsFromXToY ? turn.degrees : -turn.degrees))
  }

  /// In (-180, 180].
  private static func within(_ degrees: Double) -> Angle {
    .degrees(degrees - ((degrees - 180) / 360).rounded(.up) * 360)
  }
}
