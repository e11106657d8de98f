import Configuration
import Threading
import VisionCore
import VisionImage

/// Times the cases one after the other.
struct Benchmark {
  struct Case {
    let name: String
    let type: any Operator.Type
    let settings: String
  }

  struct Result {
    let name: String
    var native: Times
    var openCV: Times?
    let bytes: Int
    let pixels: Int

    /// OpenCV's time by ours: the median of what each round gave.
    var ratio: Double? {
      guard let openCV else { return nil }
      let ratios = zip(openCV.seconds, native.seconds).map { $0 / $1 }.sorted()
      return ratios[ratios.count / 2]
    }

    /// The same of the fastest rounds: what the machine gives when it is left alone. The gate compares
    /// these, since a neighbour on the same processor costs kernels more than slower code.
    var fastestRatio: Double? { openCV.map { $0.least / native.least } }
    /// The fastest rounds' ratio of every pass that was joined.
    private(set) var passes: [Double] = []

    /// How far the worst pass lies below the best: what no gate may ask about.
    var spread: Double { 1 - (passes.min() ?? 1) / (passes.max() ?? 1) }

    init(name: String, native: Times, openCV: Times?, bytes: Int, pixels: Int) {
      self.name = name
      self.native = native
      self.openCV = openCV
      self.bytes = bytes
      self.pixels = pixels
      passes = fastestRatio.map { [$0] } ?? []
    }

    mutating func join(_ other: Result) {
      passes += other.passes
      native.add(other.native)
      if let times = other.openCV { openCV?.add(times) }
    }
  }

  /// Seconds of every round.
  struct Times {
    private(set) var seconds: [Double] = []
    mutating func add(_ value: Double) { seconds.append(value) }
    mutating func add(_ other: Times) { seconds += other.seconds }
    func percentile(_ share: Double) -> Double {
      let sorted = seconds.sorted()
      return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
    var median: Double { percentile(0.5) }
    var least: Double { percentile(0) }
  }

  let cases: [Case]
  let pictures: BenchmarkPictures
  let rounds: Int
  let threads: Int
  let compares: Bool
  let json: Bool
  private let gate: BenchmarkGate?
  private let savePath: String?
  /// All cases, not some that were named.
  private let isWhole: Bool

  init(_ values: ParameterValues) throws {
    let size = values.size("size")
    pictures =
      values.has("input")
      ? try BenchmarkPictures(readImage(values.text("input")))
      : try BenchmarkPictures(renderedWidth: size.width, height: size.height)
    rounds = values.whole("rounds")
    threads = values.has("threads") ? values.whole("threads") : try EngineOptions.threads()
    gate =
      values.has("gate")
      ? try BenchmarkGate(values.text("gate"), maximumRegression: values.text("max-regression")) : nil
    savePath = values.has("save") ? values.text("save") : nil
    isWhole = values.text("ops") == "all"
    compares = values.has("compare") || gate != nil
    json = values.flag("json")
    cases = try Self.cases(values.text("ops"), for: pictures.picture.layout)
    if compares, OpenCVLibrary.shared == nil {
      throw CommandError(
        .failed, "cannot compare with OpenCV", why: OpenCVLibrary.loadError,
        advice: "'inspect doctor' tells what is there")
    }
  }

  /// A case is not timed for longer, but three times at least.
  private static let mostSeconds = 6.0

  private static func cases(_ names: String, for picture: RasterLayout) throws -> [Case] {
    let format = picture.format
    let colour: PixelFormat = format == .u16 ? .rgb16 : .rgb8
    let all = OperatorRegistry.all.filter {
      $0.descriptor.formats.contains(format)
        || $0.descriptor.formats.allSatisfy(\.isColour) && $0.descriptor.formats.contains(colour)
    }.flatMap { type in
      type.descriptor.benchmarkCases.map {
        Case(name: $0.name, type: type, settings: $0.settings(picture.width, picture.height))
      }
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

  /// Times and prints every case; answers whether all keep to what the gate was saved with.
  func run() throws -> Bool {
    let copy = copyLimit()
    if !json { printHead(copy) }
    var results: [Result] = []
    for item in cases {
      let result = try time(item)
      results.append(result)
      if json {
        Output.report(object(result, copy), json: true)
      } else {
        Output.line(line(result, copy))
      }
    }
    let ratios = results.compactMap(\.ratio)
    if !json && ratios.count > 1 {
      let mean = ratios.reduce(1) { $0 * $1 }.root(of: ratios.count)
      Output.line("geometric mean of the ratios: \(Self.text(mean, 2))")
    }
    if let savePath {
      for _ in 1..<Self.savedPasses {
        for (i, item) in cases.enumerated() { results[i].join(try time(item)) }
      }
      let lines = results.map { result in
        var line = object(result, copy)
        if let ratio = result.ratio, let fastest = result.fastestRatio {
          line["ratio"] = .rounded(fastest, 3)
          line["median_ratio"] = .rounded(ratio, 3)
          line["spread"] = .rounded(result.spread, 3)
        }
        return line
      }
      try BenchmarkGate.save(lines, to: savePath)
    }
    guard let gate else { return true }
    let slower = try slower(than: gate, &results)
    for text in slower { Output.note("inspect: slower than before: \(text)") }
    return slower.isEmpty
  }

  /// Passes over all cases before they are saved.
  private static let savedPasses = 3
  /// Seconds until what looks slower is looked at again: a busy neighbour may stay for a while.
  private static let pauses = [1.0, 2, 4, 8, 15, 30, 30]

  /// What looks slower is looked at again, some time later, before anything is said: machines are noisy.
  private func slower(than gate: BenchmarkGate, _ results: inout [Result]) throws -> [String] {
    func isSlower(_ result: Result) -> Bool {
      guard let ratio = result.fastestRatio, let least = gate.leastRatio(result.name) else { return false }
      return ratio < least
    }
    for pause in Self.pauses where results.contains(where: isSlower) {
      (MonotonicTime.now + pause).sleep()
      for (i, item) in cases.enumerated() where isSlower(results[i]) { results[i].join(try time(item)) }
    }
    let slower = results.filter(isSlower).map {
      "\($0.name): ratio \(Self.text($0.fastestRatio ?? 0, 3)), was \(Self.text(gate.saved($0.name) ?? 0, 3))"
    }
    let missing = gate.names.filter { name in !cases.contains { $0.name == name } && isWhole }
    return slower + missing.map { "\($0): not there any more" }
  }

  private func printHead(_ copy: Double) {
    let set = (try? EngineOptions.instructionSet().rawValue) ?? ""
    Output.line(
      "\(pictures.picture.layout), \(threads) thread\(threads == 1 ? "" : "s"), \(set), "
        + "medians of \(rounds); a copy: \(Self.text(copy * 1000, 3)) ms")
    Output.line(
      "case".padded(to: 22) + "ms".padded(to: 10) + "p99".padded(to: 10) + "Mpx/s".padded(to: 10)
        + "GB/s".padded(to: 8) + "of copy".padded(to: 9)
        + (compares ? "opencv ms".padded(to: 11) + "ratio" : ""))
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
    let inputs = pictures.inputs(Op.descriptor)
    var outputs: (native: Raster?, openCV: Raster?) = (nil, nil)
    var times = (native: Times(), openCV: Times())
    let begin = MonotonicTime.now
    for round in -3..<rounds {
      // What takes seconds is not noisy enough to be worth minutes.
      let isLong = MonotonicTime.now - begin > Self.mostSeconds
      if isLong, round < 0 { continue }
      if isLong, round >= 3 { break }
      var start = MonotonicTime.now
      try native.run(op, on: inputs, into: &outputs.native)
      if round >= 0 { times.native.add(MonotonicTime.now - start) }
      guard let openCV else { continue }
      start = MonotonicTime.now
      try openCV.run(op, on: inputs, into: &outputs.openCV)
      if round >= 0 { times.openCV.add(MonotonicTime.now - start) }
    }
    let layouts = inputs.layouts + [outputs.native?.layout].compactMap { $0 }
    return Result(
      name: name, native: times.native, openCV: openCV == nil ? nil : times.openCV,
      bytes: layouts.reduce(0) { $0 + $1.width * $1.height * $1.format.pixelBytes },
      pixels: pictures.picture.width * pictures.picture.height)
  }

  /// Seconds to copy the picture: what no operator that reads and writes all of it can beat.
  private func copyLimit() -> Double {
    var times = Times()
    var target = pictures.picture
    for round in -3..<rounds {
      let start = MonotonicTime.now
      target.withMutableView { $0.copyPixels(from: pictures.picture.view) }
      if round >= 0 { times.add(MonotonicTime.now - start) }
    }
    return times.median
  }

  /// Its bytes a second by those of a plain copy: what is left to gain.
  private func share(_ result: Result, _ copy: Double) -> Double {
    let copied = 2 * Double(result.pixels * pictures.picture.format.pixelBytes)
    return Double(result.bytes) / result.native.median / (copied / copy)
  }

  private func object(_ result: Result, _ copy: Double) -> JSONObject {
    var object: JSONObject = [
      "op": .string(result.name), "size": .string("\(pictures.picture.width)x\(pictures.picture.height)"),
      "format": .string(pictures.picture.format.rawValue), "threads": .integer(threads),
      "native_ms": .rounded(result.native.median * 1000, 5),
      "native_p99_ms": .rounded(result.native.percentile(0.99) * 1000, 5),
      "mpx_per_s": .rounded(Double(result.pixels) / result.native.median / 1e6, 1),
      "gb_per_s": .rounded(Double(result.bytes) / result.native.median / 1e9, 2),
      "copy_ms": .rounded(copy * 1000, 5), "of_copy": .rounded(share(result, copy), 3),
    ]
    if let openCV = result.openCV, let ratio = result.ratio {
      object["opencv_ms"] = .rounded(openCV.median * 1000, 5)
      object["ratio"] = .rounded(ratio, 3)
    }
    return object
  }

  private func line(_ result: Result, _ copy: Double) -> String {
    let native = result.native.median
    var line = result.name.padded(to: 22) + Self.text(native * 1000, 3).padded(to: 10)
    line += Self.text(result.native.percentile(0.99) * 1000, 3).padded(to: 10)
    line += Self.text(Double(result.pixels) / native / 1e6, 0).padded(to: 10)
    line += Self.text(Double(result.bytes) / native / 1e9, 1).padded(to: 8)
    line += (Self.text(100 * share(result, copy), 0) + " %").padded(to: 9)
    if let openCV = result.openCV, let ratio = result.ratio {
      line += Self.text(openCV.median * 1000, 3).padded(to: 11)
      line += Self.text(ratio, 2)
    }
    return line
  }

  /// A number with that many decimals.
  private static func text(_ value: Double, _ digits: Int) -> String {
    JSON.rounded(value, digits).text
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
