import Foundation
import FuzzProperties
import Testing

/// Mutants of the corpus, the same ones in every run. `./run fuzz` looks further.
@Suite struct MutationTests {
  /// A generator of its own, so that a seed gives the same mutants on every machine.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  private static func corpus(_ name: String) -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fuzz/Corpus/\(name)")
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil))
      ?? []
    return files.sorted { $0.path < $1.path }.compactMap {
      (try? Data(contentsOf: $0)).map { Array($0) }
    }
  }
  private static let recipes = corpus("recipes")
  private static let pictures = corpus("pictures")

  private static let words = [
    "{", "}", "[", "]", ",", ":", "'", "\"", "\\", "\\u", "\n", "//", "/*", "*/", "-", ".", "1e999",
    "null",
    "(", ")", " and ", " not ", "é", "\u{0}", "\u{feff}", "tool", "name", "99999999999999999999",
  ].map { Array($0.utf8) }

  private func mutant(of corpus: [[UInt8]], _ random: inout Generator) -> [UInt8] {
    var text = corpus.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...6, using: &random) where !text.isEmpty {
      let place = Int.random(in: 0..<text.count, using: &random)
      let end = min(text.count, place + Int.random(in: 1...20, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: text[place] = UInt8.random(in: 0...255, using: &random)
      case 1: text.removeSubrange(place..<end)
      case 2: text.insert(contentsOf: Self.words.randomElement(using: &random)!, at: place)
      case 3:
        text.insert(
          contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &random))
      case 4: text.removeSubrange(place...)
      default:
        let other = corpus.randomElement(using: &random)!
        text.replaceSubrange(place..., with: other[min(place, other.count)...])
      }
    }
    return text
  }

  @Test func theCorpusIsHereAndRight() {
    #expect(Self.recipes.count >= 10 && Self.pictures.count >= 10)
    for text in Self.recipes { RecipeProperties.check(text) }
    for bytes in Self.pictures { bytes.withUnsafeBytes(PictureProperties.check) }
  }

  /// A violation ends the program; the seed stands in the last test that had begun.
  @Test(arguments: [1, 2, 3, 4]) func mutantsAreAnsweredAndNeverACrash(seed: UInt64) {
    var random = Generator(state: seed)
    for _ in 0..<2500 { RecipeProperties.check(mutant(of: Self.recipes, &random)) }
    for _ in 0..<1000 {
      mutant(of: Self.pictures, &random).withUnsafeBytes(PictureProperties.check)
    }
  }
}
