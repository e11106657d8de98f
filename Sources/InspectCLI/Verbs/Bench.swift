import Configuration
import Threading
import VisionCore
import VisionImage

let benchVerb = Verb(
  "bench", "how fast the operators are here, and against OpenCV",
  options: [
    Parameter("ops", .text, default: "all", placeholder: "a,b,…", "names of cases or operators"),
    Parameter("size", .size(16...32768), default: .size(width: 2448, height: 2048), "of the picture"),
    Parameter("input", .path, optional: true, short: "i", "a picture instead of a rendered one"),
    Parameter("threads", .whole(1...256), optional: true, "how many both may use"),
    Parameter("compare", .choice(["opencv"]), optional: true, "time OpenCV in turns with ours"),
    Parameter("rounds", .whole(3...10000), default: 25, "timed rounds of each"),
    Parameter("json", .flag, "an object a case"),
  ],
  example: "inspect bench --ops threshold,box,gaussian,erode --compare opencv --threads 1",
  details: """
    Ours and OpenCV run in turns in one process, so that both meet the same disturbances; times are
    medians, ratio is OpenCV's time by ours. GB/s counts one read and one write of the picture; the
    copy line is what this machine's memory gives for a plain copy of it.
    """,
  run: { call in
    try Benchmark(call.values).run()
    return .done
  })

private struct Benchmark {
  struct Case {
    let name: String
    let type: any Operator.Type
    let settings: String
  }

  struct Result {
    let name: String
    let native: Times
    let openCV: Times?
    let bytes: Int
    let pixels: Int
  }

  /// Seconds of every round.
  struct Times {
    var seconds: [Double] = []
    mutating func add(_ value: Double) { seconds.append(value) }
    func percentile(_ share: Double) -> Double {
      let sorted = seconds.sorted()
      return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
    var median: Double { percentile(0.5) }
  }

  let cases: [Case]
  let picture: Raster
  let other: Raster
  /// The picture as white on black.
  let binary: Raster
  /// Some hundred labelled spots.
  let markers: Raster
  let rounds: Int
  let threads: Int
  let compares: Bool
  let json: Bool

  init(_ values: ParameterValues) throws {
    let size = values.size("size")
    picture =
      values.has("input")
      ? try readImage(values.text("input")) : Self.texture(size.width, size.height)
    other = Self.turned(picture)
    binary = try Self.binary(picture)
    markers = Self.markers(picture.layout)
    rounds = values.whole("rounds")
    threads = values.has("threads") ? values.whole("threads") : try EngineOptions.threads()
    compares = values.has("compare")
    json = values.flag("json")
    cases = try Self.cases(values.text("ops"), format: picture.format)
    if compares, OpenCVLibrary.shared == nil {
      throw CommandError(
        .failed, "cannot compare with OpenCV", why: OpenCVLibrary.loadError,
        advice: "'inspect doctor' tells what is there")
    }
  }

  private static func cases(_ names: String, format: PixelFormat) throws -> [Case] {
    let all = OperatorRegistry.all.filter { $0.descriptor.formats.contains(format) }.flatMap {
      type in type.descriptor.benchmarkCases.map { Case(name: $0.name, type: type, settings: $0.settings) }
    }
    if names == "all" { return all }
    return try names.split(separator: ",").flatMap { word -> [Case] in
      let found = all.filter { $0.name == word || $0.type.descriptor.name == word }
      guard !found.isEmpty else {
        let known = all.map(\.name) + OperatorRegistry.names
        throw CommandError(
          .usage, unknownName("case", String(word), among: known),
          advice: "'inspect bench' without --ops times all")
      }
      return found
    }
  }

  func run() throws {
    let copy = copyLimit()
    if !json {
      Output.line(
        "\(picture.layout), \(threads) thread\(threads == 1 ? "" : "s"), "
          + "\(try EngineOptions.instructionSet().rawValue), medians of \(rounds); "
          + "a copy: \(Self.text(copy * 1000, 3)) ms")
      Output.line(
        "case".padded(to: 22) + "ms".padded(to: 10) + "p99".padded(to: 10) + "Mpx/s".padded(to: 10)
          + "GB/s".padded(to: 8) + (compares ? "opencv ms".padded(to: 11) + "ratio" : ""))
    }
    var ratios: [Double] = []
    for item in cases {
      let result = try time(item)
      if let openCV = result.openCV { ratios.append(openCV.median / result.native.median) }
      if json { Output.report(object(result, copy), json: true) } else { Output.line(line(result)) }
    }
    if !json && ratios.count > 1 {
      let mean = ratios.reduce(1) { $0 * $1 }.root(of: ratios.count)
      Output.line("geometric mean of the ratios: \(Self.text(mean, 2))")
    }
  }

  private func time(_ item: Case) throws -> Result {
    func opened<Op: Operator>(_ type: Op.Type) throws -> Result {
      try time(item.name, Op(Op.descriptor.values(item.settings)))
    }
    return try opened(item.type)
  }

  private func time<Op: Operator>(_ name: String, _ op: Op) throws -> Result {
    let machine = Machine(try EngineOptions.instructionSet(), threads: threads)
    let native = OperatorRunner(.native, machine: machine, mayUseOpenCV: false)
    let openCV = compares && Op.descriptor.hasOpenCV ? OperatorRunner(.opencv, machine: machine) : nil
    if compares { OpenCVLibrary.shared?.setThreads(threads) }
    let inputs: OperatorInputs =
      switch Op.descriptor.content {
      case .any: OperatorInputs(picture.view, Op.descriptor.inputs == 2 ? other.view : nil)
      case .binary: OperatorInputs(binary.view)
      case .markers: OperatorInputs(picture.view, markers.view)
      }
    var outputs: (native: Raster?, openCV: Raster?) = (nil, nil)
    var times = (native: Times(), openCV: Times())
    for round in -3..<rounds {
      var start = MonotonicTime.now
      try native.run(op, on: inputs, into: &outputs.native)
      if round >= 0 { times.native.add(MonotonicTime.now - start) }
      guard let openCV else { continue }
      start = MonotonicTime.now
      try openCV.run(op, on: inputs, into: &outputs.openCV)
      if round >= 0 { times.openCV.add(MonotonicTime.now - start) }
    }
    let size = picture.width * picture.height
    return Result(
      name: name, native: times.native, openCV: openCV == nil ? nil : times.openCV,
      bytes: size * picture.format.pixelBytes * (1 + Op.descriptor.inputs), pixels: size)
  }

  /// Seconds to copy the picture: what no operator that reads and writes all of it can beat.
  private func copyLimit() -> Double {
    var times = Times()
    var target = picture
    for round in -3..<rounds {
      let start = MonotonicTime.now
      target.withMutableView { $0.copyPixels(from: picture.view) }
      if round >= 0 { times.add(MonotonicTime.now - start) }
    }
    return times.median
  }

  private func object(_ result: Result, _ copy: Double) -> JSONObject {
    var object: JSONObject = [
      "op": .string(result.name), "size": .string("\(picture.width)x\(picture.height)"),
      "format": .string(picture.format.rawValue), "threads": .integer(threads),
      "native_ms": .rounded(result.native.median * 1000, 5),
      "native_p99_ms": .rounded(result.native.percentile(0.99) * 1000, 5),
      "mpx_per_s": .rounded(Double(result.pixels) / result.native.median / 1e6, 1),
      "gb_per_s": .rounded(Double(result.bytes) / result.native.median / 1e9, 2),
      "copy_ms": .rounded(copy * 1000, 5),
    ]
    if let openCV = result.openCV {
      object["opencv_ms"] = .rounded(openCV.median * 1000, 5)
      object["ratio"] = .rounded(openCV.median / result.native.median, 3)
    }
    return object
  }

  private func line(_ result: Result) -> String {
    let native = result.native.median
    var line = result.name.padded(to: 22) + Self.text(native * 1000, 3).padded(to: 10)
    line += Self.text(result.native.percentile(0.99) * 1000, 3).padded(to: 10)
    line += Self.text(Double(result.pixels) / native / 1e6, 0).padded(to: 10)
    line += Self.text(Double(result.bytes) / native / 1e9, 1).padded(to: 8)
    if let openCV = result.openCV {
      line += Self.text(openCV.median * 1000, 3).padded(to: 11)
      line += Self.text(openCV.median / native, 2)
    }
    return line
  }

  /// A number with that many decimals.
  private static func text(_ value: Double, _ digits: Int) -> String {
    JSON.rounded(value, digits).text
  }

  /// A picture with large and small structure, the same on every machine.
  private static func texture(_ width: Int, _ height: Int) -> Raster {
    var random = SeededRandom(seed: 2448)
    let image = Image<UInt8>(width: width, height: height) { x, y in
      let wave = (x / 37 % 2 == y / 53 % 2 ? 60 : 150) + (x + y) * 40 / (width + height)
      return UInt8(wave + Int(random.next() % 24))
    }
    return image.raster
  }

  /// White where the picture is above its own best threshold.
  private static func binary(_ picture: Raster) throws -> Raster {
    let runner = OperatorRunner(.native, mayUseOpenCV: false)
    return try runner.apply(Otsu(maximum: 255, kind: .binary), to: picture.view).image ?? picture
  }

  private static func markers(_ layout: RasterLayout) -> Raster {
    func spots<P: GreyPixel>(_ type: P.Type) -> Raster {
      Image<P>(width: layout.width, height: layout.height) { x, y in
        x % 150 == 75 && y % 150 == 75
          ? P(saturating: Double((x / 150 + y / 150 * 16) % 250 + 1)) : .zero
      }.raster
    }
    return layout.format == .u16 ? spots(UInt16.self) : spots(UInt8.self)
  }

  /// The picture turned by 180 degrees.
  private static func turned(_ raster: Raster) -> Raster {
    var result = raster
    let bytes = raster.format.pixelBytes
    result.withMutableView { out in
      raster.view.withBytes { pixels in
        for y in 0..<out.height {
          let source = pixels + (out.height - 1 - y) * raster.layout.rowBytes
          for x in 0..<out.width {
            (out.row(y) + x * bytes).copyMemory(
              from: source + (out.width - 1 - x) * bytes, byteCount: bytes)
          }
        }
      }
    }
    return result
  }
}

extension Double {
  /// The n-th root of a positive number, by bisection: no mathematical library is worth one call.
  fileprivate func root(of n: Int) -> Double {
    var low = 0.0, high = max(1, self)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if (0..<n).reduce(1.0, { power, _ in power * middle }) < self { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
