import CPluginABI
import Synchronization
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The second source: OpenCV in dynamic libraries of their own, opened when they are first asked for.
public final class OpenCVLibrary: Sendable {
  /// The operators, beside the executable; nil where it is missing or does not fit, see `loadError`.
  public static var shared: OpenCVLibrary? { operators.library }
  /// Why there is no second source, in one line.
  public static var loadError: String? { operators.error }
  /// Calibration and the curves of measuring; in a library of its own, for it needs much more of
  /// OpenCV. Nil where that is missing, see `calibrationLoadError`.
  public static var calibration: OpenCVLibrary? { calibrating.library }
  public static var calibrationLoadError: String? { calibrating.error }

  private typealias Opened = (library: OpenCVLibrary?, error: String?)
  private static let operators: Opened = load("libOpenCVEngine.so")
  private static let calibrating: Opened = load("libOpenCVCalibration.so")

  /// The version of OpenCV, "4.6.0".
  public let version: String
  private let has: @Sendable (String) -> Bool
  private let call: @Sendable (String, inout plugin_call) -> String?
  private let limitThreads: @Sendable (Int32) -> Void

  private init(_ engine: plugin_engine) {
    version = String(cString: engine.library_version)
    // The table lives as long as the library, and that is never closed.
    nonisolated(unsafe) let engine = engine
    has = { engine.has($0) != 0 }
    limitThreads = { engine.set_threads($0) }
    call = { name, call in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
        text.initialize(repeating: 0)
        if engine.run(name, &call, text.baseAddress, text.count) == 0 { return nil }
        return String(cString: text.baseAddress!)
      }
    }
  }

  /// The threads that OpenCV may use, 1 for a fair comparison.
  public func setThreads(_ count: Int) { limitThreads(Int32(count)) }

  public func has(_ name: String) -> Bool { has(name) as Bool }

  func run(
    _ op: some Operator, _ inputs: OperatorInputs, into output: MutableRasterView?
  ) throws(OperatorError) -> [Double] {
    let name = type(of: op).descriptor.name
    guard has(name) else {
      throw .engineUnavailable(
        engine: .opencv, name: name, why: "OpenCV \(version) has nothing of the kind")
    }
    var views = [inputs.first] + (inputs.second.map { [$0] } ?? [])
    if let region = inputs.region, let counting = type(of: op) as? any RegionCounting.Type {
      guard counting.hasMaskInOpenCV else {
        throw .engineUnavailable(
          engine: .opencv, name: name, why: "OpenCV \(version) measures no region there")
      }
      views.append(region.mask(width: inputs.first.width, height: inputs.first.height).raster.view)
    }
    return try call(name, views, into: output, parameters: op.openCVParameters)
  }

  /// A function of the plug-in by its name; answers the numbers that it told.
  func call(
    _ name: String, _ inputs: [RasterView], into output: MutableRasterView?, parameters: [Double]
  ) throws(OperatorError) -> [Double] {
    var numbers = [Double](repeating: 0, count: 1024)
    var error: String?
    var count = 0
    Self.withRasters(inputs[...]) { rasters in
      var target = output.map { plugin_raster($0.base, $0.layout) } ?? plugin_raster()
      rasters.withUnsafeBufferPointer { rasters in
        parameters.withUnsafeBufferPointer { parameters in
          numbers.withUnsafeMutableBufferPointer { numbers in
            withUnsafePointer(to: &target) { target in
              var request = plugin_call(
                inputs: rasters.baseAddress, input_count: Int32(rasters.count),
                output: output == nil ? nil : target, parameters: parameters.baseAddress,
                parameter_count: Int32(parameters.count), numbers: numbers.baseAddress,
                number_capacity: Int32(numbers.count), number_count: 0)
              error = call(name, &request)
              count = Int(request.number_count)
            }
          }
        }
      }
    }
    if let error { throw .engineFailed(engine: .opencv, name: name, why: error) }
    return Array(numbers.prefix(count))
  }

  /// The pictures as the plug-in sees them, alive while `body` runs.
  private static func withRasters(
    _ views: ArraySlice<RasterView>, _ rasters: [plugin_raster] = [],
    _ body: ([plugin_raster]) -> Void
  ) {
    guard let view = views.first else { return body(rasters) }
    view.withBytes { bytes in
      withRasters(views.dropFirst(), rasters + [plugin_raster(bytes, view.layout)], body)
    }
  }

  /// The numbers that a function answers, no more than `room`; or why it failed, in one line.
  func numbers(
    _ name: String, _ parameters: [Double], picture: RasterView?, room: Int
  ) -> (numbers: [Double], error: String?) {
    var numbers = [Double](repeating: 0, count: room)
    var error: String?
    var count = 0
    func ask(_ input: UnsafePointer<plugin_raster>?) {
      parameters.withUnsafeBufferPointer { parameters in
        numbers.withUnsafeMutableBufferPointer { numbers in
          var request = plugin_call(
            inputs: input, input_count: input == nil ? 0 : 1, output: nil,
            parameters: parameters.baseAddress, parameter_count: Int32(parameters.count),
            numbers: numbers.baseAddress, number_capacity: Int32(numbers.count), number_count: 0)
          error = call(name, &request)
          count = Int(request.number_count)
        }
      }
    }
    if let picture {
      picture.withBytes { pixels in
        withUnsafePointer(to: plugin_raster(pixels, picture.layout)) { ask($0) }
      }
    } else {
      ask(nil)
    }
    return (Array(numbers.prefix(count)), error)
  }

  // MARK: Opening

  private static func load(_ fileName: String) -> Opened {
    let path = PluginLibrary.folder + "/" + fileName
    let (found, why) = PluginLibrary.symbol(PLUGIN_ENGINE_SYMBOL, of: fileName)
    guard let symbol = found else { return (nil, why) }
    let entry = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<plugin_engine>).self)
    let engine = entry().pointee
    guard engine.abi_version == PLUGIN_ABI_VERSION else {
      return (nil, "\(path) is of interface \(engine.abi_version), not \(PLUGIN_ABI_VERSION)")
    }
    return (OpenCVLibrary(engine), nil)
  }
}

extension plugin_raster {
  fileprivate init(_ pixels: UnsafeRawPointer, _ layout: RasterLayout) {
    let formats: [PixelFormat: plugin_format] = [
      .u8: PLUGIN_U8, .u16: PLUGIN_U16, .s16: PLUGIN_S16, .s32: PLUGIN_S32, .f32: PLUGIN_F32,
      .f64: PLUGIN_F64, .rgb8: PLUGIN_RGB8, .rgb16: PLUGIN_RGB16,
    ]
    self.init(
      pixels: UnsafeMutableRawPointer(mutating: pixels), row_bytes: Int64(layout.rowBytes),
      width: Int32(layout.width), height: Int32(layout.height),
      format: Int32(formats[layout.format]!.rawValue))
  }
}
