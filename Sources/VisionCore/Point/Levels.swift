import Configuration
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Stretches the levels so that every one occurs about as often: out = 255 * (share of pixels up to
/// this level, those of the least level left out).
public struct Equalize: LevelMap {
  public init() {}
  static let need = LevelFacts.Need.counts

  public static let descriptor = OperatorDescriptor(
    name: "equalize", summary: "stretch the levels so that each occurs about as often",
    parameters: [], formats: [.u8], tolerance: .exact, conformanceCases: [""],
    benchmarkCases: [BenchmarkCase("equalize", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  func newLevels(_ facts: LevelFacts, _ store: (Int, Double) -> Void) {
    let counts = facts.counts
    let first = counts.firstIndex { $0 > 0 } ?? 0
    let total = counts.reduce(0) { $0 + Int($1) }
    let rest = total - Int(counts[first])
    // In single precision, as OpenCV does: the last bit decides how halves are rounded.
    let scale = rest > 0 ? Float(facts.top) / Float(rest) : 0
    var sum = 0
    for level in 0...facts.top {
      if level > first { sum += Int(counts[level]) }
      store(level, rest > 0 ? Double(Float(sum) * scale) : Double(first))
    }
  }
}

/// Stretches the levels so that the least becomes `low` and the greatest `high`.
public struct Normalize: LevelMap {
  public var low: Double
  /// The pixel's greatest level where nil.
  public var high: Double?

  public init(low: Double = 0, high: Double? = nil) {
    self.low = low
    self.high = high
  }

  static let need = LevelFacts.Need.range

  public static let descriptor = OperatorDescriptor(
    name: "normalize", summary: "stretch the levels from the least to the greatest to a range",
    parameters: [
      Parameter("low", .real(-65535...65535), default: 0, "what the least level becomes"),
      Parameter(
        "high", .real(-65535...65535), optional: true,
        "what the greatest level becomes; white where left out"),
    ],
    formats: [.u8, .u16], tolerance: .levels(1),
    conformanceCases: ["", "--low 10 --high 200", "--low 200 --high 10"],
    benchmarkCases: [BenchmarkCase("normalize", "")])

  public init(_ values: ParameterValues) {
    self.init(low: values.real("low"), high: values.has("high") ? values.real("high") : nil)
  }

  /// As OpenCV's NORM_MINMAX, which takes the ends in either order. -1 stands for white.
  public var openCVParameters: [Double] {
    high.map { [min(low, $0), max(low, $0), 1] } ?? [low, 0, 0]
  }

  func newLevels(_ facts: LevelFacts, _ store: (Int, Double) -> Void) {
    let end = high ?? Double(facts.top)
    let bottom = min(low, end), range = max(low, end) - bottom
    let spread = Double(facts.greatest - facts.least)
    let scale = spread > 0 ? range / spread : 0
    for level in 0...facts.top { store(level, bottom + Double(level - facts.least) * scale) }
  }
}

/// out = top * (in / top) ^ gamma: brighter shadows where gamma is below 1.
public struct Gamma: LevelMap {
  public var gamma: Double

  public init(_ gamma: Double) {
    precondition(gamma > 0, "a gamma of \(gamma)")
    self.gamma = gamma
  }

  public static let descriptor = OperatorDescriptor(
    name: "gamma", summary: "levels to a power: below 1 the shadows get brighter",
    parameters: [Parameter("gamma", .real(0.01...100), "the exponent")],
    formats: [.u8, .u16], tolerance: .levels(1),
    conformanceCases: ["--gamma 0.5", "--gamma 2.2", "--gamma 1"],
    benchmarkCases: [BenchmarkCase("gamma-2.2", "--gamma 2.2")])

  public init(_ values: ParameterValues) { self.init(values.real("gamma")) }
  public var openCVParameters: [Double] { [gamma] }

  func newLevels(_ facts: LevelFacts, _ store: (Int, Double) -> Void) {
    let top = Double(facts.top)
    for level in 0...facts.top { store(level, top * pow(Double(level) / top, gamma)) }
  }
}

/// A new level for every level, from a table.
public struct LookUp: LevelMap {
  public let table: [UInt8]

  public init(table: [UInt8]) {
    precondition(table.count == 256, "a table of \(table.count) levels")
    self.table = table
  }

  public static let descriptor = OperatorDescriptor(
    name: "lut", summary: "a new level for every level, from a table",
    parameters: [
      Parameter("table", .path, optional: true, "256 whole numbers from 0 to 255, any space between"),
      Parameter("values", .numbers(256...256), optional: true, "the numbers themselves"),
    ],
    formats: [.u8], tolerance: .exact,
    conformanceCases: [
      "--values " + (0..<256).map { String($0 * 37 % 256) }.joined(separator: ",")
    ],
    benchmarkCases: [
      BenchmarkCase("lut", "--values " + (0..<256).map { String(255 - $0) }.joined(separator: ","))
    ])

  public init(_ values: ParameterValues) throws(ParameterError) {
    guard values.has("table") != values.has("values") else {
      throw ParameterError("give --table FILE or --values")
    }
    let numbers: [Double]
    if values.has("table") {
      let path = values.text("table")
      let words = try Self.words(path)
      numbers = words.compactMap { Int($0).map(Double.init) }
      guard words.count == 256, numbers.count == 256 else {
        throw ParameterError(
          "the table '\(path)' holds \(numbers.count) whole numbers among \(words.count) words, not 256")
      }
    } else {
      numbers = values.numbers("values")
    }
    if let odd = numbers.first(where: { !(0...255).contains($0) || $0 != $0.rounded() }) {
      throw ParameterError("\(odd) in the table is not a whole number from 0 to 255")
    }
    self.init(table: numbers.map { UInt8($0) })
  }

  private static func words(_ path: String) throws(ParameterError) -> [Substring] {
    try ParameterFile.text(path, "table")
      .split { $0.isWhitespace || $0 == "," || $0 == ";" || $0 == "[" || $0 == "]" }
  }

  public var openCVParameters: [Double] { table.map(Double.init) }

  func newLevels(_ facts: LevelFacts, _ store: (Int, Double) -> Void) {
    for level in 0...facts.top { store(level, Double(table[level])) }
  }
}
