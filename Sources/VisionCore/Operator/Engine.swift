/// The three sources of every operator.
public enum Engine: String, Sendable, CaseIterable {
  /// The definition, slow and obvious.
  case reference
  /// The fast Swift one.
  case native
  /// OpenCV, in a plug-in.
  case opencv
}

/// What a person may ask for: one engine, or the native one with OpenCV behind it.
public enum EngineChoice: String, Sendable, CaseIterable {
  case auto, native, opencv, reference

  /// The engine to try first.
  public var first: Engine {
    switch self {
    case .auto, .native: .native
    case .opencv: .opencv
    case .reference: .reference
    }
  }

  /// The engine to fall over to when the first one fails for a reason that can be named.
  public var second: Engine? { self == .auto ? .opencv : nil }
}
