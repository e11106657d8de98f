import Threading

/// A source of pictures. It is used from one thread, which may block in `next`.
public protocol Camera: AnyObject, Sendable {
  /// The URL it was opened by.
  var url: CameraURL { get }
  /// True where a picture is taken only when it is asked for: then none can be missed. A camera
  /// that runs free goes on whether anybody looks or not.
  var isTriggered: Bool { get }
  /// True where silence is no news: it waits for a signal from outside, and throws `.lost` by itself
  /// when it does not answer any more.
  var mayBeSilent: Bool { get }
  /// Seconds from picture to picture, as far as is known; a camera that is silent for much longer
  /// has failed.
  var period: Double { get }
  /// What it is, the formats that it delivers, and its controls with their values.
  var description: CameraDescription { get }
  /// Sets a control by name, also while it runs; throws `.refused` where it knows none such or the
  /// value does not fit.
  func set(_ control: String, to value: String) throws(CaptureError)
  /// A control and its value now, by the name that `set` takes; nil where there is none.
  func control(_ name: String) -> CameraControl?
  func start() throws(CaptureError)
  /// The next picture, nil where none came until the deadline. Throws `.lost` when the camera is
  /// gone, `.ended` when there will be no more.
  func next(until deadline: MonotonicTime) throws(CaptureError) -> Frame?
  func stop()
  /// What it delivers at the moment; nil before the start.
  var delivers: CameraDelivery? { get }
  /// Packets of the stream that came only when they were asked for again.
  var resentPackets: Int { get }
}

extension Camera {
  public var mayBeSilent: Bool { false }
  public var resentPackets: Int { 0 }
  public func control(_ name: String) -> CameraControl? {
    description.controls.first { $0.isCalled(name) }
  }
}

/// The format and the size of a camera's pictures.
public struct CameraDelivery: Sendable {
  public let format: String
  public let width: Int
  public let height: Int
}

public enum CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The URL asks for something that is not there.
  case cannotOpen(url: String, why: String)
  /// The camera is not there, may not be used, or is used by somebody else.
  case unavailable(url: String, why: String)
  /// The camera was there and is gone; it may come back.
  case lost(url: String, why: String)
  /// The camera does not do what was asked for; it goes on as before.
  case refused(url: String, why: String)
  /// The last picture was delivered.
  case ended

  public var description: String {
    switch self {
    case .cannotOpen(let url, let why): "cannot open the camera \(url): \(why)"
    case .unavailable(let url, let why): "cannot have the camera \(url): \(why)"
    case .lost(let url, let why): "lost the camera \(url): \(why)"
    case .refused(let url, let why): "the camera \(url) refused: \(why)"
    case .ended: "no more pictures"
    }
  }
}

/// A kind of camera, by the scheme of its URLs. The registry of these is all that knows them.
public struct CameraKind: Sendable {
  public let scheme: String
  public let summary: String
  /// What may stand behind the `?` of the URL.
  public let parameters: [CameraParameter]
  public let make: @Sendable (CameraURL) throws(CaptureError) -> any Camera
  /// The cameras of this kind that are there.
  public let list: @Sendable () -> [Found]
  /// Why others that are there are not in that list, and what to do.
  public let obstacles: @Sendable () -> [String]

  /// A camera that is there.
  public struct Found: Sendable {
    public let url: String
    public let name: String
    /// What tells it from others of its make.
    public let serial: String
  }

  init(
    scheme: String, summary: String, parameters: [CameraParameter],
    make: @escaping @Sendable (CameraURL) throws(CaptureError) -> any Camera,
    list: @escaping @Sendable () -> [Found] = { [] },
    obstacles: @escaping @Sendable () -> [String] = { [] }
  ) {
    self.scheme = scheme
    self.summary = summary
    self.parameters = parameters
    self.make = make
    self.list = list
    self.obstacles = obstacles
  }

  /// Every kind there is. A new one is added here and nowhere else.
  public static let all: [CameraKind] = [
    VideoCamera.kind, GenICamCamera.gige, GenICamCamera.usb3, SyntheticCamera.kind,
    FolderCamera.kind,
  ]

  /// Opens the camera that a URL names.
  public static func open(_ text: String) throws(CaptureError) -> any Camera {
    let url = try CameraURL(text)
    return try url.kind.make(url)
  }
}
