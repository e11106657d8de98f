import CVideo4Linux
import Configuration
import Threading
import VisionImage

/// A Video4Linux camera: USB (UVC), sensors on a board, frame grabbers.
final class VideoCamera: Camera {
  static let kind = CameraKind(
    scheme: "v4l2",
    summary: "a Video4Linux camera: v4l2:/dev/video0?format=GREY&size=1920x1080&fps=30",
    parameters: [
      Parameter("format", .text, optional: true, "as the camera calls it; the one it is set to where left out"),
      Parameter("size", .size(1...65536), optional: true, "pixels; what it is set to where left out"),
      Parameter("fps", .real(0.001...100_000), optional: true, "pictures a second"),
      Parameter("exposure", .real(1...1e9), optional: true, placeholder: "µs", "microseconds, by hand"),
      Parameter("gain", .whole(Int.min...Int.max), optional: true, "in the camera's own units"),
      Parameter("set", .text, optional: true, placeholder: "NAME:VALUE,…", "other controls"),
      Parameter("buffers", .whole(2...32), default: 12, "pictures that may be in use or wait at a time"),
      Parameter("raw", .whole(0...1), default: 0, "1: keep the driver's bytes beside the picture"),
    ],
    make: { url throws(CaptureError) in try VideoCamera(url) },
    list: {
      VideoNode.all().map {
        CameraKind.Found(url: "v4l2:" + $0.path, name: $0.name, serial: $0.serial ?? $0.bus)
      }
    },
    obstacles: { VideoDevice.whyNotListed() })

  let url: CameraURL
  let isTriggered = false
  private let node: VideoNode
  private let connection: Guarded<CameraConnection<VideoDevice, VideoStream>>
  // Made in `start`, used by the one thread that takes pictures.
  private nonisolated(unsafe) var decoder: PictureDecoder?

  /// Silence for so many periods, and never less than a second, means that the stream is stuck.
  private static let patience = 5.0
  /// Cameras take their time before the first picture.
  private static let firstPatience = 6.0

  private init(_ url: CameraURL) throws(CaptureError) {
    self.url = url
    let device = try VideoDevice.open(url.target, url: url.text)
    node = device.node
    var controls: [(name: String, value: String)] = []
    let values = url.values
    if values.has("exposure") {
      controls += try Self.exposure(values.real("exposure"), device, url)
    }
    if values.has("gain") { controls.append(("gain", "\(values.whole("gain"))")) }
    controls += try url.controlSettings()
    connection = Guarded(CameraConnection(device, controls: controls))
  }

  /// Cameras count the time in 100 µs, and take a number only with the automatic off.
  private static func exposure(
    _ microseconds: Double, _ device: VideoDevice, _ url: CameraURL
  ) throws(CaptureError) -> [(name: String, value: String)] {
    let names = device.controls.map(\.name)
    let steps = "\(max(1, Int((microseconds / 100).rounded())))"
    for name in ["exposure_time_absolute", "exposure_absolute"] where names.contains(name) {
      let automatic = ["auto_exposure", "exposure_auto"].filter { names.contains($0) }
      return automatic.map { ($0, "1") } + [(name, steps)]
    }
    throw .cannotOpen(url: url.text, why: "the camera has no exposure in units of time")
  }

  var period: Double { connection.withLock { $0.rate > 0 ? 1 / $0.rate : 0 } }

  var description: CameraDescription {
    let device = connection.withLock { $0.device }
    let formats = device?.encodings.map { encoding in
      let sizes = device?.sizes(of: encoding) ?? []
      return CameraDescription.Format(
        name: encoding.name, sizes: sizes.map { ($0.width, $0.height) },
        rates: Set(sizes.flatMap(\.rates).map { $0.rounded(to: 3) }).sorted(by: >))
    }
    return CameraDescription(
      name: node.name, serial: node.serial ?? node.bus, formats: formats ?? [],
      controls: device.map { device in device.controls.map { $0.describe(on: device) } } ?? [],
      sharesBuffers: device?.sharesBuffers)
  }

  /// Without asking for anything else, least of all for buffers.
  func control(_ name: String) -> CameraControl? {
    guard let device = connection.withLock({ $0.device }) else { return nil }
    return device.controls.map { $0.describe(on: device) }.first { $0.isCalled(name) }
  }

  func set(_ control: String, to value: String) throws(CaptureError) {
    guard let device = connection.withLock({ $0.device }) else {
      throw .lost(url: url.text, why: "'\(node.name)' is not there")
    }
    try device.set(control, to: value, url: url.text)
    connection.withLock { $0.keep(control, value: value) }
  }

  func start() throws(CaptureError) {
    connection.clear()
    let (known, controls) = connection.withLock { ($0.device, $0.controls) }
    let device: VideoDevice
    if let known {
      device = known
    } else {
      device = try VideoDevice.open(again: node, url: url.text)
    }
    do throws(CaptureError) {
      let values = url.values
      for control in controls {
        try device.set(control.name, to: control.value, url: url.text)
      }
      let setting = try device.negotiate(
        format: values.has("format") ? values.text("format") : nil,
        size: values.has("size") ? values.size("size") : nil,
        rate: values.has("fps") ? values.real("fps") : nil, url: url.text)
      let buffers = values.whole("buffers")
      var foreign: ForeignConverter?
      if setting.encoding.content == .foreign {
        foreign = ForeignConverter(device, setting)
        guard foreign != nil else {
          throw .cannotOpen(
            url: url.text,
            why: "\(setting.encoding.name) is read neither here nor by libv4lconvert (libv4l-0)")
        }
      }
      decoder = PictureDecoder(
        setting.encoding, width: setting.width, height: setting.height, rowBytes: setting.rowBytes,
        buffers: buffers, foreign: foreign)
      let stream = try VideoStream(device, buffers: buffers)
      connection.withLock { $0.begin(stream, from: device, rate: setting.rate) }
    } catch {
      connection.withLock { $0.lose() }
      throw error
    }
  }

  func stop() { connection.stop() }

  var delivers: CameraDelivery? {
    decoder.map {
      CameraDelivery(format: $0.encoding.name, width: $0.width, height: $0.height)
    }
  }

  func next(until deadline: MonotonicTime) throws(CaptureError) -> Frame? {
    guard let (stream, _) = connection.withLock({ $0.running }), let decoder else {
      throw .lost(url: url.text, why: "it does not stream")
    }
    do throws(CaptureError) {
      guard let filled = try stream.next(until: deadline) else {
        try watch()
        return nil
      }
      return frame(filled, decoder)
    } catch {
      connection.withLock { $0.lose() }
      guard case .lost = error else { throw .lost(url: url.text, why: "\(error)") }
      throw error
    }
  }

  private func watch() throws(CaptureError) {
    let (last, rate, hasPictures) = connection.withLock { ($0.lastSign, $0.rate, $0.hasPictures) }
    let usual = hasPictures ? 1.0 : Self.firstPatience
    let patience = rate > 0 ? max(usual, Self.patience / rate) : Self.firstPatience
    let silence = MonotonicTime.now - last
    if silence > patience {
      throw .lost(url: url.text, why: "no picture for \(silence.rounded(to: 1)) s")
    }
  }

  private func frame(_ filled: VideoStream.Filled, _ decoder: PictureDecoder) -> Frame {
    let about = filled.about
    let now = MonotonicTime.now
    let taken = Int(about.nanoseconds)
    let period = self.period
    let (sequence, dropped, gap, mapped) = connection.withLock { connection in
      connection.sawLife(at: now, picture: true)
      let (sequence, dropped) = connection.sequence.take(about.sequence)
      let gap = connection.clock.gap(taken, sequence: sequence, period: period)
      return (sequence, dropped, gap, connection.clock.map(taken, arrived: now))
    }
    let status: Frame.Status
    var picture: RasterView?
    if about.is_damaged != 0 {
      status = .corrupt("the driver marks it as damaged")
    } else {
      switch decoder.decode(filled.raw) {
      case .picture(let view):
        status = .good
        picture = view
      case .damaged(let why):
        status = why
      case .starved:
        status = .incomplete("no buffer is free for the converted picture")
      }
    }
    let isOurs = about.is_monotonic != 0
    // Where pictures wait in all buffers but the one that is being filled, the driver has none left.
    let waited = Double(now.nanoseconds - taken) * 1e-9
    let isLate = isOurs && period > 0
      && waited >= Double(url.values.whole("buffers") - 2) * period
    // Some drivers tell a time that is still to come.
    let captured = isOurs ? min(now, MonotonicTime(nanoseconds: taken)) : mapped.time
    return Frame(
      status: status, picture: picture, bits: decoder.encoding.bits,
      raw: url.values.whole("raw") == 1 ? filled.raw : nil, sequence: sequence,
      droppedBefore: dropped, starvedBefore: filled.ranDry || isLate ? dropped : 0,
      gapBefore: gap, captured: captured, uncertainty: isOurs ? 0 : mapped.within, arrived: now,
      deviceTime: Frame.DeviceTime(nanoseconds: taken, clock: isOurs ? .monotonic : .camera))
  }
}
