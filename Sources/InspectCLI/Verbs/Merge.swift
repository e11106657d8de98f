import Configuration
import ImageFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The files of a batch that was cut into shards.
enum Shards {
  static func name(_ index: Int, of count: Int) -> String { "part-\(index)-of-\(count).jsonl" }

  /// The index and the count that a name says.
  static func numbers(_ name: String) -> (index: Int, count: Int)? {
    let words = name.split(separator: "-")
    guard words.count == 4, words[0] == "part", words[2] == "of", words[3].hasSuffix(".jsonl"),
      let index = Int(words[1]), let count = Int(words[3].dropLast(".jsonl".count))
    else { return nil }
    return (index, count)
  }
}

let mergeVerb = Verb(
  "merge", "join the shards of a batch in the order of the paths", operands: "DIR", count: 1...1,
  options: [Parameter("output", .path, short: "o", "where the joined records go")],
  example: "inspect merge shards -o merged.jsonl",
  details: "A shard that is missing, there twice or of another recipe is named; nothing is written, exit status 1.",
  run: { call in
    let folder = call.operands[0]
    let names = try listFolder(folder)
    let found = names.compactMap { name in Shards.numbers(name).map { (name: name, numbers: $0) } }
    guard let count = found.map(\.numbers.count).max() else {
      throw CommandError(.no, "no shards", at: folder, advice: "They are named part-0-of-N.jsonl")
    }
    if let odd = found.first(where: { $0.numbers.count != count }) {
      throw CommandError(
        .no, "shards of two batches", at: folder, why: "\(odd.name) is not one of \(count)")
    }
    let missing = (0..<count).filter { i in !found.contains { $0.numbers.index == i } }
    guard missing.isEmpty else {
      let list = missing.map { Shards.name($0, of: count) }.joined(separator: ", ")
      throw CommandError(.no, "missing shards", at: folder, why: list)
    }
    var lines: [(image: String, line: String)] = []
    var first: (shard: String, hashes: [String?])?
    for shard in found {
      for line in try readLines(folder + "/" + shard.name) {
        guard case .object(let record)? = try? JSONParser.parse(line, as: .json).json,
          let image = record["image"]?.string
        else { throw CommandError(.no, "not a record", at: folder + "/" + shard.name) }
        let hashes = ["recipe_hash", "model_hash"].map { record[$0]?.string }
        if let first, first.hashes != hashes {
          throw CommandError(
            .no, "shards of two recipes or models", at: folder, why: "\(first.shard) and \(shard.name)",
            advice: "Run one of them again")
        }
        first = first ?? (shard.name, hashes)
        lines.append((image, line))
      }
    }
    lines.sort { $0.image.utf8.lexicographicallyPrecedes($1.image.utf8) }
    for (a, b) in zip(lines, lines.dropFirst()) where a.image == b.image {
      throw CommandError(.no, "a picture stands in two shards", at: folder, why: a.image)
    }
    try writeText(lines.map { $0.line + "\n" }.joined(), to: call.values.text("output"))
    return .done
  })

private func listFolder(_ folder: String) throws -> [String] {
  guard let handle = opendir(folder) else {
    throw CommandError(
      .inputs, "cannot read the folder", at: folder, why: String(cString: strerror(errno)))
  }
  defer { closedir(handle) }
  var names: [String] = []
  while let entry = readdir(handle) {
    names.append(
      withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      })
  }
  return names.sorted()
}
