import CPluginABI
import Configuration
import Threading
import VisionImage

/// A GenICam camera on the network (GigE Vision) or by USB (USB3 Vision).
final class GenICamCamera: Camera {
  static let gige = kind(
    "gige", "a GigE Vision camera: gige:SERIAL|ADDRESS|NAME?format=Mono8&roi=X,Y,WxH&trigger=software")
  static let usb3 = kind("usb3", "a USB3 Vision camera: usb3:SERIAL|NAME?format=Mono8")

  private static func kind(_ scheme: String, _ summary: String) -> CameraKind {
    CameraKind(
      scheme: scheme, summary: summary,
      parameters: [
        Parameter("format", .text, optional: true, "as GenICam calls it; the one it is set to where left out"),
        Parameter("roi", .text, optional: true, placeholder: "X,Y,WxH", "the region that it reads out"),
        Parameter("size", .size(1...65536), optional: true, "the region from the upper left corner"),
        Parameter("fps", .real(0.001...100_000), optional: true, "pictures a second"),
        Parameter("exposure", .real(0.1...1e9), optional: true, placeholder: "µs", "microseconds"),
        Parameter("gain", .real(-1000...1000), optional: true, placeholder: "dB", "as the camera counts it"),
        Parameter("trigger", .choice(["free", "software", "hardware"]), default: "free", "who asks for pictures"),
        Parameter("line", .text, default: "Line1", "the input of the hardware trigger"),
        Parameter("resend", .whole(0...1), default: 1, "1: ask for lost packets again"),
        Parameter("set", .text, optional: true, placeholder: "NAME:VALUE,…", "other controls, by their GenICam names"),
        Parameter("buffers", .whole(2...64), default: 12, "pictures that may be in use or wait at a time"),
        Parameter("raw", .whole(0...1), default: 0, "1: keep the camera's bytes beside the picture"),
      ],
      make: { url throws(CaptureError) in try GenICamCamera(url) },
      list: {
        guard case .success(let library) = CameraLibrary.shared else { return [] }
        return library.discover().filter { $0.scheme == scheme }.map {
          CameraKind.Found(url: "\(scheme):\($0.identity)", name: $0.name, serial: $0.identity)
        }
      })
  }

  /// What `probe` asks for; cameras have hundreds more, which can be set all the same.
  private static let listedControls = [
    "ExposureTime", "ExposureTimeAbs", "ExposureAuto", "Gain", "GainRaw", "GainAuto",
    "AcquisitionFrameRate", "AcquisitionFrameRateEnable", "Width", "Height", "OffsetX", "OffsetY",
    "BinningHorizontal", "BinningVertical", "BlackLevel", "Gamma", "TriggerMode", "TriggerSource",
    "TriggerSelector", "TriggerActivation", "PixelFormat", "TestPattern", "DeviceTemperature",
    "GevSCPSPacketSize", "GevSCPD",
  ]

  private enum Trigger: String { case free, software, hardware }

  let url: CameraURL
  let isTriggered: Bool
  private let trigger: Trigger
  private let connection: Guarded<CameraConnection<GenICamDevice, GenICamStream>>
  private let name: String
  private let serial: String
  // Of the one thread that takes pictures.
  /// Made when the first picture comes.
  private nonisolated(unsafe) var decoder: PictureDecoder?
  /// A software trigger whose picture is still to come.
  private nonisolated(unsafe) var isAwaited = false
  private nonisolated(unsafe) var ranDry = false

  /// A camera that runs free and is silent for so long is gone; three periods where that is longer.
  private static let patience = 0.8
  /// The same after a software trigger.
  private static let triggerPatience = 1.0
  private static let firstPatience = 3.0

  private init(_ url: CameraURL) throws(CaptureError) {
    self.url = url
    trigger = Trigger(rawValue: url.values.text("trigger")) ?? .free
    isTriggered = trigger == .software
    let device = try Self.open(url, tries: 2)
    name = device.name
    serial = device.serial
    connection = Guarded(
      CameraConnection(
        device, controls: try url.controlSettings(),
        sequence: SequenceCounter(lowest: 1, highest: 65535)))
  }

  private static func open(_ url: CameraURL, tries: Int) throws(CaptureError) -> GenICamDevice {
    switch CameraLibrary.shared {
    case .failure(let absent): throw .unavailable(url: url.text, why: absent.why)
    case .success(let library):
      return try GenICamDevice(url.target, library: library, url: url.text, tries: tries)
    }
  }

  var mayBeSilent: Bool { trigger == .hardware }

  var period: Double {
    connection.withLock { trigger == .hardware || $0.rate <= 0 ? 0 : 1 / $0.rate }
  }

  var description: CameraDescription {
    let device = connection.withLock { $0.device }
    let names = device?.formats ?? []
    let width = device?.control("Width"), height = device?.control("Height")
    let rate = device?.control("AcquisitionFrameRate")
    let size = width.flatMap { w in
      height.map { (Int(w.range.upperBound), Int($0.range.upperBound)) }
    }
    let formats = names.map { name in
      CameraDescription.Format(
        name: name, sizes: size.map { [$0] } ?? [],
        rates: rate.map { [$0.range.upperBound, $0.range.lowerBound] } ?? [])
    }
    let all = Self.listedControls + connection.withLock { $0.controls.map(\.name) }
    let controls = device.map { device in
      all.enumerated().filter { i, name in all.firstIndex(of: name) == i }.compactMap { _, name in
        device.control(name).map { $0.described(as: name) }
      }
    }
    return CameraDescription(
      name: name, serial: serial, formats: formats, controls: controls ?? [])
  }

  func set(_ control: String, to value: String) throws(CaptureError) {
    guard let device = connection.withLock({ $0.device }) else {
      throw .lost(url: url.text, why: "the camera is not there")
    }
    let control = Self.genICamName(of: control, on: device)
    try device.set(control, to: value)
    connection.withLock { $0.keep(control, value: value) }
  }

  func control(_ name: String) -> CameraControl? {
    guard let device = connection.withLock({ $0.device }) else { return nil }
    let name = Self.genICamName(of: name, on: device)
    return device.control(name)?.described(as: name)
  }

  /// What makers call the things that every camera has, newest name first.
  private static let synonyms = [
    "exposure": ["ExposureTime", "ExposureTimeAbs", "ExposureTimeRaw"], "gain": ["Gain", "GainRaw"],
    "fps": ["AcquisitionFrameRate", "AcquisitionFrameRateAbs"],
  ]

  /// What this camera calls what a person, or another camera, calls by that word.
  private static func genICamName(of word: String, on device: GenICamDevice) -> String {
    guard let names = synonyms[word] ?? synonyms.values.first(where: { $0.contains(word) }) else {
      return word
    }
    return ([word] + names).first { device.control($0) != nil } ?? names[0]
  }

  func start() throws(CaptureError) {
    connection.clear()
    let (known, controls) = connection.withLock { ($0.device, $0.controls) }
    let device: GenICamDevice
    if let known { device = known } else { device = try Self.open(url, tries: 1) }
    do throws(CaptureError) {
      try configure(device)
      for control in controls { try device.set(control.name, to: control.value) }
      let stream = try GenICamStream(
        device, buffers: url.values.whole("buffers"), resend: url.values.whole("resend") == 1)
      decoder = nil
      isAwaited = false
      ranDry = false
      let rate = device.control("AcquisitionFrameRate")?.value ?? 0
      connection.withLock { $0.begin(stream, from: device, rate: rate) }
    } catch {
      connection.withLock { $0.lose() }
      throw error
    }
  }

  private func configure(_ device: GenICamDevice) throws(CaptureError) {
    let values = url.values
    if values.has("format") {
      let word = values.text("format"), names = device.formats
      let known = PixelEncoding.named(word, among: PixelEncoding.ofGenICam)?.name
      guard let name = names.first(where: { $0 == word || $0 == known }) else {
        throw .cannotOpen(
          url: url.text,
          why: "the camera has no format '\(word)'; it has " + names.joined(separator: ", "))
      }
      try device.set("PixelFormat", to: name)
    }
    if let region = try region() {
      // From the corner first, so that every step stays inside the sensor.
      for (name, value) in [
        ("OffsetX", 0), ("OffsetY", 0), ("Width", region.width), ("Height", region.height),
        ("OffsetX", region.x), ("OffsetY", region.y),
      ] where value != 0 || device.control(name) != nil {
        try device.set(name, to: "\(value)")
      }
    }
    if values.has("fps") {
      if device.control("AcquisitionFrameRateEnable") != nil {
        try device.set("AcquisitionFrameRateEnable", to: "1")
      }
      try device.set("AcquisitionFrameRate", to: "\(values.real("fps"))")
    }
    if values.has("exposure") {
      if device.control("ExposureAuto") != nil { try device.set("ExposureAuto", to: "Off") }
      try device.set(
        Self.genICamName(of: "exposure", on: device), to: "\(values.real("exposure"))")
    }
    if values.has("gain") {
      try device.set(Self.genICamName(of: "gain", on: device), to: "\(values.real("gain"))")
    }
    if device.control("TriggerSelector") != nil, trigger != .free {
      try device.set("TriggerSelector", to: "FrameStart")
    }
    if device.control("TriggerMode") != nil {
      if trigger != .free {
        try device.set(
          "TriggerSource", to: trigger == .software ? "Software" : values.text("line"))
      }
      try device.set("TriggerMode", to: trigger == .free ? "Off" : "On")
    } else if trigger != .free {
      throw .cannotOpen(url: url.text, why: "the camera has no trigger")
    }
  }

  private func region() throws(CaptureError) -> PixelRect? {
    let values = url.values
    guard values.has("roi") else {
      guard values.has("size") else { return nil }
      let size = values.size("size")
      return PixelRect(x: 0, y: 0, width: size.width, height: size.height)
    }
    let parts = values.text("roi").split { $0 == "," || $0 == "x" }.compactMap { Int($0) }
    guard parts.count == 4, parts.allSatisfy({ $0 >= 0 }), parts[2] > 0, parts[3] > 0 else {
      throw .cannotOpen(url: url.text, why: "roi is X,Y,WxH")
    }
    return PixelRect(x: parts[0], y: parts[1], width: parts[2], height: parts[3])
  }

  func stop() { connection.stop() }

  var delivers: CameraDelivery? {
    decoder.map {
      CameraDelivery(format: $0.encoding.name, width: $0.width, height: $0.height)
    }
  }

  var resentPackets: Int { connection.withLock { $0.stream }?.resent ?? 0 }

  func next(until deadline: MonotonicTime) throws(CaptureError) -> Frame? {
    guard let (stream, device) = connection.withLock({ $0.running }) else {
      throw .lost(url: url.text, why: "it does not stream")
    }
    do throws(CaptureError) {
      if trigger == .software, !isAwaited {
        try device.trigger()
        isAwaited = true
        connection.withLock { $0.sawLife() }
      }
      guard let filled = stream.next(until: deadline) else {
        try watch(device)
        return nil
      }
      return frame(filled)
    } catch {
      device.abandon()
      connection.withLock { $0.lose() }
      guard case .lost = error else { throw .lost(url: url.text, why: "\(error)") }
      throw error
    }
  }

  /// Aravis tells only after five seconds that a camera is gone; a line cannot wait so long.
  private func watch(_ device: GenICamDevice) throws(CaptureError) {
    let (lastSign, hasPictures, rate) = connection.withLock {
      ($0.lastSign, $0.hasPictures, $0.rate)
    }
    let silence = MonotonicTime.now - lastSign
    switch trigger {
    case .free:
      let usual = hasPictures ? Self.patience : Self.firstPatience
      guard silence > max(usual, rate > 0 ? 3 / rate : 0) else { return }
    case .software:
      guard silence > Self.triggerPatience else { return }
    case .hardware:
      // No picture is no news here; the camera must answer all the same.
      guard silence > Self.patience else { return }
      if device.isThere {
        connection.withLock { $0.sawLife() }
        return
      }
    }
    throw .lost(url: url.text, why: "no sign of life for \(silence.rounded(to: 1)) s")
  }

  private func frame(_ filled: GenICamStream.Filled) -> Frame {
    let about = filled.about, now = MonotonicTime.now
    isAwaited = false
    let taken = Int(clamping: about.nanoseconds), period = isTriggered ? 0 : self.period
    let (sequence, dropped, gap, mapped) = connection.withLock { connection in
      connection.sawLife(at: now, picture: true)
      // Cameras with numbers of 64 bits do not begin anew at 65535.
      if about.number > 65535 { connection.sequence.widen() }
      let (sequence, dropped) = connection.sequence.take(about.number)
      let gap = connection.clock.gap(taken, sequence: sequence, period: period)
      return (sequence, dropped, gap, connection.clock.map(taken, arrived: now))
    }
    defer { ranDry = about.waiting == 0 }
    var status = Frame.Status.good
    var picture: RasterView?
    switch plugin_picture_status(UInt32(about.status)) {
    case PLUGIN_PICTURE_GOOD:
      switch decode(filled) {
      case .picture(let view): picture = view
      case .damaged(let why): status = why
      case .starved: status = .incomplete("no buffer is free for the converted picture")
      }
    case PLUGIN_PICTURE_INCOMPLETE:
      status = .incomplete("packets are missing")
    default:
      status = .corrupt("the transfer was damaged")
    }
    return Frame(
      status: status, picture: picture, bits: decoder?.encoding.bits,
      raw: url.values.whole("raw") == 1 ? filled.raw : nil, sequence: sequence,
      droppedBefore: dropped, starvedBefore: ranDry ? dropped : 0, gapBefore: gap,
      captured: mapped.time, uncertainty: mapped.within, arrived: now,
      deviceTime: Frame.DeviceTime(nanoseconds: taken, clock: .camera))
  }

  private func decode(_ filled: GenICamStream.Filled) -> PictureDecoder.Outcome {
    let about = filled.about
    let width = Int(about.width), height = Int(about.height)
    guard let encoding = PixelEncoding.ofGenICam.first(where: { $0.genICam == about.encoding }),
      width > 0, height > 0
    else {
      let code = String(about.encoding, radix: 16)
      return .damaged(.corrupt("pixels of the format 0x\(code) cannot be read here"))
    }
    if decoder == nil || decoder?.encoding.name != encoding.name || decoder?.width != width
      || decoder?.height != height
    {
      decoder = PictureDecoder(
        encoding, width: width, height: height, rowBytes: nil,
        buffers: url.values.whole("buffers"))
    }
    return decoder?.decode(filled.raw) ?? .starved
  }
}

extension GenICamDevice.Control {
  /// The units of the standard names, for cameras that do not tell them.
  private static let units = [
    "ExposureTime": "µs", "ExposureTimeAbs": "µs", "AcquisitionFrameRate": "1/s",
    "AcquisitionFrameRateAbs": "1/s", "Gain": "dB", "Width": "px", "Height": "px", "OffsetX": "px",
    "OffsetY": "px", "GevSCPSPacketSize": "B",
  ]

  func described(as name: String) -> CameraControl {
    let parameter =
      switch kind {
      case "w", "b":
        Parameter(
          name, .whole(Int(max(-9e15, range.lowerBound))...Int(min(9e15, range.upperBound))), "")
      case "r": Parameter(name, .real(range), "")
      default: Parameter(name, .text, kind == "c" ? "a command" : "")
      }
    return CameraControl(
      parameter: parameter, unit: unit.isEmpty ? Self.units[name] ?? "" : unit, value: value,
      text: kind == "e" || kind == "s" ? text : nil)
  }
}
