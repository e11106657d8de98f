import ImageFiles
import Threading
import VisionImage

/// One picture from a camera, or the news that there is none. The picture's memory goes back to
/// whoever gave it when the last view of it is gone.
public struct Frame: Sendable {
  public enum Status: Sendable, Equatable {
    case good
    /// The camera or the transfer says that the pixels are not all right.
    case corrupt(String)
    /// A part of the picture never came.
    case incomplete(String)

    /// Why the picture is not to be used; nil for a good one.
    public var trouble: String? {
      switch self {
      case .good: nil
      case .corrupt(let why): "the picture is damaged: \(why)"
      case .incomplete(let why): "the picture is incomplete: \(why)"
      }
    }
  }

  /// A time as the camera tells it.
  public struct DeviceTime: Sendable, Equatable {
    public enum Clock: String, Sendable {
      /// The monotonic clock of this computer.
      case monotonic
      /// The camera's own, which begins anywhere and drifts.
      case camera
    }
    public let nanoseconds: Int
    public let clock: Clock

    public init(nanoseconds: Int, clock: Clock) {
      self.nanoseconds = nanoseconds
      self.clock = clock
    }
  }

  public let status: Status
  /// Nil where the pixels are no good.
  public let picture: RasterView?
  /// Significant bits of a sample: 10 where a 10-bit camera fills 16-bit words.
  public let bits: Int
  /// The driver's own bytes, where they were asked for.
  public let raw: RawPicture?
  /// Counted by the camera from its start, unwrapped to 64 bits.
  public let sequence: Int
  /// Pictures that were triggered since the last one and never came.
  public let droppedBefore: Int
  /// How many of those were lost because no buffer was free.
  public let starvedBefore: Int
  /// Pictures that by the camera's clock and rate should have come in between though the numbers
  /// follow one another.
  public let gapBefore: Int
  /// When it was taken, by the clock of this computer.
  public let captured: MonotonicTime
  /// By how many seconds `captured` may be wrong, seen from how the arrivals vary; nil where nobody
  /// knows.
  public let uncertainty: Double?
  /// When it was handed to us.
  public let arrived: MonotonicTime
  /// When it was taken, as the camera says; nil where it has no clock.
  public let deviceTime: DeviceTime?
  /// A file's path, where it came from one.
  public let source: String?
  /// What is really on it, where somebody knows.
  public let truth: [SceneDefect]?

  public init(
    status: Status, picture: RasterView?, bits: Int? = nil, raw: RawPicture? = nil, sequence: Int,
    droppedBefore: Int, starvedBefore: Int = 0, gapBefore: Int = 0, captured: MonotonicTime,
    uncertainty: Double? = nil, arrived: MonotonicTime = .now, deviceTime: DeviceTime? = nil,
    source: String? = nil, truth: [SceneDefect]? = nil
  ) {
    precondition(
      (picture != nil) == (status == .good), "a \(status) frame, picture: \(picture != nil)")
    precondition(
      0 <= starvedBefore && starvedBefore <= droppedBefore,
      "\(starvedBefore) starved of \(droppedBefore) dropped")
    self.status = status
    self.picture = picture
    self.bits = bits ?? 8 * (picture?.format.sampleBytes ?? 1)
    self.raw = raw
    self.sequence = sequence
    self.droppedBefore = droppedBefore
    self.starvedBefore = starvedBefore
    self.gapBefore = gapBefore
    self.captured = captured
    self.uncertainty = uncertainty
    self.arrived = arrived
    self.deviceTime = deviceTime
    self.source = source
    self.truth = truth
  }
}

extension Frame {
  /// The picture as inspection wants it: grey, and of deep pixels all 16 bits in use.
  public var greyPicture: RasterView? {
    guard let picture else { return nil }
    let grey =
      picture.format.isColour ? GreyConversion.grey(Raster(copying: picture)).view : picture
    let spare = 16 - bits
    guard let levels = ImageView<UInt16>(grey), spare > 0 else { return grey }
    var full = Image<UInt16>(uninitializedWidth: grey.width, height: grey.height)
    levels.withRows { rows in
      full.withMutableView { out in
        for y in 0..<out.height {
          let source = rows[y], row = out.row(y)
          for x in 0..<out.width { row[x] = source[x] << UInt16(spare) }
        }
      }
    }
    return full.raster.view
  }
}
