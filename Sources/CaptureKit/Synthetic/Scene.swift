import VisionImage

/// A flaw of a rendered part, and the smallest box around every pixel of the picture that it changed:
/// outside all boxes the picture is that of the same part without flaws, bit for bit.
public struct SceneDefect: Sendable, Equatable {
  public let box: PixelRect
  public let kind: String
}

/// Where the middle of a part lies in a picture, exactly, and how far it is turned, anticlockwise on the
/// screen.
public struct ScenePose: Sendable, Equatable {
  public let x: Double
  public let y: Double
  public let angle: Angle
}

/// A picture of one part, with the truth about it.
public struct RenderedPart: Sendable {
  public let image: Image<UInt8>
  /// Empty for a good part.
  public let defects: [SceneDefect]
  /// Where good parts lie, of scenes whose parts lie anywhere.
  public let poses: [ScenePose]
}

/// A kind of part before a camera, drawn by rules. The same settings and the same index give the
/// same picture, bit for bit, on every machine: only + - * / and square roots of doubles are used.
public protocol Scene: Sendable {
  /// What a perfect part looks like, without noise.
  var reference: Image<UInt8> { get }

  /// What a recipe compares pictures with: the reference, or where parts lie anywhere, one part alone.
  var template: Image<UInt8> { get }

  /// Part number `index` into `pixels`, which have the size of the reference; its flaws. They are
  /// found in a share `defectRate` of all parts.
  func render(
    part index: Int, defectRate: Double, into pixels: MutableImageView<UInt8>
  ) -> [SceneDefect]

  /// Where the good parts of the same picture lie: the places of the template's middle.
  func poses(part index: Int, defectRate: Double) -> [ScenePose]
}

extension Scene {
  public var template: Image<UInt8> { reference }
  public func poses(part index: Int, defectRate: Double) -> [ScenePose] { [] }

  /// Part number `index` in an image of its own.
  public func render(part index: Int, defectRate: Double) -> RenderedPart {
    var image = Image<UInt8>(uninitializedWidth: reference.width, height: reference.height)
    let defects = image.withMutableView { render(part: index, defectRate: defectRate, into: $0) }
    return RenderedPart(
      image: image, defects: defects, poses: poses(part: index, defectRate: defectRate))
  }
}

public struct SceneSettings: Sendable, Equatable {
  public var width: Int
  public var height: Int
  public var seed: UInt64

  public init(width: Int, height: Int, seed: UInt64) {
    self.width = width
    self.height = height
    self.seed = seed
  }
}

/// A scene as people choose it.
public struct SceneKind: Sendable {
  public let name: String
  public let summary: String
  /// The classes of flaws that it draws.
  public let defectClasses: [String]
  public let defaultSize: (width: Int, height: Int)
  public let make: @Sendable (SceneSettings) -> any Scene

  /// Every scene there is, the default first. A new one is added here and nowhere else.
  public static let all: [SceneKind] = [BoardScene.kind, SurfaceScene.kind, PartsScene.kind]

  public static func find(_ name: String) -> SceneKind? { all.first { $0.name == name } }

  public func scene(width: Int? = nil, height: Int? = nil, seed: UInt64) -> any Scene {
    make(
      SceneSettings(
        width: width ?? defaultSize.width, height: height ?? defaultSize.height, seed: seed))
  }
}
