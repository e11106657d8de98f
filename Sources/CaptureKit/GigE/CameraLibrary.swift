import CPluginABI
import VisionCore

/// The library of GenICam cameras, opened on first use: a computer without such cameras need not
/// have it.
struct CameraLibrary: @unchecked Sendable {
  // A constant table of functions that may be called from any thread.
  let functions: plugin_cameras

  static let fileName = "libAravisCamera.so"

  /// The library, or why there is none.
  static let shared: Result<CameraLibrary, Absent> = load()

  struct Absent: Error {
    let why: String
  }

  private static func load() -> Result<CameraLibrary, Absent> {
    let (symbol, why) = PluginLibrary.symbol(PLUGIN_CAMERAS_SYMBOL, of: fileName)
    guard let symbol else {
      return .failure(Absent(why: "GenICam cameras need Aravis: \(why ?? "it is not there")"))
    }
    let entry = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<plugin_cameras>).self)
    let table = entry().pointee
    guard table.abi_version == PLUGIN_CAMERA_ABI_VERSION else {
      return .failure(Absent(why: "\(fileName) is of another version of this program"))
    }
    return .success(CameraLibrary(functions: table))
  }

  /// Calls with room for words; they are empty where all went well.
  func words<R>(_ body: (plugin_words) -> R) -> (R, String) {
    var buffer = [CChar](repeating: 0, count: 512)
    let result = buffer.withUnsafeMutableBufferPointer { buffer in
      body(plugin_words(text: buffer.baseAddress, size: buffer.count))
    }
    let words = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return (result, words)
  }

  /// Every camera that is there: scheme, name, what it is opened by.
  func discover() -> [(scheme: String, name: String, identity: String)] {
    var all: [(scheme: String, name: String, identity: String)] = []
    withUnsafeMutablePointer(to: &all) { all in
      functions.discover(all) { context, scheme, name, identity in
        guard let context, let scheme, let name, let identity else { return }
        context.assumingMemoryBound(to: [(scheme: String, name: String, identity: String)].self)
          .pointee.append(
            (String(cString: scheme), String(cString: name), String(cString: identity)))
      }
    }
    return all
  }
}

/// An open camera of the library.
final class GenICamDevice: @unchecked Sendable {
  // Aravis guards the camera's registers with a lock of its own.
  let camera: OpaquePointer
  let library: CameraLibrary
  private let url: String

  /// Cameras are found by asking everybody on the network, and an answer may be lost: one that is not
  /// found is sought `tries` times.
  init(
    _ identity: String, library: CameraLibrary, url: String, tries: Int
  ) throws(CaptureError) {
    var camera: OpaquePointer?
    var outcome = PLUGIN_GONE.rawValue, words = ""
    for _ in 0..<tries where outcome == PLUGIN_GONE.rawValue {
      let answer = library.words { library.functions.open(identity, &camera, $0) }
      (outcome, words) = (UInt32(answer.0), answer.1)
    }
    guard outcome == PLUGIN_DONE.rawValue, let camera else {
      throw .unavailable(url: url, why: words)
    }
    self.camera = camera
    self.library = library
    self.url = url
  }

  deinit { library.functions.close(camera) }

  var name: String { words(library.functions.name(camera)) }
  var serial: String { words(library.functions.serial(camera)) }
  private func words(_ text: UnsafePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "" }
  /// It is gone: nothing is asked of it any more, for each question would wait for seconds.
  func abandon() { library.functions.abandon(camera) }
  var isThere: Bool { library.functions.is_there(camera) != 0 }

  var formats: [String] {
    var all: [String] = []
    withUnsafeMutablePointer(to: &all) { all in
      library.functions.formats(camera, all) { context, name in
        guard let context, let name else { return }
        context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
      }
    }
    return all
  }

  struct Control {
    var kind: Character = " "
    var value = 0.0
    var range = 0.0...0.0
    var text = ""
    var unit = ""
  }

  /// Nil where the camera has none of that name.
  func control(_ name: String) -> Control? {
    var control = Control()
    let outcome = withUnsafeMutablePointer(to: &control) { control in
      library.functions.control(camera, name, control) { context, told in
        guard let context, let told = told?.pointee else { return }
        let low = told.minimum, high = max(told.minimum, told.maximum)
        context.assumingMemoryBound(to: Control.self).pointee = Control(
          kind: Character(UnicodeScalar(UInt8(bitPattern: told.kind))), value: told.value,
          range: low...high, text: String(cString: told.text), unit: String(cString: told.unit))
      }
    }
    return outcome == PLUGIN_DONE.rawValue ? control : nil
  }

  func set(_ name: String, to value: String) throws(CaptureError) {
    let (outcome, words) = library.words { library.functions.set(camera, name, value, $0) }
    try check(outcome, "\(name)=\(value): \(words)")
  }

  func trigger() throws(CaptureError) {
    let (outcome, words) = library.words { library.functions.trigger(camera, $0) }
    try check(outcome, "trigger: \(words)")
  }

  func check(_ outcome: Int32, _ words: String) throws(CaptureError) {
    switch plugin_outcome(UInt32(outcome)) {
    case PLUGIN_DONE: return
    case PLUGIN_GONE: throw .lost(url: url, why: words)
    case PLUGIN_TAKEN: throw .unavailable(url: url, why: words)
    default: throw .refused(url: url, why: words)
    }
  }
}
