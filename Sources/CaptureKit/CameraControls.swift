import Configuration

/// What a camera is and what it can do.
public struct CameraDescription: Sendable {
  /// A way of delivering pictures.
  public struct Format: Sendable {
    /// As V4L2 and GenICam call it: GREY, Mono8.
    public let name: String
    /// Empty where any size may come.
    public let sizes: [(width: Int, height: Int)]
    /// Pictures a second; empty where they come when they are asked for.
    public let rates: [Double]
  }

  public let name: String
  public let serial: String?
  public let formats: [Format]
  public let controls: [CameraControl]
  /// Whether other devices may read its buffers (DMABUF); nil where nobody knows.
  public let sharesBuffers: Bool?

  init(
    name: String, serial: String?, formats: [Format], controls: [CameraControl],
    sharesBuffers: Bool? = nil
  ) {
    self.name = name
    self.serial = serial
    self.formats = formats
    self.controls = controls
    self.sharesBuffers = sharesBuffers
  }
}

/// Something of a camera that can be set while it runs.
public struct CameraControl: Sendable {
  /// Its name, its range and what it does.
  public let parameter: Parameter
  /// The unit of the number: "1/s", "µs", "dB"; empty for a bare one.
  public let unit: String
  public let value: Double
  /// The value of one that is no number.
  public let text: String?

  init(parameter: Parameter, unit: String, value: Double, text: String? = nil) {
    self.parameter = parameter
    self.unit = unit
    self.value = value
    self.text = text
  }

  /// Whether a person who writes that means this one: capitals and what stands between words are free.
  public func isCalled(_ name: String) -> Bool {
    func plain(_ word: String) -> String {
      word.lowercased().filter { $0.isLetter || $0.isNumber }
    }
    return plain(parameter.name) == plain(name)
  }
}

/// A table of the controls that a camera keeps in its `State`.
struct ControlTable<State>: Sendable {
  struct Row: Sendable {
    let parameter: Parameter
    let unit: String
    let place: WritableKeyPath<State, Double> & Sendable
  }

  let rows: [Row]

  func describe(_ state: State) -> [CameraControl] {
    rows.map {
      CameraControl(parameter: $0.parameter, unit: $0.unit, value: state[keyPath: $0.place])
    }
  }

  /// Sets one control by the text that a person wrote.
  func set(
    _ name: String, to text: String, in state: inout State, url: CameraURL
  ) throws(CaptureError) {
    guard let row = rows.first(where: { $0.parameter.name == name }) else {
      throw .refused(
        url: url.text, why: unknownName("control", name, among: rows.map(\.parameter.name)))
    }
    do throws(ParameterError) {
      let value = try row.parameter.parse(text)
      let all = try ParameterValues([name: value], of: [row.parameter])
      state[keyPath: row.place] = all.real(name)
    } catch {
      throw .refused(url: url.text, why: "\(name): \(error.message)")
    }
  }
}
