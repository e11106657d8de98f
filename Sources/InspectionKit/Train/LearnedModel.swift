import Configuration
import Hashing

/// What a recipe's tools learned from pictures, in one file: a line of JSON that says what it is and
/// where it comes from, the tools' numbers as little-endian bytes, and a SHA-256 of all before it.
public struct LearnedModel: Sendable, Equatable {
  /// What one tool learned.
  public struct Part: Sendable, Equatable {
    /// The tool's name in the recipe.
    public let tool: String
    public let bytes: [UInt8]
  }

  /// A picture that was learned from: its path below the folder, and the hash of its pixels.
  public struct Source: Sendable, Equatable {
    public let name: String
    public let hash: String
    public let isGood: Bool
  }

  static let version = 1
  private static let magic = "inspect-model"
  private static let digestLength = 64

  public let recipe: String
  public let recipeHash: String
  public let sources: [Source]
  public let parts: [Part]

  /// The file's contents: the same for the same model, byte for byte.
  public var bytes: [UInt8] {
    let header = JSON.object([
      "format": .string(Self.magic), "version": .integer(Self.version),
      "recipe": .string(recipe), "recipe_hash": .string(recipeHash),
      "images": .array(
        sources.map {
          .object(["image": .string($0.name), "hash": .string($0.hash), "good": .bool($0.isGood)])
        }),
      "tools": .array(
        parts.map { .object(["name": .string($0.tool), "bytes": .integer($0.bytes.count)]) }),
    ])
    let body = Array(header.text.utf8) + [0x0a] + parts.flatMap(\.bytes)
    return body + Array(Digest.hex(body).utf8)
  }

  /// The hash that records name the model by.
  public var hash: String { Digest.hex(bytes) }

  init(recipe: String, recipeHash: String, sources: [Source], parts: [Part]) {
    self.recipe = recipe
    self.recipeHash = recipeHash
    self.sources = sources
    self.parts = parts
  }

  public init(_ bytes: [UInt8]) throws(ModelError) {
    guard bytes.starts(with: Array("{\"format\":\"\(Self.magic)\"".utf8)),
      let end = bytes.firstIndex(of: 0x0a)
    else { throw .notAModel }
    let body = Array(bytes.dropLast(Self.digestLength))
    guard bytes.count > Self.digestLength,
      Array(Digest.hex(body).utf8) == Array(bytes.suffix(Self.digestLength))
    else { throw .damaged("its checksum is wrong") }
    guard case .object(let header)? = try? JSONParser.parse(Array(bytes[..<end]), as: .json).json
    else { throw .damaged("its first line") }
    guard header["version"]?.integer == Self.version else {
      throw .version(header["version"]?.integer ?? 0)
    }
    guard let recipe = header["recipe"]?.string, let recipeHash = header["recipe_hash"]?.string,
      case .array(let images)? = header["images"], case .array(let tools)? = header["tools"]
    else { throw .damaged("its first line") }
    self.recipe = recipe
    self.recipeHash = recipeHash
    sources = images.compactMap {
      guard let name = $0["image"]?.string, let hash = $0["hash"]?.string else { return nil }
      return Source(name: name, hash: hash, isGood: $0["good"] == .bool(true))
    }
    var parts: [Part] = []
    var place = end + 1
    for tool in tools {
      guard let name = tool["name"]?.string, let count = tool["bytes"]?.integer, count >= 0,
        count <= body.count - place
      else { throw .damaged("its parts") }
      parts.append(Part(tool: name, bytes: Array(body[place..<place + count])))
      place += count
    }
    self.parts = parts
  }

  func part(of tool: String) -> Part? { parts.first { $0.tool == tool } }
}

extension Digest {
  fileprivate static func hex(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { hex($0) } }
}

/// Why a file is not a model that can be used.
public enum ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  case notAModel
  case version(Int)
  case damaged(String)
  case otherRecipe

  public var description: String {
    switch self {
    case .notAModel: "this is not a model of 'inspect train'"
    case .version(let version): "it has version \(version), this program reads \(LearnedModel.version)"
    case .damaged(let place): "it is damaged: \(place)"
    case .otherRecipe: "it was made for another recipe, or the recipe was changed since"
    }
  }
}

/// Writes a tool's numbers, little-endian, lists with their length before them.
struct ModelWriter {
  private(set) var bytes: [UInt8] = []

  mutating func whole(_ value: Int) {
    withUnsafeBytes(of: UInt32(value).littleEndian) { bytes += $0 }
  }

  mutating func float(_ value: Float) {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func floats(_ values: [Float]) {
    whole(values.count)
    for value in values { float(value) }
  }

  mutating func octets(_ values: [UInt8]) {
    whole(values.count)
    bytes += values
  }

  mutating func text(_ text: String) { octets(Array(text.utf8)) }
}

/// Reads what `ModelWriter` wrote.
struct ModelReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func word() throws(ModelError) -> UInt32 {
    guard place + 4 <= bytes.count else { throw .damaged("it ends early") }
    defer { place += 4 }
    return (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
  }

  mutating func whole() throws(ModelError) -> Int { Int(try word()) }
  mutating func float() throws(ModelError) -> Float { Float(bitPattern: try word()) }

  mutating func floats() throws(ModelError) -> [Float] {
    let count = try whole()
    guard count <= (bytes.count - place) / 4 else { throw .damaged("it ends early") }
    var values: [Float] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try float()) }
    return values
  }

  mutating func octets() throws(ModelError) -> [UInt8] {
    let count = try whole()
    guard count <= bytes.count - place else { throw .damaged("it ends early") }
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  mutating func text() throws(ModelError) -> String { String(decoding: try octets(), as: UTF8.self) }
}
